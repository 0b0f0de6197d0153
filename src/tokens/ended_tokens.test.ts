import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "../crypto/hash.ts";
import { CONFORMANCE_LIFETIMES } from "../store/conformance/conformance.ts";
import { placeOf } from "../store/place.ts";
import { sqlStore } from "../store/sql/store.ts";
import { sqliteDriver } from "../store/sqlite/driver.ts";
import { endedTokens } from "./ended_tokens.ts";

const NOW = 1_800_000_007;
const WINDOW = 660;
const times = { now: NOW, window: WINDOW };

/** A store whose reads are counted, and a list of ended tokens with a clock of its own. */
async function setup() {
  const driver = sqliteDriver(":memory:");
  const store = sqlStore(driver, CONFORMANCE_LIFETIMES);
  await store.migrate();
  const reads = { counts: 0, names: 0 };
  const counting = {
    countEnded(since: number) {
      reads.counts += 1;
      return store.countEnded(since);
    },
    async listEnded(...args: Parameters<typeof store.listEnded>) {
      const names = await store.listEnded(...args);
      reads.names += names.length;
      return names;
    },
  };
  let ms = 1000;
  const list = endedTokens(counting, () => ms);
  return {
    ...{ list, reads },
    pass(milliseconds: number) {
      ms += milliseconds;
    },
    /** Lists a name as a transaction does. */
    async end(ended_at: number, name: string) {
      const sql = "INSERT INTO person_end (name, place, ended_at) VALUES (?, ?, ?)";
      await driver.write(sql, [name, placeOf(name), ended_at]);
    },
    endAll: (ended_at: number, names: number) =>
      driver.write(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO person_end (name, place, ended_at) SELECT 'g:' || ? || ' ' || i, 0, ? FROM n`,
        [names, ended_at, ended_at],
      ),
    async endClient(ended_at: number, name: string) {
      await driver.write("INSERT INTO directory_end (name, ended_at) VALUES (?, ?)", [
        name,
        ended_at,
      ]);
    },
    close: () => store.close(),
  };
}

const hashOf = (...names: string[]): string =>
  Buffer.concat(
    names.map((name) => Buffer.from(sha256(name), "base64url").subarray(0, 8)),
  ).toString("base64url");

test("names stand under their second, after the one that was asked for", async () => {
  const { list, end, endClient, close } = await setup();
  await end(NOW - 30, "g:one");
  await end(NOW - 30, "g:two");
  await endClient(NOW - 30, "c:app");
  await end(NOW - 10, "j:token");
  const { after, ended, next } = await list.since(NOW - 40, times);
  assert.equal(after, NOW - 40);
  assert.equal(next, null);
  assert.deepEqual(JSON.parse(ended), [
    [10, hashOf("g:one", "g:two", "c:app")],
    [30, hashOf("j:token")],
  ]);
  const { ended: later } = await list.since(NOW - 10, times);
  assert.deepEqual(JSON.parse(later), [[0, hashOf("j:token")]]);
  await close();
});

test("the beginning is within the window, which moves in steps of 10 seconds", async () => {
  const { list, end, close } = await setup();
  await end(NOW - WINDOW - 20, "g:over");
  await end(NOW - WINDOW, "g:just listed");
  const first = 1_800_000_000 - WINDOW;
  for (const after of [0, first - 1, first]) {
    const all = await list.since(after, times);
    assert.deepEqual([all.after, JSON.parse(all.ended).length], [first, 1]);
  }
  assert.equal((await list.since(NOW + 1000, times)).after, NOW);
  await close();
});

test("the database is looked at twice a second, and once for requests at the same time", async () => {
  const { list, reads, pass, close } = await setup();
  await Promise.all(Array.from({ length: 50 }, () => list.since(0, times)));
  pass(499);
  await list.since(NOW - 60, times);
  assert.equal(reads.counts, 1);
  pass(1);
  await list.since(NOW - 60, times);
  assert.equal(reads.counts, 2);
  await close();
});

test("only seconds with news are read again, and a name that is committed late is found", async () => {
  const { list, reads, pass, end, endAll, close } = await setup();
  await endAll(NOW - 100, 3000);
  await endAll(NOW - 20, 7000);
  await list.since(0, times);
  assert.equal(reads.names, 10_000);
  const { etag } = await list.since(NOW - 60, times);
  pass(500);
  await end(NOW - 1, "g:new");
  const news = await list.since(NOW - 60, times);
  assert.equal(reads.names, 10_001);
  assert.notEqual(news.etag, etag);
  pass(500);
  assert.equal((await list.since(NOW - 60, times)).etag, news.etag);
  assert.equal(reads.names, 10_001);
  pass(500);
  await end(NOW - 50, "g:late");
  const { ended } = await list.since(NOW - 60, times);
  assert.ok(ended.includes(`[10,"${hashOf("g:late")}"]`));
  await close();
});

test("a second that gets further names is read again", async () => {
  const { list, reads, pass, end, close } = await setup();
  await end(NOW - 5, "g:first");
  await list.since(NOW - 60, times);
  pass(500);
  await end(NOW - 5, "g:second");
  const { ended } = await list.since(NOW - 60, times);
  assert.deepEqual(JSON.parse(ended), [[55, hashOf("g:first", "g:second")]]);
  assert.equal(reads.names, 3);
  await close();
});

test("a longer window brings names that were outside of the shorter one", async () => {
  const { list, pass, end, close } = await setup();
  await end(NOW - 2000, "g:old");
  assert.equal((await list.since(0, times)).ended, "[]");
  pass(500);
  const longer = await list.since(0, { ...times, window: 3660 });
  assert.equal(JSON.parse(longer.ended).length, 1);
  await close();
});

test("an answer holds 50,000 names and the rest of their second, and says where the list goes on", async () => {
  const { list, endAll, close } = await setup();
  for (const ago of [50, 40, 30, 20]) await endAll(NOW - ago, 20_000);
  const names = (ended: string) =>
    JSON.parse(ended).reduce(
      (sum: number, [, hashes]: [number, string]) =>
        sum + Buffer.from(hashes, "base64url").length / 8,
      0,
    );
  const first = await list.since(NOW - 60, times);
  assert.deepEqual([names(first.ended), first.next], [60_000, NOW - 20]);
  assert.ok(first.ended.length < 700_000, `${first.ended.length} bytes`);
  const rest = await list.since(first.next ?? 0, times);
  assert.deepEqual([names(rest.ended), rest.next], [20_000, null]);
  await close();
});

test("lists are kept for further requests, and not for each second that a stranger asks for", async () => {
  const { list, endAll, close } = await setup();
  for (const ago of [50, 40]) await endAll(NOW - ago, 25_000);
  const first = await list.since(NOW - 100, times);
  assert.equal(await list.since(NOW - 100, times), first);
  let bytes = 0;
  for (let ago = 101; bytes < 20_000_000; ago += 1)
    bytes += (await list.since(NOW - ago, times)).ended.length;
  const again = await list.since(NOW - 100, times);
  assert.notEqual(again, first, "it was forgotten");
  assert.equal(again.etag, first.etag);
  await close();
});

test("an error of the database reaches the request, and the next one looks again", async () => {
  let fails = true;
  const store = {
    countEnded: async () => (fails ? Promise.reject(new Error("away")) : []),
    listEnded: async () => [],
  };
  const list = endedTokens(store, () => 0);
  await assert.rejects(list.since(0, times), /away/);
  fails = false;
  assert.equal((await list.since(0, times)).ended, "[]");
});
