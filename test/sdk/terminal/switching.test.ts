/** A sign-in that goes on another way, or ends another way than it seemed to. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { lastSession } from "../../../src/sdk/client/terminal/command.ts";
import { openSession, signIn } from "../../../src/sdk/client/terminal/terminal.ts";
import { demoBrowser } from "../../support/demo_browser.ts";
import { failure } from "../failure.ts";
import { ADDRESS, endsAt, isClosed } from "./address.ts";
import {
  APP,
  AT_A_DESK,
  fileOf,
  folderOf,
  fullDisk,
  OVER_SSH,
  storageIn,
  stored,
  until,
} from "./scene.ts";
import { scene } from "./signing.ts";

const LAST_ADDRESS = /^ {2}(http\S+redirect_uri\S+)$(?![\s\S]*redirect_uri)/m;

test("`b` goes on with a browser, whose address is pasted; `d` goes back to a code", async (t) => {
  const { ui, options, issuer } = await scene(t, OVER_SSH);
  const signing = signIn(options);
  await ui.sees(/enter the code/);
  ui.types("nothing that is known");
  ui.types("b");
  const [, first = ""] = await ui.sees(/^ {2}(http\S+redirect_uri\S+)$/m);
  ui.types("d");
  await ui.sees(/(?:enter the code[\s\S]*){2}/);
  assert.ok(await isClosed(first));
  ui.types("B");
  await ui.sees(/(?:redirect_uri[\s\S]*){2}/);
  const [, second = ""] = await ui.sees(LAST_ADDRESS);
  assert.notEqual(second, first);
  const requests = issuer.requests.length;
  ui.types(await endsAt(second));
  assert.equal((await signing).account, "ada@example.com");
  const tokens = issuer.requests.slice(requests).filter(({ path }) => path === "/token");
  assert.equal(tokens.length, 1, "nobody asks for the code any more");
});

test("where the app allows a code only, there is no question", async (t) => {
  const { ui, options } = await scene(t, OVER_SSH);
  const signing = signIn({ ...options, ways: ["device"] });
  await ui.sees(/enter the code/);
  assert.ok(!ui.isAsked());
  assert.equal((await signing).account, "ada@example.com");
});

test("paste: a callback of another issuer is refused as in loopback", async (t) => {
  const { issuer, ui, options } = await scene(t, OVER_SSH);
  const signing = signIn({ ...options, ways: ["paste"] });
  const refused = assert.rejects(signing, failure("issuer_mismatch", /"https:\/\/evil\.test"/));
  const [, address = ""] = await ui.sees(ADDRESS);
  const callback = new URL(await endsAt(address));
  callback.searchParams.set("iss", "https://evil.test");
  ui.types(callback.href);
  await refused;
  assert.ok(!issuer.requests.some(({ path }) => path === "/token"));
});

test("paste: a code of another sign-in is refused by its verifier (PKCE)", async (t) => {
  const { ui, options, home } = await scene(t, OVER_SSH);
  const begin = async () => {
    const before = ui.lines.length;
    const signing = signIn({ ...options, ways: ["paste"], account: `${before}` });
    await until(() => /redirect_uri/.test(ui.lines.slice(before).join("\n")), "no address");
    const [, address = ""] = ADDRESS.exec(ui.lines.slice(before).join("\n")) ?? [];
    return { signing, callback: new URL(await endsAt(address)) };
  };
  const other = await begin();
  const mine = await begin();
  const refused = assert.rejects(mine.signing, failure("login_expired", /invalid_grant/));
  // Her own state, with a code that somebody else has begun.
  mine.callback.searchParams.set("code", other.callback.searchParams.get("code") ?? "");
  await fetch(mine.callback);
  await refused;
  assert.ok(!existsSync(fileOf(home)));
  await fetch(other.callback);
  await other.signing;
});

test("an app that was told that it is over finds no session later", async (t) => {
  const { issuer, ui, options } = await scene(t, AT_A_DESK);
  const stop = new AbortController();
  const signing = signIn({ ...options, signal: stop.signal });
  const [, address = ""] = await ui.sees(ADDRESS);
  const callback = await endsAt(address);
  issuer.fault.slow(700);
  fetch(callback).catch(() => {});
  const isAsked = (what: string): boolean => issuer.requests.some(({ path }) => path === what);
  await until(() => isAsked("/token"), "the code was not sent");
  stop.abort();
  await assert.rejects(signing, failure("cancelled", /was stopped/));
  await until(() => isAsked("/userinfo"), "there were no tokens");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(await openSession(options), null);
});

test("a timeout may be as long as one likes", async (t) => {
  const { ui, options } = await scene(t, AT_A_DESK);
  const signing = signIn({ ...options, timeout: Number.POSITIVE_INFINITY });
  const [, address = ""] = await ui.sees(ADDRESS);
  await demoBrowser().get(address);
  assert.equal((await signing).account, "ada@example.com");
});

test("a file of sessions that is none is known before anybody signs in", async (t) => {
  const { home, ui, options, issuer } = await scene(t, AT_A_DESK);
  await storageIn(home).prepare(() => {});
  writeFileSync(fileOf(home), "not sessions");
  await assert.rejects(signIn(options), failure("storage_unreadable", /not a file of sessions/));
  assert.deepEqual(ui.lines, []);
  assert.ok(!issuer.requests.some(({ path }) => path === "/authorize"));
});

test("a disk that is full is known before anybody signs in", async (t) => {
  const { home, ui, options } = await scene(t, AT_A_DESK);
  await storageIn(home).prepare(() => {});
  const disk = await fullDisk(t, home);
  await assert.rejects(
    signIn(options),
    failure("storage_unreadable", /\(ENOSPC\).*free some space/, { retryable: true }),
  );
  assert.deepEqual([ui.lines, readdirSync(folderOf(home))], [[], []]);
  disk.restore();
  const signing = signIn(options);
  const [, address = ""] = await ui.sees(ADDRESS);
  await demoBrowser().get(address);
  assert.equal((await signing).account, "ada@example.com");
});

test("a person's name is no command of the terminal", async (t) => {
  const claims = { name: "Eve", email: "eve\u001b]0;x\u0007@example.com", email_verified: true };
  const { ui, options } = await scene(t, AT_A_DESK, { users: [{ username: "eve", claims }] });
  const signing = signIn(options);
  const [, address = ""] = await ui.sees(ADDRESS);
  await demoBrowser().get(address);
  assert.equal((await signing).account, "eve]0;x@example.com");
  for (const control of ["\u001b", "\u0007"]) assert.ok(!ui.lines.join("").includes(control));
});

test("a session that has ended is not replaced by another account, and tells where to sign in", async (t) => {
  const { home, options } = await scene(t, AT_A_DESK);
  const { issuer } = options;
  const add = (account: string, more = {}) =>
    storageIn(home).change((writing) =>
      writing.add({ ...stored(issuer, "1"), name: `${issuer} app ${account}`, ...more }),
    );
  await add("ada");
  await add("work");
  await add("grace", { ended_at: Math.floor(Date.now() / 1000) });
  assert.equal(await openSession(options), null);
  assert.equal((await openSession({ ...options, account: "ada" }))?.account, "ada");
  assert.deepEqual(await lastSession(APP), { issuer, clientId: "app" });
  // Signed out, and not ended.
  await storageIn(home).change(async (writing) => {
    const grace = await writing.read(`${issuer} app grace`);
    assert.ok(grace && (await writing.remove(grace)));
  });
  assert.equal(await openSession(options), null);
  await add("ada");
  assert.equal((await openSession(options))?.account, "ada");
});
