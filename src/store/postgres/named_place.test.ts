import assert from "node:assert/strict";
import { test } from "node:test";
import { placeArgument, placeNamedBy } from "./named_place.ts";

test("the place is found among the arguments, wherever the statement names it", () => {
  const cases: [sql: string, position: number | null][] = [
    ["SELECT a FROM session WHERE session_id = ? AND place = ?", 1],
    ["SELECT a FROM session WHERE place = ? AND sub = ? LIMIT ?", 0],
    ["UPDATE job SET a = ?, b = ?\n  WHERE id = ? AND place = ? AND c = ?", 3],
    ["INSERT INTO session (session_id, place, sub) VALUES (?, ?, ?)", 1],
    ["INSERT INTO session (session_id, sub, place) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", 2],
    ["\n  INSERT INTO counter AS c (slot, failures, place)\n  VALUES (?, 1, ?)", 1],
    [
      "INSERT INTO t (a, place) SELECT CAST(? AS TEXT), CAST(? AS BIGINT) WHERE EXISTS (SELECT 1)",
      1,
    ],
    ["INSERT INTO t (a, b) SELECT a, b FROM c WHERE place = ? AND d = ?", 0],
    [
      "INSERT INTO e (name, place, at) SELECT 'g:' || id, place, 1 FROM t WHERE place = ? AND a = ?",
      0,
    ],
    ["SELECT value FROM server_state WHERE name = ?", null],
    ["SELECT a FROM consent WHERE birthplace = ?", null],
    ["INSERT INTO client (client_id, metadata) VALUES (?, ?)", null],
  ];
  for (const [sql, position] of cases) assert.equal(placeArgument(sql), position, sql);
});

test("the place's value is read from the arguments", () => {
  const read = placeNamedBy;
  const sql = "DELETE FROM consent WHERE place = ? AND sub = ?";
  assert.equal(read(sql, [7, "ada"]), 7);
  assert.equal(read(sql, [8, "eve"]), 8);
  assert.equal(read("SELECT 1", []), null);
  assert.equal(read(sql, ["7", "ada"]), null);
});
