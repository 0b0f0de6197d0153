/** The sweep: expired rows are removed, live ones stay, and it ends. */
import assert from "node:assert/strict";
import type { GrantRecord } from "../records.ts";
import type { Store } from "../store.ts";
import {
  CONFORMANCE_LIFETIMES,
  REQUEST_OVER,
  START,
  sampleAccount,
  sampleClient,
  sampleConsent,
  sampleGrant,
  sampleKey,
  sampleSession,
} from "./samples.ts";
import { atOnce, grantWith, type Scenarios } from "./scenario.ts";

const { refresh_token_idle: IDLE } = CONFORMANCE_LIFETIMES;

/** Sweeps until nothing is left, in no more rounds than there are rows for. */
async function sweepAll(store: Store, now: number, batch = 10): Promise<number> {
  for (let rounds = 1; rounds <= 30; rounds += 1)
    if (!(await store.sweep(now, batch))) return rounds;
  throw new Error("the sweep does not come to an end");
}

async function made(store: Store, given: Partial<GrantRecord>): Promise<string> {
  const grant = sampleGrant(given);
  await grantWith(store, grant, sampleConsent());
  return grant.grant_id;
}

async function standing(store: Store, ids: readonly string[]): Promise<number> {
  const found = await Promise.all(ids.map((id) => store.findGrant(id)));
  return found.filter((grant) => grant !== null).length;
}

export const sweepScenarios: Scenarios = {
  async "claimed ids are removed some time after they expire, in batches"(store) {
    const claim = (id: string, expires_at: number) =>
      store.claimOnce("jti", id, { now: START, expires_at });
    await atOnce(25, (i) => claim(`old ${i}`, START + 1));
    await claim("live", START + 1000);
    assert.equal(await store.sweep(START + 60, 10), false);
    assert.equal(await store.isClaimed("jti", "old 0"), true);
    assert.equal(await sweepAll(store, START + 200), 3);
    for (let i = 0; i < 25; i += 1) assert.equal(await store.isClaimed("jti", `old ${i}`), false);
    assert.equal(await store.isClaimed("jti", "live"), true);
  },

  async "a wait continues although the window of its count is long over"(store) {
    const rules = { window: 60, free: 1, wait: 3600, longest_wait: 3600 };
    await store.countTry(1, { ...rules, now: START });
    await sweepAll(store, START + 3599);
    assert.equal((await store.countTry(1, { ...rules, now: START + 3599 })).counted, false);
  },

  async "expired sessions are removed"(store) {
    const over = Array.from({ length: 12 }, () => sampleSession({ expires_at: START + 10 }));
    const live = sampleSession({ expires_at: START + 11 });
    for (const session of [...over, live]) await store.createSession(session);
    await sweepAll(store, START + 10, 5);
    assert.deepEqual(await store.listSessions("ada", { limit: 200 }), [live]);
  },

  async "an unused code is removed when its request can no longer come back, and not before"(
    store,
  ) {
    // The second one is checked early; that alone is no reason to remove it.
    const grant_id = await made(store, {});
    const early = await made(store, { check_at: START + 61 });
    await sweepAll(store, START + 61);
    await sweepAll(store, START + REQUEST_OVER - 1);
    assert.equal(await standing(store, [grant_id, early]), 2);
    const again = sampleGrant({ grant_id });
    assert.equal(await grantWith(store, again, sampleConsent()), "exists");
    await sweepAll(store, START + REQUEST_OVER);
    assert.equal(await standing(store, [grant_id, early]), 0);
  },

  async "a code that outlives its request stays until it has expired"(store) {
    const code_expires_at = START + REQUEST_OVER + 500;
    const grant_id = await made(store, { code_expires_at });
    await sweepAll(store, START + REQUEST_OVER);
    assert.equal(await store.advanceGrant(grant_id, 0, START + REQUEST_OVER), true);
    const unused = await made(store, { code_expires_at });
    await sweepAll(store, START + REQUEST_OVER);
    await sweepAll(store, code_expires_at);
    assert.equal(await standing(store, [unused]), 0);
    assert.equal(await standing(store, [grant_id]), 1);
  },

  async "a revoked grant is removed when its request can no longer come back, and not before"(
    store,
  ) {
    const ids = [await made(store, {}), await made(store, { generation: 3 })];
    for (const id of ids) await store.revokeGrant(id, START + 1);
    await sweepAll(store, START + REQUEST_OVER - 1);
    assert.equal(await standing(store, ids), 2);
    await sweepAll(store, START + REQUEST_OVER);
    assert.equal(await standing(store, ids), 0);
  },

  async "a used grant stays until it has been idle for too long"(store) {
    const grant_id = await made(store, {});
    await store.advanceGrant(grant_id, 0, START + 30);
    await sweepAll(store, START + REQUEST_OVER);
    let used_at = START + 30;
    for (let round = 0; round < 5; round += 1) {
      used_at += IDLE - 5;
      await store.touchGrant(grant_id, used_at);
      await sweepAll(store, used_at + 1);
      await sweepAll(store, used_at + IDLE - 1);
      assert.equal(await standing(store, [grant_id]), 1);
    }
    await sweepAll(store, used_at + IDLE);
    assert.equal(await standing(store, [grant_id]), 0);
  },

  async "a used grant is removed at its absolute end"(store) {
    const expires_at = START + IDLE / 2;
    const grant_id = await made(store, { expires_at });
    await store.advanceGrant(grant_id, 0, START + 30);
    await sweepAll(store, START + REQUEST_OVER);
    await store.touchGrant(grant_id, expires_at - 10);
    await sweepAll(store, expires_at - 1);
    assert.equal(await standing(store, [grant_id]), 1);
    await sweepAll(store, expires_at);
    assert.equal(await standing(store, [grant_id]), 0);
  },

  async "of many rows that are due at once, all expired ones are removed and all others stay"(
    store,
  ) {
    const over: string[] = [];
    const live: string[] = [];
    // Mixed, so that neither kind blocks the other.
    for (let i = 0; i < 60; i += 1) {
      const is_over = i % 3 !== 0;
      const id = await made(store, is_over ? {} : { generation: 1 });
      if (i % 3 === 2) await store.revokeGrant(id, START + 1);
      (is_over ? over : live).push(id);
    }
    await sweepAll(store, START + REQUEST_OVER);
    assert.equal(await standing(store, over), 0);
    assert.equal(await standing(store, live), live.length);
    assert.equal(await store.sweep(START + REQUEST_OVER, 10), false);
  },

  async "a row without an expiry is never swept"(store) {
    const [client, account, key] = [sampleClient(), sampleAccount(), sampleKey()];
    await store.createClient(client);
    await store.createAccount(account, ["ada"]);
    await store.addSigningKey(key, START - 600);
    await made(store, {});
    await sweepAll(store, START + 1_000_000_000);
    assert.deepEqual(await store.findClient(client.client_id), client);
    assert.deepEqual(await store.findAccountByLogin("ada"), account);
    assert.deepEqual(await store.listSigningKeys(), [key]);
    assert.ok(await store.findConsent("ada", "printly"));
  },
};
