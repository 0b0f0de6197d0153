/** The command-line tool of the demo: `snaps ls` and `snaps upload`, and what Printly and the walkthrough show of it. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { UnsecuredJWT } from "jose";
import { type Demo, runDemo } from "../../demo/demo.ts";
import { runTool } from "../../demo/snaps/tool.ts";
import { openSession } from "../../src/sdk/client/terminal/terminal.ts";
import { person } from "../sdk/terminal/person.ts";
import { environment, OVER_SSH, stateHome } from "../sdk/terminal/scene.ts";
import { allowOnly } from "../support/browser.ts";
import { type DemoBrowser, demoBrowser, type Visited } from "../support/demo_browser.ts";

const POND = "demo/pictures/assets/pond-1.svg";

interface Scene {
  demo: Demo;
  browser: DemoBrowser;
  /** Runs a command, and agrees to what it asks for. */
  snaps(...args: string[]): Promise<string>;
  /** Signs Ada in. @param scopes those that she leaves ticked; left out: all */
  login(scopes?: string[]): Promise<void>;
}

async function scene(t: TestContext, log = (_text: string): void => {}): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-demo-"));
  const demo = await runDemo({ ports: { server: 0, snaps: 0, printly: 0 }, folder, log });
  t.after(async () => {
    await demo.close();
    rmSync(folder, { recursive: true });
  });
  environment(t, {
    ...{ ...OVER_SSH, XDG_STATE_HOME: stateHome(), SNAPS_TOKEN: undefined },
    ...{ SNAPS_CLIENT_ID: undefined, DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" },
  });
  const browser = demoBrowser();
  const ui = person();
  return {
    ...{ demo, browser },
    snaps: (...args) => runTool(args, { urls: demo.urls, ui }),
    async login(scopes) {
      ui.lines.splice(0);
      const done = runTool(["login"], { urls: demo.urls, ui });
      const [, address, code] = await ui.sees(/^ {2}(http\S+\/device)\n+ {2}([A-Z0-9-]+)$/m);
      const device = await browser.get(address ?? "");
      const page = await browser.submit(device, "/device", { user_code: code ?? "" });
      await agree(demo, browser, page, scopes);
      assert.equal(await done, "Hello Ada Lovelace.");
    },
  };
}

/** Goes through the pages of the server. */
async function agree(
  { account }: Demo,
  browser: DemoBrowser,
  first: Visited,
  scopes?: string[],
): Promise<Visited> {
  let page = first;
  if (page.url.pathname === "/sign-in") {
    const { username, password } = account;
    page = await browser.submit(page, "/sign-in", { username, password: password ?? "" });
  }
  assert.equal(page.url.pathname, "/consent");
  const answer = scopes ? allowOnly(page, ...scopes) : { decision: "allow" };
  return browser.submit(page, "/consent", answer);
}

test("snaps ls and snaps upload: Printly shows the photo, and the walkthrough the requests", async (t) => {
  const { demo, browser, snaps, login } = await scene(t);
  const { urls } = demo;
  await login();
  assert.equal((await snaps("ls")).split("\n").length, 12);
  assert.equal(
    await snaps("upload", POND),
    "Snaps has “pond-1” now, as upload-1. Printly shows it too.",
  );
  const lines = (await snaps("ls")).split("\n");
  assert.equal(lines.length, 13);
  assert.match(lines[0] ?? "", /^\d{4}-\d\d-\d\d {2}pond-1$/);

  // At once, before anybody signs in to Printly.
  const early = await browser.get(`${urls.printly}/walkthrough`);
  assert.match(early.text, /Printly has asked for nothing yet/);
  assert.match(early.html, /id="terminal".*<h3>snaps ls<\/h3>/s);
  assert.doesNotMatch(early.html, /eyJ[\w.%-]{16,}/);

  const asked = await browser.get(`${urls.printly}/auth/login?return_to=/photos`);
  const photos = await agree(demo, browser, asked);
  assert.match(photos.text, /13 photos, straight from Snaps/);
  const picture = await browser.request(new URL(`${urls.printly}/pictures/upload-1.svg`));
  assert.equal(picture.headers.get("content-security-policy"), "default-src 'none'; sandbox");
  assert.equal(await picture.text(), readFileSync(POND, "utf8"));

  await forged(demo);
  const told = await browser.get(`${urls.printly}/walkthrough`);
  const [, terminal = ""] = /id="terminal"(.+)<div class="next">/s.exec(told.html) ?? [];
  const titles = [...terminal.matchAll(/<section><h3>(.+?)<\/h3>/g)].map(([, title]) => title);
  assert.deepEqual(titles, ["snaps ls", "snaps upload", "snaps ls"]);
  assert.equal(told.html.match(/<h1[ >]/g)?.length, 1);
  assert.match(terminal, /<code>POST \/photos<\/code>/);
  assert.doesNotMatch(terminal, /asked before you came/);
  assert.doesNotMatch(terminal, /eyJ[\w.%-]{16,}/);

  assert.equal(await snaps("logout"), "Nobody is signed in now.");
  assert.equal(await snaps(), await snaps("help"));
  await assert.rejects(snaps("lss"), /^Error: lss is no command\n\nsnaps ls/);
  await assert.rejects(snaps("upload"), /upload needs a file/);
});

