/** Clients that register themselves: the tokens that let them in, and the end of those that nobody uses. */
import assert from "node:assert/strict";
import type { ClientRecord } from "../records.ts";
import type { Store } from "../store.ts";
import {
  START,
  sampleClient,
  sampleConsent,
  sampleEvent,
  sampleGrant,
  sampleInitialAccessToken,
  sampleLogo,
} from "./samples.ts";
import { atOnce, grantWith, type Scenarios, settle, trueOnes } from "./scenario.ts";

const A_DAY = 86_400;
const itself = (given: Partial<ClientRecord> = {}) =>
  sampleClient({ created_by: "registration", registration_hash: "hash", ...given });

const sweepAll = async (store: Store, now: number) => {
  for (let rounds = 0; rounds < 30; rounds += 1) if (!(await store.sweep(now, 10))) return;
  throw new Error("the sweep does not come to an end");
};

/** As the database has them: a cache notices the sweep when it looks at the versions again. */
const registered = async (store: Store): Promise<ClientRecord[]> =>
  store.listClients({ limit: 100, created_by: "registration" });

export const registrationScenarios: Scenarios = {
  async "an initial access token is found by its id, listed, and removed once"(store) {
    const [one, two] = [
      sampleInitialAccessToken({ created_at: START }),
      sampleInitialAccessToken({ created_at: START + 1, note: null }),
    ];
    for (const token of [two, one]) assert.equal(await store.addInitialAccessToken(token), true);
    assert.equal(await store.addInitialAccessToken({ ...one, note: "other" }), false);
    assert.deepEqual(await store.findInitialAccessToken(one.token_id), one);
    assert.equal(await store.findInitialAccessToken("unknown"), null);
    assert.deepEqual(await store.listInitialAccessTokens({ limit: 10 }), [one, two]);
    assert.deepEqual(await store.listInitialAccessTokens({ limit: 10, after: one }), [two]);
    assert.equal(await store.removeInitialAccessToken(one.token_id), true);
    assert.equal(await store.removeInitialAccessToken(one.token_id), false);
    assert.deepEqual(await store.listInitialAccessTokens({ limit: 10 }), [two]);
  },

  async "each use of an initial access token makes one client, also when many come at once"(store) {
    const token = sampleInitialAccessToken({ uses_left: 3 });
    const { token_id } = token;
    await store.addInitialAccessToken(token);
    const spends = { token_id, now: START };
    const clients = Array.from({ length: 10 }, () => itself());
    const made = await atOnce(10, (i) => store.createClient(clients[i] ?? itself(), { spends }));
    assert.equal(trueOnes(made), 3);
    for (const [i, client] of clients.entries())
      assert.equal((await store.findClient(client.client_id)) !== null, made[i]);
    assert.equal((await store.findInitialAccessToken(token_id))?.uses_left, 0);
  },

  async "a token that has ended, was removed or never was makes no client, and one that made none keeps its use"(
    store,
  ) {
    const token = sampleInitialAccessToken({ expires_at: START + 10 });
    const { token_id } = token;
    await store.addInitialAccessToken(token);
    const late = { spends: { token_id, now: START + 10 } };
    assert.equal(await store.createClient(itself(), late), false);
    assert.equal(
      await store.createClient(itself(), { spends: { token_id: "x", now: START } }),
      false,
    );
    const taken = itself();
    await store.createClient(taken);
    const spends = { token_id, now: START };
    assert.equal(await store.createClient(taken, { spends }), false);
    assert.deepEqual(await store.findInitialAccessToken(token_id), token);
    await store.removeInitialAccessToken(token_id);
    assert.equal(await store.createClient(itself(), { spends }), false);
  },

  async "expired initial access tokens are swept"(store) {
    const [over, live] = [
      sampleInitialAccessToken({ expires_at: START + 10 }),
      sampleInitialAccessToken({ expires_at: START + 11 }),
    ];
    for (const token of [over, live]) await store.addInitialAccessToken(token);
    await sweepAll(store, START + 10);
    assert.deepEqual(await store.listInitialAccessTokens({ limit: 10 }), [live]);
  },

  async "a client that nobody uses is swept at its end, with its logo and its events"(store) {
    const expires_at = START + A_DAY;
    const clients = Array.from({ length: 25 }, () => itself());
    for (const client of clients) {
      const { client_id } = client;
      await store.createClient(client, {
        expires_at,
        events: [sampleEvent({ sub: null, client_id, expires_at: START + 400 * A_DAY })],
      });
      await store.storeLogo(client, sampleLogo({ client_id }));
    }
    const later = itself();
    await store.createClient(later, { expires_at: expires_at + 1 });
    await sweepAll(store, expires_at - 1);
    assert.equal((await registered(store)).length, 26);
    const { versions } = await store.readState();
    await sweepAll(store, expires_at);
    for (const { client_id } of clients) {
      assert.equal(await store.findLogo(client_id), null);
      assert.deepEqual(await store.listAudit({ client_id, limit: 10 }), []);
    }
    assert.deepEqual(await registered(store), [later]);
    const after = await store.readState();
    assert.ok(after.versions.clients > versions.clients, "caches forget them");
    await sweepAll(store, expires_at);
    assert.deepEqual(await store.readState(), after, "nothing is due, so nothing is written");
  },

  async "a used client stays until its new end; its consents go with it, and its events stay"(
    store,
  ) {
    const client = itself({ client_id: "printly" });
    const { client_id } = client;
    const event = sampleEvent({ sub: null, client_id, expires_at: START + 400 * A_DAY });
    await store.createClient(client, { expires_at: START + A_DAY, events: [event] });
    const before = await store.readState();
    const until = START + 365 * A_DAY;
    await store.keepClient(client_id, { now: START + 5, until });
    await store.keepClient(client_id, { now: START + 6, until: until - 1 });
    assert.deepEqual(await store.readState(), before);
    assert.deepEqual(await store.findClient(client_id), client, "the end is in no record");
    const renamed = { ...client, trusted: true };
    assert.equal(await store.updateClient(renamed, { before: client }), true);
    await grantWith(store, sampleGrant({ client_id }), sampleConsent({ client_id }));
    await sweepAll(store, until - 1);
    assert.deepEqual(await registered(store), [renamed]);
    await sweepAll(store, until);
    assert.deepEqual(await registered(store), []);
    const due = { now: until, until: until + 60, limit: 100 };
    assert.equal((await store.leaseJobs({ kinds: ["end_clients"], ...due })).length, 1);
    assert.equal((await store.listAudit({ client_id, limit: 10 })).length, 1);
  },

  async "a client without an end is never given one"(store) {
    const client = sampleClient();
    await store.createClient(client);
    await store.keepClient(client.client_id, { now: START, until: START + 1 });
    await sweepAll(store, START + 1000 * A_DAY);
    await settle(store);
    assert.deepEqual(await store.findClient(client.client_id), client);
  },
};
