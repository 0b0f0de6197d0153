/** Races between two processes. The tests check the rows left in the database, not only the answers. */
import assert from "node:assert/strict";
import type { ConsentRecord, GrantRecord } from "../records.ts";
import type { Store } from "../store.ts";
import { contest, type ProcessScenarios, times } from "./contest.ts";
import { type Call, type Lanes, race } from "./process.ts";
import {
  START,
  sampleAccount,
  sampleClient,
  sampleConsent,
  sampleGrant,
  sampleKey,
  sampleSession,
} from "./samples.ts";
import { grantWith, trueOnes } from "./scenario.ts";

const ROUNDS = 20;

async function madeIn(store: Store, count: number, given: Partial<GrantRecord> = {}) {
  const grants = times(count, () => sampleGrant(given));
  for (const grant of grants.slice(0, 1)) await grantWith(store, grant, sampleConsent());
  for (let i = 1; i < count; i += 100)
    await Promise.all(grants.slice(i, i + 100).map((grant) => grantWith(store, grant, null)));
  return grants.map(({ grant_id }) => grant_id);
}

/** Spreads the calls over lanes, so that several are in progress in each process at any moment. */
const spread = <T>(items: readonly T[], calls: (item: T) => Call<Store>[]): Lanes<Store> =>
  times(4, (lane) => items.filter((_, i) => i % 4 === lane).flatMap(calls));

/** A consent of each grant's person to its client. */
async function standing(store: Store, grants: readonly GrantRecord[]): Promise<ConsentRecord[]> {
  const consents = grants.map(({ client_id }) => sampleConsent({ client_id }));
  for (const consent of consents)
    await grantWith(store, sampleGrant({ client_id: consent.client_id }), consent);
  return consents;
}

function missing(): never {
  throw new Error("there is no consent");
}