/** Somebody names Ada in a token of their own: it is no part of her story. */
async function forged({ urls }: Demo): Promise<void> {
  const session = await openSession({ app: "snaps", issuer: urls.server, clientId: "snaps-tool" });
  const { id = "" } = session?.user ?? {};
  const token = new UnsecuredJWT({ client_id: "snaps-tool", sub: id }).encode();
  const headers = { authorization: `Bearer ${token}` };
  const { status } = await fetch(`${urls.snaps}/photos`, { method: "POST", headers, body: "x" });
  assert.equal(status, 401);
}

test("Snaps keeps five uploads of a person, each a drawing of at most 128 kB with a title", async (t) => {
  const { snaps, login } = await scene(t);
  await login();
  const folder = stateHome();
  const upload = (text: string, name = "x.svg") => {
    writeFileSync(join(folder, name), text);
    return snaps("upload", join(folder, name));
  };
  const good = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 2"></svg>';
  for (const bad of ["hello", "<svg></svg>", good.replace("3 2", "0 2"), `<p>${good}</p>`])
    await assert.rejects(upload(bad), /Snaps answered 400: a photo is an SVG/, bad);
  await assert.rejects(upload(good, `${"long".repeat(21)}.svg`), /answered 400/);
  await assert.rejects(upload(good + " ".repeat(131_072)), /up to 128 kB/);
  for (let i = 1; i <= 5; i += 1) assert.match(await upload(good), new RegExp(`upload-${i}\\.`));
  await assert.rejects(upload(good), /Snaps answered 409: this demo keeps no more/);
  assert.equal((await snaps("ls")).split("\n").length, 17);
});

test("--requests: what the tool asks the server and Snaps", async (t) => {
  const { demo, login } = await scene(t);
  await login();
  const { server, snaps } = demo.urls;
  const run = async (...args: string[]): Promise<string[]> => {
    const lines: string[] = [];
    await runTool(args, { urls: demo.urls, onRequest: (line) => lines.push(line) });
    return lines;
  };
  assert.deepEqual(await run("ls"), [`GET ${snaps}/photos 200`]);
  assert.deepEqual(await run("logout"), [
    `GET ${server}/.well-known/openid-configuration 200`,
    `POST ${server}/revoke 200`,
  ]);
});

test("npm start prints the commands, with the port, and docs/demo.md has them", async (t) => {
  environment(t, { npm_lifecycle_event: "start" });
  let said = "";
  const { demo } = await scene(t, (text) => {
    said += text;
  });
  const { port } = new URL(demo.urls.server);
  const commands = [...said.matchAll(/npm run -s snaps -- (.+) --port (\d+)$/gm)];
  const docs = readFileSync("docs/demo.md", "utf8");
  assert.equal(commands.length, 2);
  for (const [, command = "", at] of commands) {
    assert.equal(at, port);
    assert.ok(docs.includes(`\nnpm run -s snaps -- ${command}\n`), command);
  }
});

test("without photos.write, the tool lists photos and uploads none", async (t) => {
  const { demo, snaps, login } = await scene(t);
  await login(["profile", "offline_access", "photos.read"]);
  assert.equal((await snaps("ls")).split("\n").length, 12);
  const { server } = demo.urls;
  const session = await openSession({ app: "snaps", issuer: server, clientId: "snaps-tool" });
  const url = `${demo.urls.snaps}/photos?title=pond`;
  const body = readFileSync(POND, "utf8");
  const token = await session?.token({ resource: `${demo.urls.snaps}/` });
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await fetch(url, { method: "POST", body, headers })).status, 403);
  assert.equal((await fetch(url, { method: "POST", body })).status, 401);
});
