/** `npm run example -- web-app`: Ada signs in, sees her profile and signs out, on the pages of a real issuer. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { demoBrowser } from "../support/demo_browser.ts";
import {
  checkDependencies,
  checkEnd,
  checkTypes,
  examplePort,
  startExample,
} from "../support/example.ts";

const PORT = await examplePort();
const origin = `http://localhost:${PORT}`;
const example = await startExample("web-app", { env: { PORT }, until: "password " });
after(() => example.stop());
const [, password = ""] = /password (.+)\n/.exec(example.output) ?? [];
const browser = demoBrowser();

test("it is a project of its own that has the packed package", () => {
  checkDependencies(example, "web-app");
  checkTypes(example);
});

test("a profile asks Ada to sign in, and comes back to it", async () => {
  assert.match((await browser.get(`${origin}/`)).html, /href="\/auth\/login"/);
  const page = await browser.get(`${origin}/profile`);
  assert.notEqual(page.url.origin, origin);
  const consent = await browser.submit(page, "/sign-in", { username: "ada", password });
  assert.match(consent.text, /Web app/);
  const profile = await browser.submit(consent, "/consent", { decision: "allow" });
  assert.equal(profile.url.href, `${origin}/profile`);
  const { user, told } = JSON.parse(profile.html);
  assert.deepEqual([user.name, user.id], ["Ada Lovelace", told.sub]);
  assert.equal(told.email, user.email);
});

test("another browser is not signed in", async () => {
  const other = await demoBrowser().get(`${origin}/profile`);
  assert.notEqual(other.url.origin, origin);
});

test("Ada signs out, in the app and at the issuer", async () => {
  const front = await browser.get(`${origin}/`);
  assert.match(front.text, /Sign out/);
  const out = await browser.submit(front, "/auth/logout");
  assert.equal(out.url.href, `${origin}/`);
  assert.match((await browser.get(`${origin}/`)).html, /href="\/auth\/login"/);
  const again = await browser.get(`${origin}/profile`);
  assert.match(again.html, /name="password"/);
});

test("it ends when it is told to", () => checkEnd(example));
