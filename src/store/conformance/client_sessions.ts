/** The clients of sessions: kept with the grant, and replaced by a job that tells the client once. */
import assert from "node:assert/strict";
import { END_CLIENT_SESSIONS } from "../ending_jobs.ts";
import { withPlace } from "../place.ts";
import type { ClientSessionRecord } from "../records.ts";
import type { Store } from "../store.ts";
import {
  START,
  sampleAccount,
  sampleClientSession,
  sampleConsent,
  sampleGrant,
  sampleJob,
  sampleSession,
} from "./samples.ts";
import { atOnce, type Scenarios, settle, trueOnes } from "./scenario.ts";

/** Written as the store writes it: with a grant. */
async function keep(store: Store, client_session: ClientSessionRecord): Promise<void> {
  const { sub, client_id } = client_session;
  const before = await store.findConsent(sub, client_id);
  const consent = before
    ? { stands: before }
    : { before, becomes: sampleConsent({ sub, client_id }) };
  const grant = sampleGrant({ sub, client_id });
  assert.equal(await store.approve({ grant, consent, client_session }), "approved");
}

const kept = (store: Store, sub = "ada") => store.listClientSessions({ sub }, 100);
const leased = (store: Store, kinds: string[], now = START + 10) =>
  store.leaseJobs({ kinds, now, until: now + 60, limit: 100 });

export const clientSessionScenarios: Scenarios = {
  async "a client session reads back as written, once for each session and client"(store) {
    const one = sampleClientSession();
    for (const each of [one, one]) await keep(store, each);
    assert.deepEqual(await kept(store), [one]);
    const renamed = { ...one, sent_sub: "another name", sent_sid: "another", check_at: 1 };
    await keep(store, renamed);
    assert.deepEqual(await kept(store), [{ ...renamed, check_at: one.check_at }]);
    const others = [
      sampleClientSession({ check_at: START + 601 }),
      { ...one, client_id: "other", check_at: START + 602 },
    ];
    for (const each of [...others, sampleClientSession({ sub: "eve" })]) await keep(store, each);
    const now = { ...renamed, check_at: one.check_at };
    assert.deepEqual(await kept(store), [now, ...others]);
    assert.deepEqual(await store.listClientSessions({ sub: "ada" }, 1), [now]);
    const { session_id } = one;
    assert.deepEqual(await store.listClientSessions({ sub: "ada", session_id }, 9), [
      now,
      others[1],
    ]);
    assert.deepEqual(await store.listClientSessions({ sub: "eve", session_id }, 9), []);
  },

  async "it is not kept when the grant is refused"(store) {
    const consent = { stands: sampleConsent() };
    const approval = { grant: sampleGrant(), consent, client_session: sampleClientSession() };
    assert.equal(await store.approve(approval), "changed");
    assert.deepEqual(await kept(store), []);
  },

  async "sessions take those of their clients with them that their jobs tell, and no others"(
    store,
  ) {
    const session = sampleSession();
    await store.createSession(session);
    const { session_id } = session;
    const [told, late] = [
      sampleClientSession({ session_id }),
      sampleClientSession({ session_id, client_id: "late" }),
    ];
    for (const each of [told, late]) await keep(store, each);
    const alongside = { told: [told], jobs: [sampleJob({ kind: "tell" })] };
    assert.equal(await store.endSessions({ sub: "eve", session_id }, alongside), 0);
    assert.equal((await kept(store)).length, 2);
    assert.equal(await store.endSessions(session, alongside), 1);
    assert.deepEqual(await kept(store), [late]);
    assert.equal((await leased(store, ["tell"])).length, 1);
  },

  async "of 20 that end one at once, one adds its job"(store) {
    const one = sampleClientSession();
    await keep(store, one);
    const outcomes = await atOnce(20, () =>
      store.endClientSession(one, sampleJob({ kind: "tell" })),
    );
    assert.equal(trueOnes(outcomes), 1);
    assert.equal((await leased(store, ["tell"])).length, 1);
    assert.deepEqual(await kept(store), []);
  },

  async "those that are due are listed for all people, until they are postponed"(store) {
    const [soon, later] = [
      sampleClientSession({ check_at: START + 5 }),
      sampleClientSession({ sub: "eve", check_at: START + 9 }),
    ];
    for (const each of [later, soon]) await keep(store, each);
    assert.deepEqual(await store.listDueClientSessions(START + 4, 10), []);
    assert.deepEqual(await store.listDueClientSessions(START + 9, 10), [soon, later]);
    assert.deepEqual(await store.listDueClientSessions(START + 9, 1), [soon]);
    await store.postponeClientSession(soon, START + 50);
    assert.deepEqual(await store.listDueClientSessions(START + 9, 10), [later]);
    assert.deepEqual(await kept(store), [{ ...soon, check_at: START + 50 }]);
  },

  async "when the sessions of a person end with a change, a job tells their clients"(store) {
    const account = sampleAccount({ sub: "ada" });
    await store.createAccount(account, ["ada"]);
    const ends = { now: START, sessions: true } as const;
    const changes: Record<string, () => Promise<unknown>> = {
      updateAccount: () => store.updateAccount(account, ["ada"], { ends }),
      "updateAccount, but for one session": () =>
        store.updateAccount(account, ["ada"], { ends: { now: START, sessions: { except: "x" } } }),
      endPerson: () => store.endPerson("ada", ends),
      removeAccount: () => store.removeAccount("ada", START),
    };
    for (const [name, change] of Object.entries(changes)) {
      await keep(store, sampleClientSession({ session_id: withPlace(name, "ada") }));
      await change();
      await settle(store);
      const jobs = await leased(store, [END_CLIENT_SESSIONS], START + 2000);
      assert.ok(jobs.length > 0, name);
      for (const job of jobs) {
        assert.deepEqual(JSON.parse(job.payload), { sub: "ada", all: false });
        assert.equal(await store.finishJob(job), true);
      }
    }
    await store.endPerson("ada", { now: START, grants: true });
    assert.deepEqual(await leased(store, [END_CLIENT_SESSIONS], START + 2000), []);
  },
};
