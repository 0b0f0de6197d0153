import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogFields } from "../context.ts";
import type { AuditRecord } from "../store/audit.ts";
import { auditTrail } from "./audit_trail.ts";

const event = (address: string): Omit<AuditRecord, "audit_id"> => ({
  at: 1,
  event: "signed_in",
  actor: "person",
  sub: "ada",
  client_id: null,
  event_id: null,
  address,
  details: {},
  expires_at: 2,
});

function trail() {
  const written: string[] = [];
  const ids: string[] = [];
  const batches: number[] = [];
  const said: { event: string; fields: LogFields }[] = [];
  const say = (name: string, fields: LogFields = {}) => void said.push({ event: name, fields });
  const state = { broken: false };
  const store = {
    async appendAudit(records: readonly AuditRecord[]) {
      if (state.broken) throw new Error("away");
      batches.push(records.length);
      written.push(...records.map(({ address }) => address ?? ""));
      ids.push(...records.map(({ audit_id }) => audit_id));
    },
  };
  const made = auditTrail(store, { info: say, warn: say, error: say });
  return { ...made, written, ids, batches, said, state };
}

test("events are written together, in their order, each once", async () => {
  const { record, flush, written, batches } = trail();
  for (let i = 0; i < 250; i += 1) record(event(`${i}`), 1);
  assert.deepEqual(written, []);
  await Promise.all([flush(), flush()]);
  assert.deepEqual(
    written,
    Array.from({ length: 250 }, (_, i) => `${i}`),
  );
  assert.deepEqual(batches, [100, 100, 50]);
});

test("with the database away they wait, and what comes meanwhile is not lost", async () => {
  const { record, flush, stop, written, said, state } = trail();
  state.broken = true;
  record(event("a"), 1);
  await flush();
  assert.deepEqual(said, [
    { event: "audit events are waiting", fields: { count: 1, why: "away" } },
  ]);
  record(event("b"), 1);
  state.broken = false;
  await flush();
  assert.deepEqual(written, ["a", "b"]);
  stop();
});

test("what could not be written is written by itself when the database is back", async () => {
  const { record, flush, written, state } = trail();
  state.broken = true;
  record(event("a"), 1);
  await flush();
  state.broken = false;
  const end = performance.now() + 5000;
  while (written.length === 0 && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(written, ["a"]);
});

test("memory has a bound, and what it costs is said", async () => {
  const { record, flush, stop, written, said } = trail();
  for (let i = 0; i <= 10_000; i += 1) record(event(`${i}`), 1);
  await flush();
  stop();
  assert.equal(written.length, 9901);
  assert.equal(written.at(-1), "10000");
  assert.deepEqual(said, [{ event: "audit events lost", fields: { count: 100 } }]);
});

test("ids are in the order of what happened, in one millisecond and when the clock steps back", async () => {
  const { record, flush, ids } = trail();
  for (let i = 0; i < 9000; i += 1) record(event(`${i}`), 1000);
  for (const ms of [1001, 900, 5000, 4999]) record(event("later"), ms);
  await flush();
  assert.deepEqual(ids, [...ids].sort());
  assert.equal(new Set(ids).size, 9004);
});
