/** One of everything that a store does, in an order that always comes to the same. */
import type { AuditRecord } from "../../src/store/audit.ts";
import type { Store } from "../../src/store/conformance/conformance.ts";
import type * as Samples from "../../src/store/conformance/samples.ts";

/** @param samples of the version that the store is of */
export async function life(store: Store, samples: typeof Samples): Promise<void> {
  await peopleAndApps(store, samples);
  await grantsAndConsents(store, samples);
  await sessionsAndClaims(store, samples);
  await removals(store, samples);
}

async function peopleAndApps(store: Store, samples: typeof Samples): Promise<void> {
  const { START, sampleAccount, sampleClient, sampleKey } = samples;
  await store.readState();
  const client = sampleClient({ client_id: "printly", created_by: "user", owner_sub: "ada" });
  await store.createClient(client);
  await store.createClient(client);
  const changed = { ...client, resource: "https://snaps.example/api", disabled_at: START };
  await store.updateClient(changed, { before: client });
  await store.updateClient({ ...changed, trusted: true }, { before: client });
  await store.updateClient({ ...changed, disabled_at: null });
  await store.createClient(sampleClient({ client_id: "other" }));
  await store.findClient("printly");
  await store.listClients({ limit: 1000 });
  await store.listClients({ owner_sub: "ada", limit: 1000 });
  const ada = sampleAccount({ sub: "ada", login_email: "ada@example" });
  await store.hasAccounts();
  await store.createAccount({ ...ada, is_admin: true }, ["ada", "ada@example"], {
    only_as_first: true,
  });
  await store.createAccount(sampleAccount({ sub: "eve" }), ["eve"], { only_as_first: true });
  await store.createAccount(sampleAccount({ sub: "eve" }), ["eve", "ada"]);
  await store.createAccount(sampleAccount({ sub: "eve" }), ["eve"]);
  await store.updateAccount(ada, ["ada", "countess"], {
    before: { ...ada, is_admin: true },
  });
  await store.updateAccount({ ...ada, username: "A" }, ["ada"], {
    before: { ...ada, is_admin: true },
  });
  await store.updateAccount({ ...ada, password_hash: null }, ["ada"]);
  await store.findAccount("ada");
  await store.findAccountByLogin("ada");
  await store.listAccounts({ limit: 1000 });
  const key = sampleKey({ kid: "first" });
  await store.addSigningKey(key, START - 600);
  await store.addSigningKey(sampleKey({ kid: "second" }), START - 600);
  await store.retireSigningKey("first", START + 1);
  await store.listSigningKeys();
}

async function grantsAndConsents(store: Store, samples: typeof Samples): Promise<void> {
  const { START, sampleConsent, sampleGrant } = samples;
  const grant = sampleGrant();
  const { grant_id, sub, client_id } = grant;
  await store.createGrant(grant, null);
  await store.createGrant(grant, sampleConsent());
  await store.createGrant(grant, sampleConsent());
  const others = [sampleGrant({ session_id: "session", nonce: null }), sampleGrant()];
  for (const each of others) await store.createGrant(each, null);
  await store.findGrant(grant_id);
  await store.advanceGrant(grant_id, 0, START + 1);
  await store.advanceGrant(grant_id, 0, START + 2);
  await store.touchGrant(grant_id, START + 86_400);
  await store.raiseAccessEpoch(grant_id, 0);
  // Came later than the first schema.
  if ("revokeOtherGrants" in store)
    await store.revokeOtherGrants(sub, client_id, grant_id, START + 3);
  await store.findConsent(sub, client_id);
  await store.touchConsent(sub, client_id, START + 4);
  await store.listConsents(sub, { limit: 1000 });
  await store.revokeGrant(grant_id, START + 5);
  await store.findGrant(grant_id);
  await store.removeConsent({ sub, client_id }, START + 6);
  await store.createGrant(sampleGrant({ sub: "eve" }), sampleConsent({ sub: "eve" }));
}

async function sessionsAndClaims(store: Store, samples: typeof Samples): Promise<void> {
  const { START, sampleSession } = samples;
  const session = sampleSession({ session_id: "session" });
  await store.createSession(session);
  await store.createSession(sampleSession({ session_id: "another", sub: "eve" }));
  await store.findSession("session");
  await store.listSessions("ada", { limit: 200 });
  const renewed = {
    ...session,
    secret_hash: "new",
    proofs: [{ kind: "pwd", at: START + 7 }] as const,
  };
  await store.renewSession(renewed, session.secret_hash);
  await store.renewSession(renewed, session.secret_hash);
  await store.touchSession("session", START + 8);
  await store.endSessions({ sub: "ada", except: null });
  await store.endSessions({ session_id: "another" });
  for (const now of [START, START, START + 60])
    await store.claimOnce("jti", "a", { now, expires_at: now + 60 });
  await store.isClaimed("jti", "a");
  const rules = { window: 900, free: 2, wait: 2, longest_wait: 60 };
  for (const now of [START, START, START, START + 2]) await store.countTry(1, { ...rules, now });
  await store.forgiveTries(1, { all: false, free: 2 });
  await store.forgiveTries(1, { all: true, free: 2 });
}

async function removals(store: Store, samples: typeof Samples): Promise<void> {
  const { START, sampleSession, REQUEST_OVER } = samples;
  if ("appendAudit" in store) await events(store, START);
  await store.createSession(sampleSession({ sub: "eve" }));
  await store.removeAccount("ada", START + 9);
  await store.removeClient("other", START + 10);
  await store.sweep(START + REQUEST_OVER, 2);
  await store.sweep(START + 1_000_000_000, 100);
}

async function events(store: Store, at: number): Promise<void> {
  const event: AuditRecord = {
    ...{ audit_id: (at * 1000).toString(16).padStart(32, "0"), at, event: "signed_in" },
    ...{ actor: "person", sub: "ada", client_id: null, event_id: "event", address: null },
    ...{ details: { amr: ["pwd"] }, expires_at: at + 100 },
  };
  await store.appendAudit([event, { ...event, audit_id: `${event.audit_id}1` }]);
  await store.listAudit({ limit: 10 });
  await store.listAudit({ limit: 10, sub: "ada", client_id: "printly", since: at });
}
