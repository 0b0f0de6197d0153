/** Events and jobs are written with the change that they are about, or not at all. */
import assert from "node:assert/strict";
import type { AuditRecord } from "../audit.ts";
import { endClients } from "../ending_jobs.ts";
import { attempts } from "./attempts.ts";
import {
  newId,
  START,
  sampleAccount,
  sampleClient,
  sampleConsent,
  sampleEvent,
  sampleGrant,
  sampleJob,
  sampleSession,
} from "./samples.ts";
import { grantWith, type Scenarios, settle } from "./scenario.ts";

const namesOf = (events: readonly AuditRecord[]): string[] =>
  events.map(({ event_id }) => event_id ?? "").sort();

export const alongsideScenarios: Scenarios = {
  async "an event and a job are written with the change, and not if it is refused"(store) {
    const all = await attempts(store);
    for (const [name, [done, refused]] of Object.entries(all)) {
      const events = (which: string) => [sampleEvent({ event_id: `${name} ${which}` })];
      const jobs = (which: string) => [sampleJob({ kind: `${name} ${which}` })];
      await done({ events: events("done"), jobs: jobs("done") });
      await refused({ events: events("refused"), jobs: jobs("refused") });
      const kinds = [`${name} done`, `${name} refused`];
      const leased = await store.leaseJobs({ kinds, now: START, until: START + 60, limit: 10 });
      assert.deepEqual(
        leased.map(({ kind }) => kind),
        [`${name} done`],
      );
    }
    const written = namesOf(await store.listAudit({ limit: 100 }));
    assert.deepEqual(
      written,
      Object.keys(all)
        .map((name) => `${name} done`)
        .sort(),
    );
  },

  async "a session begins and ends with its events"(store) {
    const [begun, ended] = [sampleEvent(), sampleEvent({ at: START + 1, event: "session_ended" })];
    const session = sampleSession();
    await store.createSession(session, { events: [begun] });
    assert.deepEqual(await store.listAudit({ sub: "ada", limit: 10 }), [begun]);
    await store.endSessions(session, { events: [ended] });
    assert.deepEqual(await store.listAudit({ sub: "ada", limit: 10 }), [ended, begun]);
  },

  async "a duplicate event undoes the change that it accompanies"(store) {
    const event = sampleEvent();
    const session = sampleSession();
    await store.createSession(session, { events: [event] });
    await assert.rejects(store.endSessions(session, { events: [event] }));
    assert.ok(await store.findSession(session.session_id));
  },
};

