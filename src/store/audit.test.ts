import assert from "node:assert/strict";
import { test } from "node:test";
import { auditEvent, difference } from "./audit.ts";

const AT = { now_ms: 1_700_000_000_000, retention: 60 };

test("events are in order, even within a millisecond and when the clock steps back a little", () => {
  const base = AT.now_ms + 50_000;
  const times = [0, 0, 0, 5, 4, -900, 6, ...Array<number>(5000).fill(6)];
  const ids = times.map(
    (ms) => auditEvent("signed_in", { actor: "person" }, { ...AT, now_ms: base + ms }).audit_id,
  );
  assert.deepEqual(ids, [...ids].sort());
  assert.equal(new Set(ids).size, ids.length);
});

test("a clock that was set back far is accepted", () => {
  const later = auditEvent("signed_in", { actor: "person" }, { ...AT, now_ms: 2e14 });
  const now = auditEvent("signed_in", { actor: "person" }, AT);
  assert.ok(now.audit_id < later.audit_id);
  assert.equal(now.at, AT.now_ms / 1000);
  assert.equal(now.expires_at, now.at + AT.retention);
});

test("an event stays small, whatever input it contains", () => {
  const long = "x".repeat(65_536);
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`member ${i}`, long]));
  let deep: unknown = long;
  for (let i = 0; i < 1000; i += 1) deep = { deep };
  const lists = Array(60).fill(Array(60).fill(Array(60).fill(long)));
  const details = { long, list: Array(500).fill(long), many, deep, lists, [long]: 1 };
  const told = { address: long, client_id: long, before: many, after: details, details };
  const event = auditEvent("client_changed", { actor: "person", ...told }, AT);
  assert.ok(JSON.stringify(event).length < 40_000, `${JSON.stringify(event).length}`);
  assert.deepEqual(
    auditEvent("client_changed", { actor: "person", details: { a: ["b", 1, null, true] } }, AT)
      .details,
    { a: ["b", 1, null, true] },
  );
});

test("omitted fields follow from the actor", () => {
  const made = (actor: "person" | "client" | "operator") => {
    const { via, actor_id } = auditEvent("signed_in", { actor, sub: "s", client_id: "c" }, AT);
    return [via, actor_id];
  };
  assert.deepEqual(made("person"), ["page", "s"]);
  assert.deepEqual(made("client"), ["endpoint", "c"]);
  assert.deepEqual(made("operator"), ["command", null]);
});

test("a change records the differences only, with null for an absent value", () => {
  assert.deepEqual(difference({ a: 1, b: [1], c: "x" }, { a: 1, b: [2], d: false }), {
    before: { b: [1], c: "x", d: null },
    after: { b: [2], c: null, d: false },
  });
  assert.deepEqual(difference({ a: { b: 1 } }, { a: { b: 1 } }), { before: {}, after: {} });
});
