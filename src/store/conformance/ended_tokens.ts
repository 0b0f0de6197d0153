/** The list of ended access tokens: what each end lists, in its own transaction. */
import assert from "node:assert/strict";
import { clientName, epochName, grantName, keyName, tokenName } from "../../oauth/ended.ts";
import type { EndKind } from "../ended_tokens.ts";
import type { GrantRecord } from "../records.ts";
import type { Store } from "../store.ts";
import {
  newId,
  START,
  sampleAccount,
  sampleClient,
  sampleConsent,
  sampleGrant,
  sampleKey,
  sampleSession,
} from "./samples.ts";
import { grantWith, type Scenarios, settle } from "./scenario.ts";

const ALL = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** The names, each once: what ends twice is listed in the second of each end. */
async function listed(store: Store, kind: EndKind): Promise<string[]> {
  const names = await store.listEnded({ kind, ...ALL }, { limit: 1000 });
  return [...new Set(names.map(({ name }) => name))].sort();
}

async function granted(store: Store, given: Partial<GrantRecord> = {}): Promise<GrantRecord> {
  const grant = sampleGrant(given);
  const { sub, client_id } = grant;
  await grantWith(store, grant, sampleConsent({ sub, client_id }));
  return grant;
}

const names = (...grants: GrantRecord[]): string[] =>
  grants.map(({ grant_id }) => grantName(grant_id)).sort();

async function secondsNow(store: Store): Promise<number> {
  return Math.floor(((await store.readClock()) ?? Date.now()) / 1000);
}

/** Ada with a grant for each of two clients and one that is tied to a session; Eve with one that nothing here ends. */
async function people(store: Store) {
  const ada = sampleAccount({ sub: "ada" });
  await store.createAccount(ada, ["ada"]);
  const session = sampleSession({ sub: "ada" });
  await store.createSession(session);
  const { session_id } = session;
  const one = await granted(store, { client_id: "one" });
  const two = await granted(store, { client_id: "two" });
  const tied = await granted(store, { client_id: "two", session_id });
  await granted(store, { sub: "eve", client_id: "one" });
  return { ada, session, one, two, tied };
}