/** Rows that end with a person or a client, and the conditions of a change. */
export const endingScenarios: Scenarios = {
  async "a change of an account ends exactly what it names"(store) {
    const account = sampleAccount();
    const { sub } = account;
    await store.createAccount(account, ["ada"]);
    const [here, there] = [sampleSession({ sub }), sampleSession({ sub })];
    for (const each of [here, there]) await store.createSession(each);
    const [grant, other] = [sampleGrant({ sub }), sampleGrant({ sub: "eve" })];
    await grantWith(store, grant, sampleConsent({ sub }));
    await grantWith(store, other, sampleConsent({ sub: "eve" }));
    const revoked_at = async (id: string) => (await store.findGrant(id))?.revoked_at;

    const except = here.session_id;
    await store.updateAccount(account, ["ada"], {
      ends: { now: START + 1, sessions: { except } },
    });
    await settle(store);
    assert.deepEqual(await store.listSessions(sub, { limit: 10 }), [here]);
    assert.equal(await revoked_at(grant.grant_id), null);

    const ends = { now: START + 2, sessions: true, grants: true } as const;
    await store.updateAccount(account, ["ada"], { ends });
    await settle(store);
    const { ends_before, sessions_end_before } = (await store.findAccount(sub)) ?? account;
    assert.deepEqual([ends_before, sessions_end_before], [START + 3, START + 3]);
    assert.deepEqual(await store.listSessions(sub, { limit: 10 }), []);
    assert.equal(await revoked_at(grant.grant_id), START + 2);
    assert.ok(await store.findConsent(sub, "printly"), "the consent stays unless it is named");

    await store.endPerson(sub, { now: START + 3, consents: true });
    await store.endPerson(sub, { now: START + 3, consents: true });
    assert.equal(await store.findConsent(sub, "printly"), null);
    assert.equal(await revoked_at(other.grant_id), null);
    assert.ok(await store.findConsent("eve", "printly"));
  },

  async "an ending job spares what began after the end, however late it runs"(store) {
    const sub = "ada";
    const [old, young] = [
      sampleSession(),
      sampleSession({ proofs: [{ kind: "pwd", at: START + 11 }] }),
    ];
    for (const session of [old, young]) await store.createSession(session);
    const [before, after] = [sampleGrant(), sampleGrant({ created_at: START + 11 })];
    await grantWith(store, before, sampleConsent({ since: START + 11 }));
    await grantWith(store, after, null);
    const ends = { now: START + 10, sessions: true, grants: true, consents: true } as const;
    const live = async () => [
      (await store.listSessions(sub, { limit: 10 })).length,
      (await store.findGrant(before.grant_id))?.revoked_at,
      (await store.findGrant(after.grant_id))?.revoked_at,
      (await store.findConsent(sub, "printly")) !== null,
    ];
    await endClients({ client_ids: ["printly"], ends, after: "" }, store);
    assert.deepEqual(await live(), [2, START + 10, null, true]);
    await store.endPerson(sub, ends);
    assert.deepEqual(await live(), [1, START + 10, null, true]);
    await store.endPerson(sub, { ...ends, now: START + 11 });
    assert.deepEqual(await live(), [0, START + 10, START + 11, false]);
  },

  async "ending access at one client is recorded with it, and leaves everything else"(store) {
    const sub = "ada";
    const session = sampleSession({ sub });
    await store.createSession(session);
    const [grant, other] = [sampleGrant({ sub }), sampleGrant({ sub, client_id: "other" })];
    await grantWith(store, grant, sampleConsent({ sub }));
    await grantWith(store, other, sampleConsent({ sub, client_id: "other" }));
    const event = sampleEvent({ sub, event: "user_revoked" });
    const ends = { now: START + 1, grants: true, consents: true, client_id: "printly" };
    await store.endPerson(sub, ends, { events: [event] });
    assert.deepEqual(await store.listAudit({ sub, limit: 10 }), [event]);
    assert.equal((await store.findGrant(grant.grant_id))?.revoked_at, START + 1);
    assert.equal((await store.findGrant(other.grant_id))?.revoked_at, null);
    assert.equal(await store.findConsent(sub, "printly"), null);
    assert.ok(await store.findConsent(sub, "other"));
    assert.deepEqual(await store.listSessions(sub, { limit: 10 }), [session]);
  },

  async "a change of a client ends the grants of all people, and consents if named"(store) {
    const client = sampleClient({ client_id: "printly" });
    await store.createClient(client);
    const own = [sampleGrant(), sampleGrant({ sub: "eve" })];
    const other = sampleGrant({ client_id: "other" });
    for (const { sub, client_id, ...grant } of [...own, other])
      await grantWith(store, { ...grant, sub, client_id }, sampleConsent({ sub, client_id }));
    const changed = { ...client, ends_before: START + 6 };
    await store.updateClient(client, { ends: { now: START + 5, grants: true } });
    await settle(store);
    assert.deepEqual(await store.findClient("printly"), changed);
    for (const { grant_id, sub } of own) {
      assert.equal((await store.findGrant(grant_id))?.revoked_at, START + 5);
      assert.ok(await store.findConsent(sub, "printly"));
    }
    const forget = { now: START + 6, grants: true, consents: true };
    await endClients({ client_ids: ["printly"], ends: forget, after: "" }, store);
    for (const { sub } of own) assert.equal(await store.findConsent(sub, "printly"), null);
    assert.equal((await store.findGrant(other.grant_id))?.revoked_at, null);
    assert.ok(await store.findConsent("ada", "other"));
  },

  async "a change by a session requires it to be alive, with its secret"(store) {
    const account = sampleAccount();
    await store.createAccount(account, ["ada"]);
    const session = sampleSession({ sub: account.sub });
    await store.createSession(session);
    const changed = { ...account, password_hash: "new" };
    const change = (given: object) =>
      store.updateAccount(changed, ["ada"], {
        before: account,
        session: { ...session, ...given },
      });
    assert.equal(await change({ secret_hash: "guessed" }), false);
    assert.equal(await change({ session_id: `${newId()}0000` }), false);
    assert.deepEqual(await store.findAccount(account.sub), account);
    assert.equal(await change({}), true);
    assert.equal(await store.updateAccount(changed, ["ada"], { session }), true);
    await store.endSessions(session);
    const again = { ...changed, password_hash: "newer" };
    assert.equal(await store.updateAccount(again, ["ada"], { session }), false);
    assert.deepEqual(await store.findAccount(account.sub), changed);
  },
};

/** Lists in pages: each entry occurs once. */
export const pageScenarios: Scenarios = {
  async "every list is paged in its order"(store) {
    const at = (i: number) => START + Math.floor(i / 3);
    for (let i = 0; i < 10; i += 1) {
      const client_id = `client ${i}`;
      const [owner_sub, created_by] = i % 2 === 0 ? ["ada", "user" as const] : [null, undefined];
      await store.createClient(
        sampleClient({
          client_id,
          created_at: at(i),
          owner_sub,
          ...(created_by && { created_by }),
        }),
      );
      await store.createAccount(sampleAccount({ created_at: at(i) }), [`login ${i}`]);
      await store.createSession(sampleSession({ created_at: at(i) }));
      await grantWith(
        store,
        sampleGrant({ client_id }),
        sampleConsent({ client_id, used_at: at(i) }),
      );
      await store.appendAudit([sampleEvent({ at: at(i), sub: i % 2 === 0 ? "ada" : null })]);
    }
    const lists: Record<string, (after: never, limit: number) => Promise<object[]>> = {
      clients: (after, limit) => store.listClients({ after, limit }),
      "clients of one person": (after, limit) =>
        store.listClients({ after, limit, owner_sub: "ada" }),
      "clients of one origin": (after, limit) =>
        store.listClients({ after, limit, created_by: "operator" }),
      accounts: (after, limit) => store.listAccounts({ after, limit }),
      sessions: (after, limit) => store.listSessions("ada", { after, limit }),
      consents: (after, limit) => store.listConsents("ada", { after, limit }),
      events: (after?: { audit_id: string }, limit = 10) =>
        store.listAudit({ after: after?.audit_id, limit }),
    };
    for (const [name, list] of Object.entries(lists)) {
      const whole = await list(undefined as never, 100);
      assert.equal(whole.length, name.startsWith("clients of one") ? 5 : 10, name);
      const paged: object[] = [];
      for (let page = await list(undefined as never, 3); page.length > 0; ) {
        paged.push(...page);
        page = await list(page.at(-1) as never, 3);
      }
      assert.deepEqual(paged, whole, name);
    }
  },
};
