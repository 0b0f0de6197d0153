/** `npm run example -- spa`: Ada signs in to a single-page app in Chromium, on the pages of a real issuer. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { ensureChromium, launchBrowser } from "../browser/chromium.ts";
import {
  checkDependencies,
  checkEnd,
  checkTypes,
  examplePort,
  startExample,
} from "../support/example.ts";

const [PORT, API_PORT] = [await examplePort(), await examplePort()];
const origin = `http://localhost:${PORT}`;
const example = await startExample("spa", { env: { PORT, API_PORT }, until: "password " });
after(() => example.stop());
const [, password = ""] = /password (.+)\n/.exec(example.output) ?? [];

ensureChromium();
const browser = await launchBrowser();
after(() => browser.close());
const context = await browser.newContext();
context.setDefaultTimeout(20_000);
/** What the browser says that went wrong. */
const complaints: string[] = [];
context.on("console", (said) => {
  if (["error", "warning"].includes(said.type())) complaints.push(said.text());
});
context.on("weberror", (thrown) => complaints.push(String(thrown.error())));

test("it is a project of its own that has the packed package", () => {
  checkDependencies(example, "spa", ["vite"]);
  checkTypes(example);
});

test("it is built without a module of Node", () => {
  const args = ["node_modules/vite/bin/vite.js", "build"];
  const built = spawnSync(process.execPath, args, { cwd: example.folder, encoding: "utf8" });
  assert.equal(built.status, 0, built.stderr);
  assert.equal(built.stderr, "");
  assert.match(built.stdout, /assets\/index-.+\.js/);
});

test("Ada signs in, reads and adds notes in two tabs, and signs out in both", async () => {
  const first = await context.newPage();
  await first.goto(origin);
  await signIn(first);
  await first.getByText("Read and write your notes").waitFor();
  await button(first, "Don’t allow").click();
  await first.getByRole("alert").getByText("You have not signed in.").waitFor();

  await button(first, "Sign in").click();
  await button(first, "Allow").click();
  await first.getByText("Ada Lovelace").waitFor();
  assert.equal(first.url(), `${origin}/`);
  assert.equal(await first.getByRole("alert").count(), 0);
  await first.getByText("No notes yet.").waitFor();
  await addNote(first, "Buy brass gears");
  await sees(first, "Buy brass gears");

  const second = await context.newPage();
  const visited = addressesOf(second);
  await second.goto(origin);
  await sees(second, "Buy brass gears");
  await addNote(second, "<b>Oil</b> the engine");
  await sees(second, "<b>Oil</b> the engine", "Buy brass gears");
  await first.reload();
  await sees(first, "<b>Oil</b> the engine", "Buy brass gears");
  assert.deepEqual(visited, [`${origin}/`]);

  const left = second.waitForEvent("framenavigated");
  await button(second, "Sign out").click();
  await button(first, "Sign in").waitFor();
  await left;
  await signIn(second);
  await button(second, "Allow").click();
  for (const tab of [second, first]) await sees(tab, "<b>Oil</b> the engine", "Buy brass gears");

  // As the README says of localhost.
  await first.close();
  await second.reload();
  await button(second, "Sign in").waitFor();
  assert.equal(second.url(), `${origin}/`);
  assert.deepEqual(complaints, []);
});

test("it ends when it is told to", () => checkEnd(example));

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** Up to the question whether the app may. */
async function signIn(page: Page): Promise<void> {
  await button(page, "Sign in").click();
  await page.getByLabel("Username").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await button(page, "Sign in").click();
}

async function addNote(page: Page, text: string): Promise<void> {
  await page.getByLabel("New note").fill(text);
  await page.getByLabel("New note").press("Enter");
}

/** These notes and no others, the last one first. */
async function sees(page: Page, ...notes: string[]): Promise<void> {
  await page
    .getByRole("listitem")
    .getByText(notes[0] ?? "", { exact: true })
    .waitFor();
  assert.deepEqual(await page.getByRole("listitem").allTextContents(), notes);
}

/** Pages that are visited from now on. */
function addressesOf(page: Page): string[] {
  const visited: string[] = [];
  page.on("framenavigated", (frame) => visited.push(frame.url()));
  return visited;
}