export const endedTokenScenarios: Scenarios = {
  async "the end of a grant lists it, once, and that of a single token its epoch"(store) {
    const grant = await granted(store);
    const { grant_id } = grant;
    const before = await secondsNow(store);
    assert.equal(await store.raiseAccessEpoch(grant_id, 0), true);
    assert.equal(await store.raiseAccessEpoch(grant_id, 0), false);
    assert.deepEqual(await listed(store, "person"), [epochName(grant_id, 0)]);
    assert.equal(await store.revokeGrant(grant_id, START + 1), true);
    assert.equal(await store.revokeGrant(grant_id, START + 2), false);
    assert.deepEqual(await listed(store, "person"), [grantName(grant_id), epochName(grant_id, 0)]);
    const after = await secondsNow(store);
    for (const { ended_at } of await store.listEnded({ kind: "person", ...ALL }, { limit: 9 }))
      assert.ok(ended_at >= before && ended_at <= after, "the time is the database's");
  },

  async "a token of a client is listed with the claim of its id, if it is the first"(store) {
    const claim = { now: START, expires_at: START + 600 };
    assert.equal(await store.claimOnce("jti", "a", claim), true);
    assert.equal(await store.claimOnce("jti", "a", { ...claim, ends: tokenName("a") }), false);
    assert.equal(await store.claimOnce("jti", "b", { ...claim, ends: tokenName("b") }), true);
    assert.equal(await store.isClaimed("jti", "b"), true);
    assert.deepEqual(await listed(store, "person"), [tokenName("b")]);
  },

  async "removed consent lists the grants that rested on it, and no others"(store) {
    const { one } = await people(store);
    assert.equal(await store.removeConsent({ sub: "ada", client_id: "nobody" }, START + 1), false);
    assert.deepEqual(await listed(store, "person"), []);
    assert.equal(await store.removeConsent({ sub: "ada", client_id: "one" }, START + 1), true);
    assert.deepEqual(await listed(store, "person"), names(one));
  },

  async "an ended session lists the grants that are tied to it, and no others"(store) {
    const { session, tied } = await people(store);
    const other = sampleSession({ sub: "ada" });
    await store.createSession(other);
    const kept = await granted(store, { client_id: "one", session_id: other.session_id });
    assert.equal(await store.endSessions({ ...session, sub: "eve" }), 0);
    assert.deepEqual(await listed(store, "person"), []);
    assert.equal(await store.endSessions(session), 1);
    assert.deepEqual(await listed(store, "person"), names(tied));
    assert.equal(await store.endSessions({ sub: "ada", except: null }), 1);
    assert.deepEqual(await listed(store, "person"), names(tied, kept));
  },

  async "all sessions but one: grants of the one are not listed"(store) {
    const { session, tied } = await people(store);
    const here = sampleSession({ sub: "ada" });
    await store.createSession(here);
    const { session_id } = here;
    await granted(store, { client_id: "one", session_id });
    await store.endPerson("ada", { now: START + 9, sessions: { except: session_id } });
    assert.deepEqual(await listed(store, "person"), names(tied));
    assert.equal(await store.findSession(session.session_id), null);
  },

  async "all sessions without the grants, as by a new password: tied grants are listed, and no others"(
    store,
  ) {
    const { ada, tied } = await people(store);
    const ends = { now: START + 1, sessions: true, grants: false } as const;
    await store.updateAccount({ ...ada, password_hash: "new" }, ["ada"], { before: ada, ends });
    await settle(store);
    assert.deepEqual(await listed(store, "person"), names(tied));
  },

  async "the end of a person's grants lists them: of one client, or all"(store) {
    const { one, two, tied } = await people(store);
    await store.endPerson("ada", { now: START + 1, client_id: "one", grants: true });
    assert.deepEqual(await listed(store, "person"), names(one));
    await store.endPerson("ada", { now: START + 2, grants: true, sessions: true });
    assert.deepEqual(await listed(store, "person"), names(one, two, tied));
  },

  async "a change of the account that ends nothing lists nothing"(store) {
    const { ada } = await people(store);
    await store.updateAccount({ ...ada, claims: {} }, ["ada"], { before: ada });
    await store.endPerson("ada", { now: START + 1, consents: true });
    await settle(store);
    assert.deepEqual(await listed(store, "person"), []);
  },

  async "a disabled person's grants are listed once, and stay"(store) {
    const { ada, one, two, tied } = await people(store);
    await store.revokeGrant(one.grant_id, START + 1);
    const disabled = { ...ada, disabled_at: START + 5 };
    assert.equal(await store.updateAccount(disabled, ["ada"], { before: ada }), true);
    await settle(store);
    assert.deepEqual(await listed(store, "person"), names(one, two, tied));
    assert.equal((await store.findGrant(two.grant_id))?.revoked_at, null);
    const later = await granted(store, { client_id: "two", created_at: START + 6 });
    const changed = { ...disabled, claims: {} };
    assert.equal(await store.updateAccount(changed, ["ada"], { before: disabled }), true);
    await settle(store);
    assert.ok(!(await listed(store, "person")).includes(grantName(later.grant_id)));
  },

  async "a removed person's grants and apps are listed"(store) {
    const { one, two, tied } = await people(store);
    await store.createClient(sampleClient({ client_id: "her app", owner_sub: "ada" }));
    assert.equal(await store.removeAccount("ada", START + 5), true);
    await settle(store);
    assert.deepEqual(await listed(store, "person"), names(one, two, tied));
    assert.deepEqual(await listed(store, "directory"), [clientName("her app")]);
  },

  async "a disabled, revoked or removed client is listed by its own name"(store) {
    const [one, two, three, four] = ["one", "two", "three", "four"].map((client_id) =>
      sampleClient({ client_id }),
    );
    if (!one || !two || !three || !four) throw new Error("there are four");
    for (const client of [one, two, three, four]) await store.createClient(client);
    await store.updateClient({ ...one, disabled_at: START + 1 }, { before: one });
    await store.updateClient(two, { before: two, ends: { now: START + 1, grants: true } });
    await store.removeClient("three", START + 1);
    await store.updateClient({ ...four, trusted: true }, { before: four });
    await store.removeClient("nobody", START + 1);
    const all = ["one", "two", "three"].map(clientName).sort();
    assert.deepEqual(await listed(store, "directory"), all);
    assert.deepEqual(await listed(store, "person"), []);
  },

  async "withdrawn signing keys are listed"(store) {
    for (const [i, kid] of ["one", "two", "three"].entries())
      await store.addSigningKey(sampleKey({ kid, signs_at: START + i }), START + 9);
    await store.retireSigningKey("one", START + 1);
    await store.retireSigningKey("one", START + 2);
    await store.replaceSigningKeys(["two"], null, START + 3);
    assert.deepEqual(await listed(store, "directory"), ["one", "two"].map(keyName));
  },

  async "grants that end by a leaked secret are listed"(store) {
    const one = await granted(store, { secret_id: "leaked" });
    await granted(store, { secret_id: "0badcafe" });
    await store.revokeGrantsUnder(["leaked"], { after: "", limit: 100, now: START + 1 });
    assert.deepEqual(await listed(store, "person"), names(one));
  },

  async "an answer that takes something back lists the other grants, and the earlier tokens of its own"(
    store,
  ) {
    const [one, other] = [await granted(store), await granted(store)];
    const consent = await store.findConsent("ada", "printly");
    assert.ok(consent);
    const wider = { ...other, permissions: [...other.permissions, "https://as.example email"] };
    const answer = { grant: wider, instead_of: other, consent: { stands: consent } };
    assert.equal(await store.approve(answer), "approved");
    assert.deepEqual(await listed(store, "person"), [], "more takes nothing back");
    const becomes = sampleConsent({ version: "2" });
    const grant = { ...one, access_epoch: 1, permissions: [] };
    const approval = { grant, instead_of: one, narrowed_at: START + 7 };
    const stale = { ...consent, version: "stale" };
    const refused = { ...approval, consent: { before: stale, becomes } };
    assert.equal(await store.approve(refused), "changed");
    assert.deepEqual(await listed(store, "person"), []);
    assert.equal(
      await store.approve({ ...approval, consent: { before: consent, becomes } }),
      "approved",
    );
    const both = [grantName(other.grant_id), epochName(one.grant_id, 0)].sort();
    assert.deepEqual(await listed(store, "person"), both);
  },

  async "seconds are counted, and their names have pages"(store) {
    const grants: GrantRecord[] = [];
    for (let i = 0; i < 7; i += 1) grants.push(await granted(store, { sub: `person ${i}` }));
    const since = await secondsNow(store);
    for (const { grant_id } of grants) await store.revokeGrant(grant_id, START + 1);
    await store.createClient(sampleClient({ client_id: "one" }));
    await store.removeClient("one", START + 1);
    const counted = await store.countEnded(since);
    const sum = (kind: EndKind) =>
      counted.reduce((all, each) => all + (each.kind === kind ? each.count : 0), 0);
    assert.deepEqual([sum("person"), sum("directory")], [7, 1]);
    assert.deepEqual(await store.countEnded(since + 1000), []);
    const found: string[] = [];
    for (let after = undefined as Parameters<Store["listEnded"]>[1]["after"]; ; ) {
      const page = await store.listEnded({ kind: "person", ...ALL }, { after, limit: 3 });
      found.push(...page.map(({ name }) => name));
      after = page.at(-1);
      if (page.length < 3) break;
    }
    assert.deepEqual(found.toSorted(), names(...grants));
    const earlier = { kind: "person", from: 0, to: since - 1 } as const;
    assert.deepEqual(await store.listEnded(earlier, { limit: 9 }), []);
  },

  async "names stay as long as a token may live, the longest that was noted lately"(store) {
    const left = async () => (await listed(store, "person")).length;
    const now = await secondsNow(store);
    await store.revokeGrant((await granted(store)).grant_id, START);
    await store.noteAccessTokenLife(600, now);
    await store.noteAccessTokenLife(3600, now);
    const { access_token_lives } = await store.readState();
    assert.deepEqual(access_token_lives, { 600: now, 3600: now });
    await store.sweep(now + 3600, 10);
    assert.equal(await left(), 1, "a token may live for an hour");
    await store.sweep(now + 3600 + 200, 10);
    assert.equal(await left(), 0);
    const jti = newId();
    await store.claimOnce("jti", jti, { now, expires_at: now + 9, ends: tokenName(jti) });
    await store.sweep(now + 600, 10);
    assert.equal(await left(), 1);
  },
};
