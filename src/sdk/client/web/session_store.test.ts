import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "./session_store.ts";

const until = Math.floor(Date.now() / 1000) + 60;

test("a row is written once for each revision", async () => {
  const store = memoryStore();
  const index = { sub: "ada", until };
  assert.equal(await store.get("1"), null);
  assert.equal(await store.put("1", "a", 1, index), false, "there is none to change");
  assert.equal(await store.put("1", "a", 0, index), true);
  assert.equal(await store.put("1", "b", 0, index), false, "there is one already");
  const both = await Promise.all([store.put("1", "c", 1, index), store.put("1", "d", 1, index)]);
  assert.deepEqual(both, [true, false]);
  assert.deepEqual(await store.get("1"), { value: "c", rev: 2 });
});

test("rows end by id, by person and by session at the provider", async () => {
  const store = memoryStore();
  const rows = { a: "ada", b: "ada", c: "ada", d: "bob" };
  for (const [id, sub] of Object.entries(rows))
    await store.put(id, id, 0, { sub, sid: `sid ${id}`, until });
  const left = async () =>
    (await Promise.all(Object.keys(rows).map((id) => store.get(id)))).map((row) => row?.value);
  await store.end({ id: "a" });
  assert.deepEqual(await left(), [undefined, "b", "c", "d"]);
  await store.end({ sid: "sid b" });
  assert.deepEqual(await left(), [undefined, undefined, "c", "d"]);
  await store.end({ sub: "ada" });
  assert.deepEqual(await left(), [undefined, undefined, undefined, "d"]);
  await store.end({});
  assert.deepEqual(await left(), [undefined, undefined, undefined, "d"]);
  assert.equal(await store.put("a", "late", 1, { sub: "ada", until }), false, "ended for good");
});

test("rows are forgotten at their end", async () => {
  const store = memoryStore();
  await store.put("1", "a", 0, { sub: "ada", until: until - 60 });
  assert.equal(await store.get("1"), null);
  assert.equal(await store.put("1", "b", 0, { sub: "ada", until }), true);
});