export const processScenarios: ProcessScenarios = {
  async "of 50 concurrent redemptions of one code, one succeeds"(pair, store) {
    for (const id of await madeIn(store, ROUNDS)) {
      assert.equal(await contest(pair, () => ["advanceGrant", id, 0, START], { each: 25 }), 1);
      assert.equal((await store.findGrant(id))?.generation, 1);
    }
  },

  async "100 concurrent refreshes of one token advance the grant by one"(pair, store) {
    for (const id of await madeIn(store, ROUNDS / 2, { generation: 7 })) {
      assert.equal(await contest(pair, () => ["advanceGrant", id, 7, START], { each: 50 }), 1);
      assert.equal((await store.findGrant(id))?.generation, 8);
    }
  },

  async "a revoked grant never advances again, in 1,000 rounds of refresh against revocation"(
    pair,
    store,
  ) {
    const ids = await madeIn(store, 1000, { generation: 1 });
    let moves = 0;
    // Restarted in each round, and each side revokes every other time; otherwise one would run ahead.
    for (let i = 0; i < ids.length; i += 25) {
      const some = ids.slice(i, i + 25);
      const refreshing = spread(some, (id) => [
        ["advanceGrant", id, 1, START],
        ["advanceGrant", id, 2, START],
      ]);
      const revoking = spread(some, (id) => [
        ["revokeGrant", id, START],
        ["advanceGrant", id, 9, START],
      ]);
      const turn = i % 2;
      const outcomes = await race(
        pair,
        turn === 0 ? [refreshing, revoking] : [revoking, refreshing],
      );
      // Every other operation of that side advances, after it has revoked.
      const late = outcomes[1 - turn]?.flatMap((lane) => lane.filter((_, n) => n % 2 === 1));
      assert.ok(!late?.includes(true));
      moves += trueOnes(outcomes[turn]?.flat() ?? []);
    }
    let moved = 0;
    for (const id of ids) {
      const row = await store.findGrant(id);
      assert.equal(row?.revoked_at, START);
      moved += (row?.generation ?? 0) - 1;
    }
    assert.equal(moved, moves, "each answer of true is a generation in the row, and no other is");
    const late = await contest(pair, (i) => ["advanceGrant", ids[i] ?? "", 9, START], {
      each: 100,
    });
    assert.equal(late, 0);
  },

  async "an id claimed by both is claimed once, and once more after it has expired"(pair) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const now = START + round * 60;
      const times = { now, expires_at: now + 60 };
      assert.equal(await contest(pair, () => ["claimOnce", "jti", "a", times], { each: 10 }), 1);
    }
  },

  async "a request granted at both is granted once"(pair, store) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const grant = sampleGrant({ client_id: `client ${round}` });
      const consent = sampleConsent({ client_id: grant.client_id });
      const approval = { grant, consent: { before: null, becomes: consent } };
      const call = (): Call<Store> => ["approve", approval];
      assert.equal(await contest(pair, call, { each: 10, won: "approved" }), 1);
      assert.deepEqual(await store.findGrant(grant.grant_id), grant);
    }
  },

  async "no grant outlives the removal of its consent, in 200 rounds"(pair, store) {
    const grants = times(200, (i) => sampleGrant({ client_id: `client ${i}` }));
    const consents = await standing(store, grants);
    for (let i = 0; i < grants.length; i += 20) {
      const some = grants.slice(i, i + 20);
      const making = spread(some, (grant) => [
        ["approve", { grant, consent: { stands: consents[grants.indexOf(grant)] ?? missing() } }],
      ]);
      const removing = spread(some, ({ sub, client_id }) => [
        ["removeConsent", { sub, client_id }, START],
      ]);
      await race(pair, [making, removing]);
    }
    for (const { grant_id, sub, client_id } of grants) {
      assert.equal(await store.findConsent(sub, client_id), null);
      const left = await store.findGrant(grant_id);
      assert.ok(left === null || left.revoked_at === START, "a grant without a consent");
    }
  },

  async "no wide grant survives a narrowing beside silent requests, in 200 rounds"(pair, store) {
    const grants = times(200, (i) => sampleGrant({ client_id: `client ${i}` }));
    const consents = await standing(store, grants);
    const read = (grant: GrantRecord) => consents[grants.indexOf(grant)] ?? missing();
    const narrowed_at = START + 7;
    for (let i = 0; i < grants.length; i += 20) {
      const some = grants.slice(i, i + 20);
      const silent = spread(some, (grant) => [
        ["approve", { grant, consent: { stands: read(grant) } }],
      ]);
      const narrowing = spread(some, (grant) => {
        const { client_id } = grant;
        const consent = { before: read(grant), becomes: sampleConsent({ client_id, agreed: [] }) };
        return [["approve", { grant: sampleGrant({ client_id }), consent, narrowed_at }]];
      });
      await race(pair, i % 40 === 0 ? [silent, narrowing] : [narrowing, silent]);
    }
    for (const { grant_id, client_id } of grants) {
      assert.deepEqual((await store.findConsent("ada", client_id))?.agreed, []);
      const left = await store.findGrant(grant_id);
      assert.ok(left === null || left.revoked_at === narrowed_at, "a wide grant survived");
    }
  },

  async "of answers in two tabs to the same read, one is written and the other is refused"(
    pair,
    store,
  ) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const client_id = `client ${round}`;
      const before = await store.findConsent("ada", client_id);
      const answer = (): Call<Store> => {
        const consent = { before, becomes: sampleConsent({ client_id }) };
        return ["approve", { grant: sampleGrant({ client_id }), consent }];
      };
      assert.equal(await contest(pair, answer, { each: 5, won: "approved" }), 1);
    }
  },

  async "tries at both are counted together, and none is lost"(pair, store) {
    const rules = { window: 900, free: 5, wait: 2, longest_wait: 60 };
    for (let slot = 0; slot < ROUNDS; slot += 1) {
      const lanes: Lanes<Store> = times(15, () => [["countTry", slot, { ...rules, now: START }]]);
      const tried = (await race(pair, [lanes, lanes])).flat(2);
      const counted = tried.filter((each) => JSON.stringify(each).includes('"counted":true'));
      assert.equal(counted.length, 5);
      const next = await store.countTry(slot, { ...rules, now: START + 2 });
      assert.deepEqual(next, { counted: true, wait_until: START + 6 });
    }
  },

  async "of concurrent additions of a signing key, one succeeds"(pair, store) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const signs_at = START + round * 1000;
      const add = (): Call<Store> => ["addSigningKey", sampleKey({ signs_at }), signs_at - 600];
      assert.equal(await contest(pair, add, { each: 5 }), 1);
    }
    assert.equal((await store.listSigningKeys()).length, ROUNDS);
  },

  async "of concurrent changes to the same read of a client, one is made"(pair, store) {
    let before = sampleClient();
    await store.createClient(before);
    const version = (await store.readState()).versions.clients;
    for (let round = 0; round < ROUNDS; round += 1) {
      const change = (i: number): Call<Store> => {
        return ["updateClient", { ...before, resource: `${round} ${i}` }, { before }];
      };
      assert.equal(await contest(pair, change, { each: 5 }), 1);
      before = (await store.findClient(before.client_id)) ?? before;
      assert.match(before.resource ?? "", new RegExp(`^${round} `));
    }
    const { versions } = await store.readState();
    assert.equal(versions.clients, version + ROUNDS, "one for each change that was made");
  },

  async "a login goes to one account, a renewal to one sign-in, and an epoch rises once"(
    pair,
    store,
  ) {
    const [session, [id = ""]] = [sampleSession(), await madeIn(store, 1)];
    await store.createSession(session);
    for (let round = 0; round < 5; round += 1) {
      const take = (): Call<Store> => ["createAccount", sampleAccount(), [`ada ${round}`]];
      assert.equal(await contest(pair, take, { each: 5 }), 1);
      const before = (await store.findSession(session.session_id))?.secret_hash ?? "";
      const renew = (i: number): Call<Store> => {
        return ["renewSession", { ...session, secret_hash: `${round} ${i}` }, before];
      };
      assert.equal(await contest(pair, renew, { each: 10 }), 1);
      assert.equal(await contest(pair, () => ["raiseAccessEpoch", id, round], { each: 10 }), 1);
    }
    assert.equal((await store.listAccounts({ limit: 1000 })).length, 5);
  },
};
