/** Jobs: one node at a time works on one, and a node that was too slow cannot finish it. */
import assert from "node:assert/strict";
import { placeOf } from "../place.ts";
import type { Store } from "../store.ts";
import { START, sampleJob } from "./samples.ts";
import { atOnce, type Scenarios, trueOnes } from "./scenario.ts";

const lease = (store: Store, given: { now?: number; limit?: number; kinds?: string[] } = {}) => {
  const { now = START, limit = 10, kinds = ["mail"] } = given;
  return store.leaseJobs({ kinds, now, until: now + 60, limit });
};

export const jobScenarios: Scenarios = {
  async "a job is leased as added, and gone when finished"(store) {
    const job = sampleJob();
    await store.addJobs([job]);
    await store.addJobs([job]);
    const [leased, ...more] = await lease(store);
    assert.deepEqual(more, []);
    assert.deepEqual(leased, { ...job, leased_until: START + 60, lease_no: 1, attempts: 1 });
    assert.ok(leased);
    assert.equal(await store.finishJob(leased), true);
    assert.equal(await store.finishJob(leased), false);
    assert.deepEqual(await lease(store, { now: START + 100 }), []);
  },

  async "a job is leased when it is due, for its kind only"(store) {
    await store.addJobs([sampleJob({ due_at: START + 5 }), sampleJob({ kind: "other" })]);
    assert.deepEqual(await lease(store, { now: START + 4 }), []);
    assert.equal((await lease(store, { now: START + 5 })).length, 1);
    assert.equal((await lease(store, { kinds: ["other", "third"] })).length, 1);
    await store.addJobs([]);
  },

  async "jobs of people and of the directory are one list, ordered by due time"(store) {
    const jobs = [0, 1, 2, 3].map((i) =>
      sampleJob({ due_at: START + i, place: i % 2 === 0 ? null : placeOf(`person ${i}`) }),
    );
    await store.addJobs(jobs.toReversed());
    const leased = await lease(store, { now: START + 9, limit: 3 });
    assert.deepEqual(
      leased.map(({ job_id, place }) => [job_id, place]),
      jobs.slice(0, 3).map(({ job_id, place }) => [job_id, place]),
    );
    for (const job of leased) {
      assert.equal(await store.renewLease(job, START + 200), true);
      assert.equal(await store.postponeJob(job, { due_at: START, error: "no" }), true);
      assert.equal(await store.finishJob(job), false);
    }
    const again = await lease(store, { now: START + 9 });
    assert.equal(again.length, 4);
    for (const job of again) assert.equal(await store.finishJob(job), true);
    assert.deepEqual(await lease(store, { now: START + 500 }), []);
  },

  async "jobs of a kind are listed page by page, leased ones and those of people and the directory"(
    store,
  ) {
    const jobs = [0, 1, 2, 3, 4].map((i) =>
      sampleJob({ place: i % 2 === 0 ? null : placeOf(`person ${i}`), due_at: START + 10 - i }),
    );
    await store.addJobs([...jobs, sampleJob({ kind: "other" })]);
    const [leased] = await lease(store, { now: START + 6, limit: 1 });
    const ids: string[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await store.listJobs("mail", { after, limit: 2 });
      for (const job of page)
        assert.equal(job.leased_until, job.job_id === leased?.job_id ? START + 66 : 0);
      ids.push(...page.map(({ job_id }) => job_id));
      after = ids.at(-1);
      if (page.length < 2) break;
    }
    assert.deepEqual(ids, jobs.map(({ job_id }) => job_id).sort());
    assert.deepEqual(await store.listJobs("third", { limit: 10 }), []);
  },

  async "of 20 concurrent leases, one gets each job"(store) {
    await store.addJobs(Array.from({ length: 5 }, () => sampleJob()));
    const leased = (await atOnce(20, () => lease(store, { limit: 5 }))).flat();
    assert.equal(leased.length, 5);
    assert.equal(new Set(leased.map(({ job_id }) => job_id)).size, 5);
  },

  async "a dead node's job is taken over; a stalled node can neither finish nor keep it"(store) {
    await store.addJobs([sampleJob()]);
    const [stalled] = await lease(store);
    assert.ok(stalled);
    assert.deepEqual(await lease(store, { now: START + 59 }), []);
    const [taken] = await lease(store, { now: START + 60 });
    assert.ok(taken);
    assert.equal(taken.attempts, 2);
    assert.equal(await store.renewLease(stalled, START + 500), false);
    assert.equal(await store.finishJob(stalled), false);
    assert.equal(await store.postponeJob(stalled, { due_at: START, error: "late" }), false);
    assert.equal(await store.renewLease(taken, START + 200), true);
    assert.deepEqual(await lease(store, { now: START + 199 }), []);
    assert.equal(await store.finishJob(taken), true);
  },

  async "a failed job returns when it is due, with its error"(store) {
    await store.addJobs([sampleJob()]);
    const [first] = await lease(store);
    assert.ok(first);
    const later = { due_at: START + 30, error: "the server said no" };
    assert.equal(await store.postponeJob(first, later), true);
    assert.equal(await store.finishJob(first), false, "the lease ended with the failure");
    assert.deepEqual(await lease(store, { now: START + 29 }), []);
    const [second] = await lease(store, { now: START + 30 });
    assert.equal(second?.error, "the server said no");
    assert.equal(second?.attempts, 2);
  },

  async "of 20 concurrent finishes of one job, one succeeds"(store) {
    await store.addJobs([sampleJob()]);
    const [job] = await lease(store);
    assert.ok(job);
    assert.equal(trueOnes(await atOnce(20, () => store.finishJob(job))), 1);
  },

  async "a job of an unknown kind is removed a day after its end, and offered to nodes that know it until then"(
    store,
  ) {
    const end = START + 50;
    for (const place of [placeOf("ada"), null])
      await store.addJobs([sampleJob({ place, expires_at: end }), sampleJob({ place })]);
    await store.sweep(end + 86_399, 10);
    assert.equal((await lease(store, { now: end + 86_399 })).length, 4);
    await store.sweep(end + 86_400, 10);
    assert.equal((await lease(store, { now: end + 90_000 })).length, 2);
  },
};
