/** Audit events: appended, found by person, client and time, and removed at their end. */
import assert from "node:assert/strict";
import { START, sampleEvent } from "./samples.ts";
import type { Scenarios } from "./scenario.ts";

export const auditScenarios: Scenarios = {
  async "an event reads back as written, newest first"(store) {
    const [first, second] = [sampleEvent(), sampleEvent({ at: START + 1, sub: null, details: {} })];
    await store.appendAudit([first, second]);
    assert.deepEqual(await store.listAudit({ limit: 10 }), [second, first]);
    assert.deepEqual(await store.listAudit({ limit: 1 }), [second]);
    await store.appendAudit([]);
  },

  async "the same event twice is stored once"(store) {
    const [once, other] = [sampleEvent(), sampleEvent()];
    await store.appendAudit([once]);
    await store.appendAudit([once, other]);
    assert.equal((await store.listAudit({ limit: 10 })).length, 2);
  },

  async "events are found by person, by client, and from a time on"(store) {
    await store.appendAudit([
      sampleEvent({ at: START, sub: "ada", client_id: "app" }),
      sampleEvent({ at: START + 10, sub: "bob", client_id: "app" }),
      sampleEvent({ at: START + 20, sub: "ada", client_id: null }),
    ]);
    const times = async (filter: { since?: number; sub?: string; client_id?: string }) =>
      (await store.listAudit({ ...filter, limit: 10 })).map(({ at }) => at - START);
    assert.deepEqual(await times({ sub: "ada" }), [20, 0]);
    assert.deepEqual(await times({ client_id: "app" }), [10, 0]);
    assert.deepEqual(await times({ since: START + 10 }), [20, 10]);
    assert.deepEqual(await times({ since: START + 11, sub: "ada" }), [20]);
    assert.deepEqual(await times({ sub: "ada", client_id: "app" }), [0]);
  },

  async "events are removed at their end"(store) {
    const events = Array.from({ length: 25 }, () => sampleEvent({ expires_at: START + 5 }));
    await store.appendAudit([...events, sampleEvent({ expires_at: START + 50 })]);
    await store.sweep(START + 4, 10);
    assert.equal((await store.listAudit({ limit: 100 })).length, 26);
    while (await store.sweep(START + 5, 10));
    assert.equal((await store.listAudit({ limit: 100 })).length, 1);
  },
};
