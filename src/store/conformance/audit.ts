/** Security events: appended, found by person, client and time, and gone at their end. */
import assert from "node:assert/strict";
import { uuidv7 } from "../../crypto/hash.ts";
import type { AuditRecord } from "../audit.ts";
import { START } from "./samples.ts";
import type { Scenarios } from "./scenario.ts";

const sample = (given: Partial<AuditRecord> = {}): AuditRecord => {
  const at = given.at ?? START;
  return {
    audit_id: uuidv7(at * 1000),
    at,
    event: "signed_in",
    actor: "person",
    sub: "ada",
    client_id: null,
    event_id: "event",
    address: "192.0.2.1",
    details: { amr: ["pwd"] },
    expires_at: at + 100,
    ...given,
  };
};

export const auditScenarios: Scenarios = {
  async "an event comes back as it was, the newest first"(store) {
    const [first, second] = [sample(), sample({ at: START + 1, sub: null, details: {} })];
    await store.appendAudit([first, second]);
    assert.deepEqual(await store.listAudit({ limit: 10 }), [second, first]);
    assert.deepEqual(await store.listAudit({ limit: 1 }), [second]);
    await store.appendAudit([]);
  },

  async "the same event twice is one"(store) {
    const [once, other] = [sample(), sample()];
    await store.appendAudit([once]);
    await store.appendAudit([once, other]);
    assert.equal((await store.listAudit({ limit: 10 })).length, 2);
  },

  async "events are found by person, by client, and from a moment on"(store) {
    await store.appendAudit([
      sample({ at: START, sub: "ada", client_id: "app" }),
      sample({ at: START + 10, sub: "bob", client_id: "app" }),
      sample({ at: START + 20, sub: "ada", client_id: null }),
    ]);
    const times = async (filter: { since?: number; sub?: string; client_id?: string }) =>
      (await store.listAudit({ ...filter, limit: 10 })).map(({ at }) => at - START);
    assert.deepEqual(await times({ sub: "ada" }), [20, 0]);
    assert.deepEqual(await times({ client_id: "app" }), [10, 0]);
    assert.deepEqual(await times({ since: START + 10 }), [20, 10]);
    assert.deepEqual(await times({ since: START + 11, sub: "ada" }), [20]);
    assert.deepEqual(await times({ sub: "ada", client_id: "app" }), [0]);
  },

  async "events go when their time is over"(store) {
    const events = Array.from({ length: 25 }, () => sample({ expires_at: START + 5 }));
    await store.appendAudit([...events, sample({ expires_at: START + 50 })]);
    await store.sweep(START + 4, 10);
    assert.equal((await store.listAudit({ limit: 100 })).length, 26);
    while (await store.sweep(START + 5, 10));
    assert.equal((await store.listAudit({ limit: 100 })).length, 1);
  },
};
