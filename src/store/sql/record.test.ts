import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleGrant } from "../conformance/samples.ts";
import { GRANT } from "./grants.ts";
import { type Column, compiledReader, interpretedReader } from "./record.ts";

const plain: readonly [string, Column][] = [
  ["id", "text"],
  ["count", "integer"],
  ["is_on", "flag"],
  ["list", "json"],
  ["nothing", "text"],
];
const row = ["before", "a", 7, 1, '["x"]', null, '{"sid":"s","proofs":{"pwd":1}}'];
const record = {
  ...{ id: "a", count: 7, is_on: true, list: ["x"], nothing: null },
  ...{ sid: "s", proofs: { pwd: 1 } },
};

test("a record is read alike with and without generated code", () => {
  const reading = { plain, packed: ["sid", "proofs"], start: 1 };
  assert.deepEqual(compiledReader(reading)(row), record);
  assert.deepEqual(interpretedReader(reading)(row), record);
  const bare = { plain: plain.slice(2, 3), packed: [], start: 3 };
  for (const read of [compiledReader(bare), interpretedReader(bare)]) {
    assert.deepEqual(read(row), { is_on: true });
    assert.deepEqual(read([...row.slice(0, 3), 0]), { is_on: false });
  }
});

test("a grant comes back as it was written", () => {
  const grant = sampleGrant();
  const written = GRANT.row(grant);
  assert.deepEqual(GRANT.parse(GRANT.columns.map((name) => written[name] ?? null)), grant);
});
