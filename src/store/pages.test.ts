import assert from "node:assert/strict";
import { test } from "node:test";
import { everyRecord } from "./pages.ts";

/** A list of the numbers from 1 on, which records the requests for its pages. */
function numbers(count: number) {
  const asked: [after: number | undefined, limit: number][] = [];
  const list = async ({ after, limit }: { after?: number | undefined; limit: number }) => {
    asked.push([after, limit]);
    const first = (after ?? 0) + 1;
    const left = Math.max(0, Math.min(limit, count - first + 1));
    return Array.from({ length: left }, (_, i) => first + i);
  };
  return { asked, list };
}

test("a list is read whole, page by page", async () => {
  for (const count of [0, 1, 499, 500, 501, 1000, 1234]) {
    const { list, asked } = numbers(count);
    const read = await Array.fromAsync(everyRecord(list));
    assert.deepEqual(
      read,
      Array.from({ length: count }, (_, i) => i + 1),
    );
    assert.equal(asked.length, Math.floor(count / 500) + 1);
  }
});

test("no more is read than wanted", async () => {
  const { list, asked } = numbers(10_000);
  assert.equal((await Array.fromAsync(everyRecord(list, 700))).length, 700);
  assert.deepEqual(asked, [
    [undefined, 500],
    [500, 200],
  ]);
  for await (const each of everyRecord(list)) if (each === 3) break;
  assert.equal(asked.length, 3, "stopping early reads no further page");
});
