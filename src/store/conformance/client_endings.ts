/** Clients end at once, and their rows soon after: by a job, in steps. */
import assert from "node:assert/strict";
import { uuidv7 } from "../../crypto/hash.ts";
import { END_CLIENTS, type EndClients, endClients } from "../ending_jobs.ts";
import { withPlace } from "../place.ts";
import type { GrantRecord } from "../records.ts";
import type { Store } from "../store.ts";
import { START, sampleAccount, sampleClient, sampleConsent, sampleGrant } from "./samples.ts";
import { grantWith, type Scenarios, settle } from "./scenario.ts";

const ENDS = { now: START + 5, grants: true, consents: true } as const;

async function granted(store: Store, client_id: string, people: number): Promise<GrantRecord[]> {
  const grants = Array.from({ length: people }, (_, i) => {
    const sub = `person ${i}`;
    // Ids of several clients alternate.
    return sampleGrant({ sub, client_id, grant_id: withPlace(uuidv7(START * 1000 + i), sub) });
  });
  for (const grant of grants)
    await grantWith(store, grant, sampleConsent({ sub: grant.sub, client_id }));
  return grants;
}

/** Numbers of grants that are live, and of consents that stand. */
async function left(store: Store, grants: readonly GrantRecord[]): Promise<[number, number]> {
  let [live, standing] = [0, 0];
  for (const { grant_id, sub, client_id } of grants) {
    if ((await store.findGrant(grant_id))?.revoked_at === null) live += 1;
    if (await store.findConsent(sub, client_id)) standing += 1;
  }
  return [live, standing];
}

