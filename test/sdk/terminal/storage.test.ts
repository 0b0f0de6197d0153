/** The file of sessions: what is in it, who may read it, and what no failure takes away. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { Keychain } from "../../../src/sdk/client/terminal/keychain.ts";
import { memoryStorage } from "../../../src/sdk/client/terminal/memory_storage.ts";
import { stateFolder } from "../../../src/sdk/client/terminal/state_folder.ts";
import { failure } from "../failure.ts";
import { APP, fileOf, folderOf, stateHome, storageIn, stored } from "./scene.ts";

const ISSUER = "https://as.test";
const NAME = `${ISSUER} app ada`;
const nobody = (): never => assert.fail("nothing had to be said");
const contents = (home: string) => JSON.parse(readFileSync(fileOf(home), "utf8"));
const entry = (home: string) => contents(home).sessions[NAME];

function keychain(): Keychain & {
  writes: number;
  fails: string | null;
  delay: number;
  forget(): void;
} {
  let kept: Uint8Array<ArrayBuffer> | null = null;
  const self = {
    ...{ writes: 0, fails: null as string | null, delay: 0 },
    forget() {
      kept = null;
    },
    async read() {
      if (self.fails !== null) throw new Error(self.fails);
      const found = kept;
      await new Promise((resolve) => setTimeout(resolve, self.delay));
      return found;
    },
    async write(key: Uint8Array<ArrayBuffer>) {
      if (self.fails !== null) throw new Error(self.fails);
      self.writes += 1;
      kept = key;
    },
  };
  return self;
}

test("without a keychain, secrets are in a file for one's own eyes, and that is said once", async () => {
  const home = stateHome();
  const none = keychain();
  none.fails = "no such service: org.freedesktop.DBus.Error: /nowhere";
  const storage = storageIn(home, none);
  const said: string[] = [];
  await storage.prepare((line) => said.push(line));
  assert.match(
    said.join(),
    /No keychain here \(no such service\): the session is kept unencrypted in .*sessions\.json/,
  );
  const added = await storage.change(({ add }) => add(stored(ISSUER, "refresh")));
  assert.equal(added?.rev, 1);
  await storage.prepare(nobody);
  assert.deepEqual(await storage.read(NAME), { ...stored(ISSUER, "refresh"), rev: 1 });
  const { at, ...rest } = entry(home);
  assert.ok(Math.abs(at - Date.now() / 1000) < 5);
  assert.deepEqual(
    { ...contents(home), sessions: null },
    {
      ...{ v: 1, key: "none", current: { [`${ISSUER} app`]: NAME }, sessions: null },
    },
  );
  assert.deepEqual(rest, {
    ...{ rev: 1, sub: "1", scope: "openid offline_access" },
    plain: stored(ISSUER, "refresh").secrets,
  });
  assert.equal(await storage.place(), fileOf(home));
});

test("the folder is 0700 and the file 0600, even where they were not", async () => {
  const home = stateHome();
  mkdirSync(folderOf(home), { mode: 0o755 });
  chmodSync(folderOf(home), 0o755);
  const before = process.umask(0);
  await storageIn(home).change(({ add }) => add(stored(ISSUER, "refresh")));
  process.umask(before);
  assert.equal(statSync(folderOf(home)).mode & 0o777, 0o700);
  assert.equal(statSync(fileOf(home)).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folderOf(home)), ["sessions.json"]);
});

test("with a keychain, secrets are sealed with one key, which is written once", async () => {
  const home = stateHome();
  const chain = keychain();
  const storage = storageIn(home, chain);
  for (const token of ["refresh-1", "refresh-2"]) {
    await storage.prepare(nobody);
    await storage.change(({ add }) => add(stored(ISSUER, token)));
  }
  assert.equal(chain.writes, 1);
  const text = readFileSync(fileOf(home), "utf8");
  for (const secret of ["refresh-2", "Ada"]) assert.ok(!text.includes(secret), secret);
  assert.deepEqual([contents(home).key, entry(home).plain], ["keychain", undefined]);
  // Another process, which has to ask for the key.
  const other = storageIn(home, chain);
  assert.equal((await other.read(NAME))?.secrets.refresh_token, "refresh-2");
  assert.match(await other.place(), /sealed with a key in the keychain/);
});

test("two processes that sign in at once make one key", async () => {
  const home = stateHome();
  const chain = keychain();
  // All of them see that there is none.
  chain.delay = 100;
  await Promise.all(
    Array.from({ length: 5 }, async (_, index) => {
      const storage = storageIn(home, chain);
      await storage.prepare(nobody);
      const session = stored(ISSUER, "refresh");
      await storage.change(({ add }) => add({ ...session, name: `${ISSUER} app ${index}` }));
    }),
  );
  assert.equal(chain.writes, 1);
  const storage = storageIn(home, chain);
  for (const { name } of await storage.list())
    assert.equal((await storage.read(name))?.secrets.refresh_token, "refresh");
});

test("a keychain that fails later is an error, and nothing is lost", async () => {
  const home = stateHome();
  const chain = keychain();
  const first = storageIn(home, chain);
  await first.prepare(nobody);
  await first.change(({ add }) => add(stored(ISSUER, "refresh")));
  const before = readFileSync(fileOf(home), "utf8");
  chain.fails = "the keychain is locked";
  const later = storageIn(home, chain);
  const locked = failure("keychain_unavailable", /the keychain is locked.*unlock/, {
    retryable: true,
  });
  await assert.rejects(later.read(NAME), locked);
  await assert.rejects(later.prepare(nobody), locked);
  await assert.rejects(
    storageIn(home).read(NAME),
    failure("keychain_unavailable", /storage is not auto/),
  );
  assert.equal(readFileSync(fileOf(home), "utf8"), before);
  chain.fails = null;
  assert.equal((await later.read(NAME))?.secrets.refresh_token, "refresh");
});

test("a key that is gone: the old session is not readable, a new one is", async () => {
  const home = stateHome();
  const chain = keychain();
  const first = storageIn(home, chain);
  await first.prepare(nobody);
  await first.change(({ add }) => add(stored(ISSUER, "refresh")));
  chain.forget();
  const later = storageIn(home, chain);
  await assert.rejects(
    later.read(NAME),
    failure("keychain_unavailable", /the key is gone.*sign in again/),
  );
  await later.prepare(nobody);
  await assert.rejects(
    later.read(NAME),
    failure("storage_unreadable", /sealed with a key that is gone.*sign in again/),
  );
  await later.change(({ add }) => add(stored(ISSUER, "another")));
  assert.equal((await later.read(NAME))?.secrets.refresh_token, "another");
});

test("a sealed secret opens under its own name only, and unaltered", async () => {
  const home = stateHome();
  const chain = keychain();
  const storage = storageIn(home, chain);
  await storage.prepare(nobody);
  await storage.change(({ add }) => add(stored(ISSUER, "refresh")));
  const whole = contents(home);
  const { sealed } = whole.sessions[NAME];
  const altered = failure("storage_unreadable", /was altered/);
  const other = `${ISSUER} app grace`;
  whole.sessions[other] = { ...whole.sessions[NAME] };
  writeFileSync(fileOf(home), JSON.stringify(whole));
  await assert.rejects(storage.read(other), altered);
  const end = sealed.slice(-4) === "AAAA" ? "BBBB" : "AAAA";
  whole.sessions[NAME].sealed = sealed.slice(0, -4) + end;
  writeFileSync(fileOf(home), JSON.stringify(whole));
  await assert.rejects(storage.read(NAME), altered);
});

test("a write counts only if nobody has written since", async () => {
  const home = stateHome();
  const storage = storageIn(home);
  const first = await storage.change(({ add }) => add(stored(ISSUER, "1")));
  assert.ok(first);
  const second = await storage.change(({ write }) => write(first));
  assert.equal(second?.rev, 2);
  assert.equal(await storage.change(({ write }) => write(first)), null);
  assert.equal(await storage.change(({ remove }) => remove(first)), false);
  assert.equal(await storage.change(({ remove }) => remove({ ...first, rev: 2 })), true);
  assert.equal(await storage.change(({ write }) => write(first)), null, "no write revives it");
  assert.equal(await storage.read(NAME), null);
  assert.equal(await storage.last(), NAME, "where the person signs in is known");
});

test("what another version has written stays", async () => {
  const home = stateHome();
  const storage = storageIn(home);
  await storage.change(({ add }) => add(stored(ISSUER, "1")));
  const whole = contents(home);
  whole.later = "value";
  whole.sessions[NAME].color = "green";
  writeFileSync(fileOf(home), JSON.stringify(whole));
  const session = await storage.read(NAME);
  assert.ok(session);
  await storage.change(({ write }) => write(session));
  assert.deepEqual([contents(home).later, entry(home).color], ["value", "green"]);
  writeFileSync(fileOf(home), JSON.stringify({ ...whole, v: 2 }));
  await assert.rejects(
    storage.list(),
    failure("storage_unreadable", /newer version.*update this one/),
  );
});

test("a file that is none is never written over", async () => {
  const home = stateHome();
  mkdirSync(folderOf(home));
  for (const text of [
    "",
    "{",
    "[]",
    '{"v":1}',
    '{"v":1,"key":"none","current":{},"sessions":{"a":{}}}',
    '{"v":1,"key":"none","current":null,"sessions":{}}',
  ]) {
    writeFileSync(fileOf(home), text);
    const unreadable = failure("storage_unreadable", /is not a file of sessions.*move it away/);
    const storage = storageIn(home);
    await assert.rejects(storage.list(), unreadable);
    await assert.rejects(storage.prepare(nobody), unreadable);
    await assert.rejects(
      storage.change(({ add }) => add(stored(ISSUER, "1"))),
      unreadable,
    );
    assert.equal(readFileSync(fileOf(home), "utf8"), text);
  }
});

test("sessions that ended are kept for 30 days, and are none", async () => {
  const home = stateHome();
  const storage = storageIn(home);
  const days = (count: number) => Math.floor(Date.now() / 1000) - count * 86_400;
  for (const [account, ended_at] of [
    ["young", days(29)],
    ["old", days(31)],
  ] as const)
    await storage.change(({ add }) =>
      add({ ...stored(ISSUER, "1"), name: `${ISSUER} app ${account}`, ended_at }),
    );
  await storage.change(({ add }) => add(stored(ISSUER, "1")));
  assert.deepEqual(await storage.list(), [
    { name: NAME, sub: "1", is_named: false, is_current: true, has_ended: false },
    {
      ...{ name: `${ISSUER} app young`, sub: "1", is_named: false },
      ...{ is_current: false, has_ended: true },
    },
  ]);
});

test("drafts that were left behind are removed by the next one", async () => {
  const home = stateHome();
  mkdirSync(folderOf(home));
  writeFileSync(`${fileOf(home)}.abc.tmp`, "half");
  await storageIn(home).change(({ add }) => add(stored(ISSUER, "1")));
  assert.deepEqual(readdirSync(folderOf(home)), ["sessions.json"]);
});

test("another user's folder is left alone, as with sudo that keeps HOME", async (t) => {
  const home = stateHome();
  await storageIn(home).change(({ add }) => add(stored(ISSUER, "1")));
  const own = process.getuid?.() ?? 0;
  const other = t.mock.property(process, "getuid", () => own + 1);
  const foreign = failure("storage_unreadable", new RegExp(`belongs to user ${own}.*HOME`));
  await assert.rejects(storageIn(home).list(), foreign);
  await assert.rejects(
    storageIn(home).change(({ add }) => add(stored(ISSUER, "2"))),
    foreign,
  );
  other.mock.restore();
  assert.equal((await storageIn(home).read(NAME))?.secrets.refresh_token, "1");
});

test("each system has its place for such files", (t) => {
  const places = (platform: NodeJS.Platform, env: Record<string, string | undefined>) => {
    const before = { ...process.env };
    Object.assign(process.env, env);
    t.mock.property(process, "platform", platform);
    const folder = stateFolder(APP);
    t.mock.restoreAll();
    for (const name of Object.keys(env)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    return folder;
  };
  const HOME = "/home/ada";
  for (const platform of ["linux", "darwin", "win32"] as const)
    assert.equal(places(platform, { HOME, XDG_STATE_HOME: "/state" }), "/state/snaps");
  assert.equal(places("linux", { HOME, XDG_STATE_HOME: "" }), "/home/ada/.local/state/snaps");
  assert.equal(places("linux", { HOME, XDG_STATE_HOME: "here" }), "/home/ada/.local/state/snaps");
  assert.equal(
    places("darwin", { HOME, XDG_STATE_HOME: "" }),
    "/home/ada/Library/Application Support/snaps",
  );
  assert.equal(
    places("win32", { HOME, XDG_STATE_HOME: "", LOCALAPPDATA: "/local" }),
    "/local/snaps",
  );
});

test("memory keeps sessions as a file does", async () => {
  const storage = memoryStorage();
  const first = await storage.change(({ add }) => add(stored(ISSUER, "1")));
  assert.ok(first);
  assert.equal((await storage.change(({ write }) => write(first)))?.rev, 2);
  assert.equal(await storage.change(({ write }) => write(first)), null);
  const grace = { ...stored(ISSUER, "1"), name: `${ISSUER} app grace` };
  await storage.change(({ add }) => add(grace));
  const second = await storage.read(NAME);
  assert.ok(second);
  await storage.change(({ write }) => write(second));
  assert.deepEqual(
    (await storage.list()).map(({ name }) => name),
    [grace.name, NAME],
    "a refresh makes it no later sign-in",
  );
  assert.equal(await storage.change(({ remove }) => remove(first)), false);
  assert.equal(await storage.change(({ remove }) => remove({ ...first, rev: 3 })), true);
  assert.equal(await storage.read(NAME), null);
});
