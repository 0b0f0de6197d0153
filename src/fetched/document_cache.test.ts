import assert from "node:assert/strict";
import { test } from "node:test";
import type { OutboundResponse } from "../context.ts";
import { documentCache } from "./document_cache.ts";

const URL_A = "https://a.test/doc";

/** A cache whose addresses answer what `answer` says at that moment. */
function scene({ outlives = 1000, pace = 5 } = {}) {
  let seconds = 1_800_000_000;
  let answer: () => Promise<Partial<OutboundResponse> & { text?: string }> = async () => ({});
  const asked: string[] = [];
  const warnings: unknown[] = [];
  const cache = documentCache(
    {
      read: ({ body }) => {
        if (body.includes("bad")) throw new Error("no document");
        return { text: body.toString() };
      },
      accept: "text/plain",
      most_bytes: 100,
      ...{ least: 1, otherwise: 300, most: 600, pace, outlives },
      ...{ remembers_errors: pace > 0, purpose: "logo" },
    },
    {
      clock: () => seconds * 1000,
      log: { info() {}, error() {}, warn: (_, fields) => void warnings.push(fields) },
      outbound: {
        async request(url, request) {
          asked.push(url);
          assert.equal(request.most_bytes, 100);
          assert.equal(request.headers?.accept, "text/plain");
          const { text = "", ...rest } = await answer();
          return { status: 200, header: () => undefined, body: Buffer.from(text), ...rest };
        },
      },
    },
  );
  return {
    cache,
    asked,
    warnings,
    advance(by: number): void {
      seconds += by;
    },
    answers(with_: typeof answer): void {
      answer = with_;
    },
    says(text: string): void {
      answer = async () => ({ text });
    },
    fails(error: Error): void {
      answer = async () => {
        throw error;
      };
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a document is fetched once while it is fresh, and one request fetches it for all", async () => {
  const { cache, asked, says, advance } = scene();
  says("one");
  const all = await Promise.all([cache.get(URL_A), cache.get(URL_A), cache.renewed(URL_A)]);
  assert.deepEqual(all, [{ text: "one" }, { text: "one" }, { text: "one" }]);
  says("two");
  advance(299);
  assert.deepEqual(await cache.get(URL_A), { text: "one" });
  assert.equal(asked.length, 1);
  advance(1);
  assert.deepEqual(await cache.get(URL_A), { text: "two" });
  assert.equal(asked.length, 2);
  await cache.get("https://b.test/doc");
  assert.equal(asked.length, 3);
});

test("a newer one is asked for at most once in each pace", async () => {
  const { cache, asked, says, advance } = scene();
  says("one");
  await cache.get(URL_A);
  says("two");
  assert.deepEqual(await cache.renewed(URL_A), { text: "one" });
  advance(5);
  assert.deepEqual(await cache.renewed(URL_A), { text: "two" });
  assert.deepEqual(await cache.renewed(URL_A), { text: "two" });
  assert.equal(asked.length, 2);
});

test("while an address gives nothing new, the last document holds within a bound, and nobody waits", async () => {
  const { cache, asked, says, fails, answers, advance, warnings } = scene();
  says("one");
  await cache.get(URL_A);
  fails(new Error("down"));
  advance(300);
  assert.deepEqual(await cache.get(URL_A), { text: "one" });
  assert.equal(asked.length, 2);
  assert.deepEqual(warnings, [{ url: URL_A, why: "down", seconds_old: 300 }]);
  assert.deepEqual(await cache.get(URL_A), { text: "one" }, "too soon to ask again");
  assert.equal(asked.length, 2);
  // Now it hangs.
  answers(() => new Promise(() => {}));
  advance(5);
  assert.deepEqual(await cache.get(URL_A), { text: "one" });
  assert.equal(asked.length, 3);
});

test("a bad answer replaces no good one, and the bound of the last one is final", async () => {
  const { cache, says, advance } = scene();
  says("one");
  await cache.get(URL_A);
  says("bad");
  advance(999);
  assert.deepEqual(await cache.get(URL_A), { text: "one" });
  advance(1);
  await assert.rejects(cache.get(URL_A), /no document/);
  says("two");
  await assert.rejects(cache.get(URL_A), /no document/, "too soon");
  advance(5);
  assert.deepEqual(await cache.get(URL_A), { text: "two" });
});

test("an error is not remembered where no pace is set", async () => {
  const { cache, asked, says, fails } = scene({ pace: 0, outlives: 0 });
  fails(new Error("down"));
  await assert.rejects(cache.get(URL_A), /down/);
  says("one");
  assert.deepEqual(await cache.get(URL_A), { text: "one" });
  assert.equal(asked.length, 2);
});

test("only status 200 is a document", async () => {
  const { cache, answers } = scene({ pace: 0 });
  for (const status of [201, 204, 206, 304, 400, 404, 500]) {
    answers(async () => ({ status, text: "one" }));
    await assert.rejects(cache.get(URL_A), { name: "BadDocument" }, String(status));
  }
});

test("a document in memory can be read when it is no longer fresh", async () => {
  const { cache, says, advance, asked } = scene();
  assert.equal(cache.held(URL_A), null);
  says("one");
  await cache.get(URL_A);
  advance(10_000);
  assert.deepEqual(cache.held(URL_A), { text: "one" });
  assert.equal(asked.length, 1);
});

test("a failure takes no document from those who go on with it, and gives none to a new request", async () => {
  const { cache, says, fails, advance } = scene({ outlives: 0 });
  says("one");
  await cache.get(URL_A);
  fails(new Error("down"));
  advance(5);
  await assert.rejects(cache.renewed(URL_A), /down/);
  assert.deepEqual(await cache.get(URL_A), { text: "one" }, "it is fresh");
  advance(300);
  for (const look of [cache.get, cache.renewed, cache.renewed])
    await assert.rejects(look(URL_A), /down/);
  assert.deepEqual(cache.held(URL_A), { text: "one" });
  says("bad");
  advance(5);
  await assert.rejects(cache.get(URL_A), /no document/);
  assert.deepEqual(cache.held(URL_A), { text: "one" });
});

test("memory is bounded: the longest unused document is forgotten", async () => {
  const { cache, says } = scene();
  says("one");
  await cache.get(URL_A);
  const others = 16_777_216 / 1024;
  for (let n = 0; n < others; n += 1) {
    if (n === 100) await cache.get(URL_A);
    await cache.get(`https://b.test/${n}`);
  }
  assert.equal(cache.held("https://b.test/0"), null);
  assert.notEqual(cache.held(URL_A), null);
  await settled();
});