export const clientEndingScenarios: Scenarios = {
  async "rows of clients end in steps, of which each reads a few, and no other rows end"(store) {
    const [one, two, other] = [
      await granted(store, "one", 7),
      await granted(store, "two", 6),
      await granted(store, "other", 5),
    ];
    const between = withPlace(uuidv7(START * 1000 + 3), "ada");
    const young = sampleGrant({ client_id: "one", grant_id: between, created_at: ENDS.now + 1 });
    const again = sampleConsent({ client_id: "one", since: ENDS.now + 1 });
    await grantWith(store, young, again);
    const steps: [string, number, number][] = [];
    const watched: Pick<Store, "removeConsentsOf" | "revokeGrantsOf"> = {
      async removeConsentsOf(client_id, which) {
        const before = await left(store, [...one, ...two]);
        const more = await store.removeConsentsOf(client_id, which);
        const after = await left(store, [...one, ...two]);
        steps.push([client_id, which.limit, before[1] - after[1]]);
        return more;
      },
      async revokeGrantsOf(client_ids, walk) {
        const step = await store.revokeGrantsOf(client_ids, walk);
        steps.push(["grants", walk.limit, step.revoked]);
        return step;
      },
    };
    const job = { client_ids: ["one", "two"], ends: ENDS, after: "" };
    await endClients(job, watched, { limit: 4 });
    const texts = steps.map(([of, limit, ended]) => `${of}: ${ended} of ${limit}`);
    assert.deepEqual(texts.splice(0, 4), [
      ...["one: 4 of 4", "one: 3 of 4"],
      ...["two: 4 of 4", "two: 2 of 4"],
    ]);
    // Steps read rows of other clients too.
    assert.equal(texts.length, Math.ceil((7 + 6 + 5 + 1) / 4));
    for (const text of texts) assert.match(text, /^grants: [0-4] of 4$/);
    assert.deepEqual(await left(store, [...one, ...two]), [0, 0]);
    assert.deepEqual(await left(store, other), [5, 5]);
    assert.deepEqual(await left(store, [young]), [1, 1], "it began after the end");
    for (const { grant_id } of [...one, ...two])
      assert.equal((await store.findGrant(grant_id))?.revoked_at, ENDS.now);
  },

  async "an end that was interrupted at any step is completed by the next run"(store) {
    for (let failing = 1; failing <= 5; failing += 1) {
      const client_id = `client ${failing}`;
      const grants = await granted(store, client_id, 5);
      const [first] = grants;
      assert.ok(first);
      await store.revokeGrant(first.grant_id, START + 1);
      let steps = 0;
      const step =
        <A extends unknown[], R>(run: (...args: A) => Promise<R>) =>
        async (...args: A): Promise<R> => {
          steps += 1;
          if (steps === failing) throw new Error("the process was killed");
          return run(...args);
        };
      const breaking = {
        removeConsentsOf: step(store.removeConsentsOf),
        revokeGrantsOf: step(store.revokeGrantsOf),
      };
      const job: EndClients = {
        client_ids: [client_id],
        ends: ENDS,
        after: first.grant_id.slice(0, 9),
      };
      await assert.rejects(endClients(job, breaking, { limit: 2 }), /killed/);
      assert.notDeepEqual(await left(store, grants), [0, 0], `nothing was left at step ${failing}`);
      await endClients(job, store, { limit: 2 });
      assert.deepEqual(await left(store, grants), [0, 0]);
      assert.equal((await store.findGrant(first.grant_id))?.revoked_at, START + 1);
      await store.sweep(START + 1_000_000, 100);
    }
  },

  async "a stopping server leaves the rest of an end to the next run"(store) {
    const grants = await granted(store, "printly", 5);
    const job = { client_ids: ["printly"], ends: ENDS, after: "" };
    const stopping = new AbortController();
    const revokeGrantsOf: Store["revokeGrantsOf"] = (...args) => {
      stopping.abort();
      return store.revokeGrantsOf(...args);
    };
    const { signal } = stopping;
    await endClients(job, { ...store, revokeGrantsOf }, { limit: 2, signal });
    assert.deepEqual(await left(store, grants), [3, 0]);
    await endClients(job, { ...store, revokeGrantsOf }, { limit: 2, signal });
    assert.deepEqual(await left(store, grants), [3, 0]);
  },

  async "a change writes the job of its client with it, and none if it is refused"(store) {
    const client = sampleClient({ client_id: "printly" });
    const lease = { kinds: [END_CLIENTS], now: START + 9, until: START + 69, limit: 9 };
    const jobs = async () =>
      (await store.leaseJobs(lease)).map(({ payload }): EndClients => JSON.parse(payload));
    await store.createClient(client);
    const trusted = { ...client, trusted: true };
    assert.equal(await store.updateClient(trusted, { before: client }), true);
    assert.equal(await store.updateClient(client, { before: client, ends: ENDS }), false);
    assert.equal(await store.removeClient("nobody", START + 5), false);
    assert.deepEqual(await jobs(), []);
    assert.equal(await store.updateClient(client, { before: trusted, ends: ENDS }), true);
    assert.deepEqual(
      (await jobs()).map(({ ends }) => ends),
      [ENDS],
    );
    assert.equal(await store.removeClient("printly", START + 5), true);
    assert.equal(await store.removeClient("printly", START + 6), false);
    const [job, ...others] = await jobs();
    assert.deepEqual([job?.client_ids, job?.ends, others], [["printly"], ENDS, []]);
    // The walk begins shortly before the client did: an app that is removed at once costs next to nothing.
    const before = (hours: number) =>
      ((client.created_at - hours * 3600) * 1000).toString(16).padStart(12, "0");
    const after = job?.after ?? "";
    assert.ok(after <= before(1) && after > before(2), after);
  },

  async "one job ends all apps of a person"(store) {
    const owner = sampleAccount();
    await store.createAccount(owner, ["ada"]);
    for (const client_id of ["one", "two"])
      await store.createClient(sampleClient({ client_id, owner_sub: owner.sub }));
    const grants = [...(await granted(store, "one", 2)), ...(await granted(store, "two", 2))];
    assert.equal(await store.removeAccount(owner.sub, START + 5), true);
    const lease = { kinds: [END_CLIENTS], now: START + 9, until: START + 10, limit: 9 };
    const [job, ...others] = await store.leaseJobs(lease);
    assert.ok(job);
    assert.deepEqual(JSON.parse(job.payload).client_ids, ["one", "two"]);
    assert.deepEqual(others, []);
    await settle(store);
    assert.deepEqual(await left(store, grants), [0, 0]);
  },

  async "a client with the id of a removed one keeps what begins after that"(store) {
    const client = sampleClient({ client_id: "printly" });
    await store.createClient(client);
    const old = await granted(store, "printly", 3);
    assert.equal(await store.createClient(client), false, "the id is taken");
    assert.deepEqual(await left(store, old), [3, 3]);
    assert.equal(await store.removeClient("printly", START + 5), true);
    await store.createClient({ ...client, created_at: START + 6 });
    const grant = sampleGrant({ created_at: START + 7 });
    const before = await store.findConsent(grant.sub, "printly");
    const becomes = sampleConsent({ since: START + 7 });
    assert.equal(await store.approve({ grant, consent: { before, becomes } }), "approved");
    await settle(store);
    assert.deepEqual(await left(store, old), [0, 0]);
    assert.deepEqual(await left(store, [grant]), [1, 1]);
  },
};
