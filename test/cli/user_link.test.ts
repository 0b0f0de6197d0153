/** Links of the operator: a new person chooses a password, and one who is locked out gets back in. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { createAuthorizationServer } from "../../src/authorization_server.ts";
import { silentLog } from "../../src/context.ts";
import { sampleTotp } from "../../src/store/conformance/samples.ts";
import { testBrowser } from "../support/browser.ts";
import { assertRefused, PASSWORD, workplace } from "./cli.ts";

const place = workplace();
after(() => place.remove());
const NEW = "a fresh and long password";

/** The server of this folder, as `valetkey start` would open it. */
async function open() {
  const database = `sqlite:${join(place.folder, "valetkey.sqlite")}`;
  const server = createAuthorizationServer({ database }, { log: silentLog });
  await server.ready;
  return server;
}
async function linkFrom(...args: string[]): Promise<{ sub: string; path: string }> {
  const { code, stdout, stderr } = await place.run(["user", ...args, "--json"]);
  assert.equal(code, 0, stderr);
  const { sub, link } = JSON.parse(stdout);
  return { sub, path: link.replace("http://localhost:4000", "") };
}

test("an invited person opens the link, chooses a password, and is signed in; the link works once", async () => {
  const { path } = await linkFrom("invite", "--username", "ben", "--email", "ben@example.com");
  const server = await open();
  const browser = testBrowser(server);
  const page = await browser.get(path);
  assert.match(page.html, /Your way in to/);
  assert.match(page.html, /ben/);
  await browser.get(path);
  const choose = await browser.submit(page, {}, "/sign-in/link");
  assert.equal(choose.url.pathname, "/reset/password");
  const review = await browser.submit(choose, { new_password: NEW }, "/reset/password");
  assert.equal(review.url.pathname, "/review");
  const stranger = testBrowser(server);
  const late = await stranger.get(path);
  assert.equal(late.status, 410);
  assert.match(late.html, /does not work, or not any more/);
  const other = testBrowser(server);
  const signed_in = await other.signIn(await other.get("/sign-in"), "ben@example.com", NEW);
  assert.equal(signed_in.url.pathname, "/account");
  await server.close();
});

test("a link still asks for the second factor; --without-factors removes it, and is audited", async () => {
  const input = `${PASSWORD}\n`;
  const added = ["user", "add", "--username", "ada", "--admin", "--password-stdin"];
  assert.equal((await place.run(added, { input })).code, 0);
  const first = await linkFrom("link", "ada");
  const server = await open();
  const { store } = server.server;
  const totp = { ...sampleTotp(), sub: first.sub };
  const { version } = await store.loadFactors(first.sub);
  await store.changeFactors({ sub: first.sub, version }, { add_totps: [totp] });
  const ended = await testBrowser(server).get(first.path);
  assert.equal(ended.status, 410, "a new factor ends a link");
  const second = await linkFrom("link", "ada");
  const browser = testBrowser(server);
  const page = await browser.get(second.path);
  const asked = await browser.submit(page, {}, "/sign-in/link");
  assert.equal(asked.url.pathname, "/sign-in/second");
  const third = await linkFrom("link", "ada", "--without-factors");
  assert.equal((await store.loadFactors(first.sub)).totps.length, 0);
  const other = testBrowser(server);
  const choose = await other.submit(await other.get(third.path), {}, "/sign-in/link");
  const in_again = await other.submit(choose, { new_password: NEW }, "/reset/password");
  assert.equal(in_again.url.pathname, "/review");
  const events = await store.listAudit({ sub: first.sub, limit: 50 });
  const names = events.map(({ event }) => event);
  assert.ok(names.includes("user_link_made") && names.includes("factor_removed"));
  await server.close();
});

test("one of 50 uses of a link at once gets in", async () => {
  const { path } = await linkFrom("invite", "--username", "cleo");
  const server = await open();
  const browser = testBrowser(server);
  const page = await browser.get(path);
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => browser.submit(page, {}, "/sign-in/link")),
  );
  assert.equal(answers.filter(({ url }) => url.pathname === "/reset/password").length, 1);
  assert.equal(answers.filter(({ status }) => status === 410).length, 49);
  await server.close();
});

test("names that are taken, unknown or disabled are reported", async () => {
  const taken = await place.run(["user", "invite", "--username", "ada"]);
  assertRefused(taken, 1, /somebody's already/);
  assertRefused(await place.run(["user", "link", "nobody"]), 1, /there is no user nobody/);
  assert.equal((await place.run(["user", "disable", "ada"])).code, 0);
  assertRefused(await place.run(["user", "link", "ada"]), 1, /ada is disabled/);
});
