/**
 * Calls every operation of a store in a fixed order: where it changes something and where it changes nothing, with and
 * without events and jobs written alongside.
 */
import type { Store } from "../../src/store/conformance/conformance.ts";
import type * as Samples from "../../src/store/conformance/samples.ts";
import { grantWith } from "../../src/store/conformance/scenario.ts";
import { placeIn } from "../../src/store/place.ts";
import { lifeOfFactors } from "./life_of_factors.ts";

type All = typeof Samples;

/** @param samples of the version that the store is of */
export async function life(store: Store, samples: All): Promise<void> {
  await clients(store, samples);
  await accounts(store, samples);
  await lifeOfFactors(store, samples, () => along(samples));
  await keys(store, samples);
  await sessions(store, samples);
  await changesOfOneSession(store, samples);
  await clientSessions(store, samples);
  await grants(store, samples);
  await consents(store, samples);
  await transactions(store, samples);
  await claims(store, samples);
  await ended(store, samples);
  await jobs(store, samples);
  await events(store, samples);
  await removals(store, samples);
}

const along = ({ sampleEvent, sampleJob, sampleGrant }: All, sub = "ada") => ({
  events: [sampleEvent({ sub })],
  jobs: [sampleJob({ kind: "none leases it", place: placeIn(sampleGrant({ sub }).grant_id) })],
});

async function clients(store: Store, samples: All): Promise<void> {
  const { START, sampleClient, sampleLogo } = samples;
  await store.readState();
  const client = sampleClient({ client_id: "printly", created_by: "user", owner_sub: "ada" });
  await store.createClient(client);
  await store.createClient(client);
  await store.createClient(sampleClient({ client_id: "other" }), along(samples));
  const changed = { ...client, resource: "https://snaps.example/api", disabled_at: START };
  await store.updateClient(changed, { before: client });
  await store.updateClient({ ...changed, trusted: true }, { before: client });
  await store.updateClient(changed, { before: changed, ...along(samples) });
  await store.updateClient({ ...changed, disabled_at: null });
  await store.findClient("printly");
  const read = { ...changed, disabled_at: null };
  await store.storeLogo(read, sampleLogo());
  await store.storeLogo({ ...read, trusted: true }, sampleLogo());
  await store.findLogo("printly");
  await store.updateClient({ ...read, trusted: true, logo: "hash of the picture" });
  await store.updateClient(read);
  await store.updateClient({ ...read, trusted: true }, { before: read });
  await store.updateClient(read);
  for (const owner of [{}, { owner_sub: "ada" }, { created_by: "user" as const }])
    for (const after of [undefined, client])
      await store.listClients({ ...owner, limit: 10, after });
}

async function accounts(store: Store, samples: All): Promise<void> {
  const { sampleAccount } = samples;
  const ada = sampleAccount({ sub: "ada", login_email: "ada@example" });
  const eve = sampleAccount({ sub: "eve" });
  await store.hasAccounts();
  const first = { only_as_first: true };
  await store.createAccount({ ...ada, is_admin: true }, ["ada", "ada@example"], first);
  await store.createAccount(eve, ["eve"], first);
  await store.createAccount(eve, ["eve", "ada"]);
  await store.createAccount(eve, ["eve"], along(samples));
  const owned = samples.sampleClient({ client_id: "owned", owner_sub: "eve" });
  await store.createClient(owned, { owner_stands: true });
  await store.createClient(
    { ...owned, client_id: "owned, too" },
    { owner_stands: true, ...along(samples) },
  );
  await store.createClient({ ...owned, owner_sub: "nobody" }, { owner_stands: true });
  await store.createAccount(sampleAccount({ sub: "bob" }), ["bob"]);
  const before = { ...ada, is_admin: true };
  await store.updateAccount(ada, ["ada", "countess"], { before });
  await store.updateAccount({ ...ada, username: "A" }, ["ada"], { before });
  const with_password = { ...ada, password_hash: "new" };
  await store.updateAccount(with_password, ["ada"], { before: ada });
  await store.updateAccount(with_password, ["ada"], { before: ada });
  await store.updateAccount({ ...ada, password_hash: null }, ["ada"]);
  await store.updateAccount(ada, ["ada"], along(samples));
  await store.findAccount("ada");
  await store.findAccountByLogin("ada");
  for (const after of [undefined, ada]) await store.listAccounts({ limit: 10, after });
}

async function keys(store: Store, samples: All): Promise<void> {
  const { START, sampleKey } = samples;
  await store.addSigningKey(sampleKey({ kid: "first" }), START - 600);
  await store.addSigningKey(sampleKey({ kid: "refused" }), START - 600);
  const later = sampleKey({ kid: "second", signs_at: START + 9000 });
  await store.addSigningKey(later, START, along(samples));
  await store.retireSigningKey("first", START + 1);
  await store.retireSigningKey("first", START + 2);
  await store.retireSigningKey("second", START + 2, along(samples));
  const lost = sampleKey({ kid: "third", signs_at: START + 20_000 });
  await store.addSigningKey(lost, START);
  for (const kids of [["third"], ["third", "second"]])
    await store.replaceSigningKeys(kids, sampleKey({ kid: "fourth" }), START + 3, along(samples));
  await store.addSigningKey({ ...lost, kid: "fifth" }, START);
  await store.replaceSigningKeys(["fifth", "fourth"], null, START + 4, along(samples));
  await store.addSigningKey({ ...lost, kid: "sixth" }, START);
  await store.replaceSigningKeys(["sixth", "fourth"], sampleKey({ kid: "seventh" }), START + 4);
  await store.addSigningKey({ ...lost, kid: "eighth" }, START);
  await store.replaceSigningKeys(["eighth"], null, START + 4);
  await store.listSigningKeys();
  await store.storeSubjectSalt("sealed", null);
  await store.storeSubjectSalt("sealed anew", "sealed");
  await store.findSubjectSalt();
  for (const secret_id of ["0badcafe", "00c0ffee", "0badcafe"])
    await store.noteSecret(secret_id, START);
}

async function sessions(store: Store, samples: All): Promise<void> {
  const { START, sampleSession } = samples;
  const session = sampleSession();
  const { session_id, secret_hash } = session;
  await store.createSession(session);
  await store.createSession(sampleSession({ sub: "eve" }), along(samples, "eve"));
  await store.findSession(session_id);
  await store.loadSession(session_id, "printly");
  for (const after of [undefined, session]) await store.listSessions("ada", { limit: 10, after });
  const renewed = {
    ...session,
    secret_hash: "new",
    proofs: [{ kind: "pwd", at: START + 7 }] as const,
  };
  await store.renewSession(renewed, secret_hash);
  await store.renewSession(renewed, secret_hash);
  await store.renewSession(session, "new", along(samples));
  await store.touchSession(session_id, START + 8, "198.51.100.0/24");
  await store.endSessions(session, along(samples));
  await store.endSessions(session);
  await store.endSessions({ sub: "eve", except: null });
  const [kept, other, last] = [sampleSession(), sampleSession(), sampleSession()];
  for (const each of [kept, other, last]) await store.createSession(each);
  await store.endSessions(last);
  await store.endSessions({ sub: "ada", except: kept.session_id }, along(samples));
}

/** Conditions of a change to an account, and what the change ends. */
async function changesOfOneSession(store: Store, samples: All): Promise<void> {
  const { START, sampleSession } = samples;
  const [here, there] = [sampleSession(), sampleSession()];
  for (const each of [here, there]) await store.createSession(each);
  const ada = await store.findAccount("ada");
  if (!ada) throw new Error("there is no account");
  const except = here.session_id;
  await store.updateAccount(ada, ["ada"], { before: ada, session: here });
  await store.updateAccount(ada, ["ada"], { session: { ...here, secret_hash: "guessed" } });
  await store.updateAccount(ada, ["ada"], { session: here });
  await store.updateAccount(ada, ["ada"], {
    before: ada,
    ends: { now: START + 9, sessions: true },
  });
  const now = await store.findAccount("ada");
  if (!now) throw new Error("there is no account");
  const [newer, newest] = ["newer", "newest"].map((password_hash) => ({ ...now, password_hash }));
  if (!newer || !newest) throw new Error("there are two");
  const session = sampleSession();
  await store.createSession(session);
  await store.updateAccount(newer, ["ada"], { before: now, session });
  const sessions_end = { now: START + 9, sessions: true } as const;
  await store.updateAccount(newest, ["ada"], { before: newer, ends: sessions_end });
  const all = { sessions: true, grants: true, consents: true } as const;
  const sessions = [{ sessions: { except } }, { sessions: true }] as const;
  for (const ends of [...sessions, { sessions: true, grants: true }, all] as const)
    await store.updateAccount(ada, ["ada"], { ends: { now: START + 9, ...ends } });
  for (const ends of [...sessions, { consents: true }, all] as const)
    await store.endPerson("ada", { now: START + 9, ...ends });
  await store.endPerson("ada", { now: START + 9, grants: true });
  await store.endPerson("ada", { now: START + 9, grants: true, sessions: true });
  for (const disabled_at of [START + 9, null])
    await store.updateAccount({ ...ada, disabled_at }, ["ada"]);
  await store.updateAccount({ ...ada, disabled_at: START + 9 }, ["ada"], { before: ada });
  await store.updateAccount(ada, ["ada"]);
  await store.endPerson("ada", { now: START + 9, client_id: "printly", grants: true });
  const of_one = { client_id: "printly", grants: true, consents: true };
  await store.endPerson("ada", { now: START + 9, ...of_one });
  await store.endPerson("ada", { now: START + 9, ...of_one }, along(samples));
  const printly = await store.findClient("printly");
  if (!printly) throw new Error("there is no client");
  await store.updateClient(printly, { ends: { now: START + 9, grants: true } });
  await store.updateClient(printly, { ends: { now: START + 9, grants: true, consents: true } });
  const before = await store.findClient("printly");
  if (!before) throw new Error("there is no client");
  await store.updateClient(before, { before, ends: { now: START + 9, grants: true } });
  await store.updateClient(before, { before, ends: { ...all, now: START + 9 } });
  await store.removeConsentsOf("printly", { until: START + 9, limit: 10 });
}

async function clientSessions(store: Store, samples: All): Promise<void> {
  const { START, sampleClientSession, sampleConsent, sampleGrant, sampleJob } = samples;
  const sub = "carol";
  const consent = sampleConsent({ sub });
  const [one, two, three] = [1, 2, 3].map(() => sampleClientSession({ sub }));
  if (!one || !two || !three) throw new Error("there are three");
  const grant = () => sampleGrant({ sub });
  const becomes = { before: null, becomes: consent };
  await store.approve({ grant: grant(), consent: becomes, client_session: one });
  for (const client_session of [two, three, { ...two, sent_sub: "renamed" }])
    await store.approve({ grant: grant(), consent: { stands: consent }, client_session });
  for (const session_id of [undefined, one.session_id])
    await store.listClientSessions({ sub, ...(session_id !== undefined && { session_id }) }, 10);
  await store.listDueClientSessions(START + 900, 10);
  await store.postponeClientSession(one, START + 900);
  const { place } = along(samples, sub).jobs[0] ?? {};
  const job = () => sampleJob({ kind: "none leases it", place: place ?? null });
  for (const _ of [1, 2]) await store.endClientSession(one, job());
  const session = samples.sampleSession({ sub });
  await store.createSession(session);
  await store.endSessions(session, { ...along(samples, sub), told: [two, three] });
}

async function grants(store: Store, samples: All): Promise<void> {
  const { START, sampleConsent, sampleGrant } = samples;
  const grant = sampleGrant();
  const { grant_id, sub } = grant;
  await grantWith(store, grant, sampleConsent());
  await grantWith(store, grant, sampleConsent());
  await grantWith(store, grant, null);
  const tied = sampleGrant({ session_id: "session", code: null });
  await grantWith(store, tied, null);
  await grantWith(store, sampleGrant({ sub: "eve" }), sampleConsent({ sub: "eve" }));
  const another = sampleGrant();
  await grantWith(store, another, sampleConsent());
  await narrowed(store, samples);
  await store.findGrant(grant_id);
  for (const one of [grant_id, tied.grant_id]) await store.loadGrant(one);
  await store.advanceGrant(grant_id, 0, START + 1);
  await store.advanceGrant(grant_id, 0, START + 2);
  const { salt, secret_id } = grant;
  const replaced_key = { salt, secret_id, below: 2 };
  const fresh = { salt: "fresh", secret_id: "00c0ffee", replaced_key };
  for (const now of [START + 3, START + 4]) await store.advanceGrant(grant_id, 1, now, fresh);
  const which = { after: "", limit: 1, now: START + 5 };
  await store.touchGrant(grant_id, START + 86_400);
  await store.raiseAccessEpoch(grant_id, 0);
  await store.raiseAccessEpoch(grant_id, 1, along(samples));
  await store.revokeGrant(grant_id, START + 5, along(samples));
  await store.revokeGrant(grant_id, START + 6);
  await store.revokeGrant(tied.grant_id, START + 6);
  await store.revokeGrantsUnder(["0badcafe"], which);
  await store.revokeGrantsUnder(["00c0ffee", "0badcafe"], { ...which, after: grant_id });
  await store.findGrant(grant_id);
  await store.findConsent(sub, grant.client_id);
}

/** Answers repeatedly, each time on top of the state before. */
async function narrowed(store: Store, samples: All): Promise<void> {
  const { START, sampleConsent, sampleGrant } = samples;
  let grant = sampleGrant({ sub: "bob" });
  let consent = sampleConsent({ sub: "bob" });
  const all = () => along(samples, "bob");
  const event = () => ({ events: all().events });
  await store.approve({ grant, consent: { before: null, becomes: consent } }, all());
  for (const narrowed_at of [undefined, START + 3])
    for (const alongside of [() => undefined, event, all]) {
      const becomes = { ...consent, version: `${consent.version}+` };
      const change = { ...grant, permissions: [], access_epoch: grant.access_epoch + 1 };
      const rest = { ...(narrowed_at !== undefined && { narrowed_at }) };
      const approval = { grant: change, instead_of: grant, ...rest };
      await store.approve({ ...approval, consent: { before: consent, becomes } }, alongside());
      await store.approve({ ...approval, consent: { before: consent, becomes } }, alongside());
      [grant, consent] = [change, becomes];
    }
  const change = { ...grant, access_epoch: grant.access_epoch + 1 };
  await store.approve({ grant: change, instead_of: grant, consent: { stands: consent } });
  // More than before ends no token.
  const wider = { ...change, permissions: ["https://as.example openid"] };
  await store.approve({ grant: wider, instead_of: change, consent: { stands: consent } });
  const becomes = { ...consent, version: "wider" };
  const written = { before: consent, becomes };
  await store.approve({ grant: change, instead_of: wider, consent: written });
  await store.listSurplusGrants(grant, { keep: 0, now: START + 9, idle: 99 });
}

async function consents(store: Store, samples: All): Promise<void> {
  const { START, sampleConsent } = samples;
  const { sub, client_id, used_at } = sampleConsent();
  await store.findConsent(sub, client_id);
  await store.touchConsent(sub, client_id, START + 4);
  for (const after of [undefined, { client_id, used_at: used_at + 9 }])
    await store.listConsents(sub, { limit: 10, after });
  await store.removeConsent({ sub, client_id }, START + 6, along(samples));
  await store.removeConsent({ sub, client_id }, START + 6);
  await store.removeConsent({ sub: "eve", client_id }, START + 6);
}

async function transactions(store: Store, { START, sampleTransaction }: All): Promise<void> {
  const { id } = sampleTransaction();
  const now = START;
  for (const _ of [1, 2]) await store.addTransaction(sampleTransaction({ id }));
  await store.findTransaction(id);
  for (const sub of ["ada", "eve"]) {
    await store.claimTransaction(id, { sub, previous: null, now });
    await store.settleTransaction(id, { sub, state: "approved", now });
  }
  const poll = { now_ms: START * 1000, early_ms: 500, slower: 5 };
  for (const _ of [1, 2]) await store.pollTransaction(id, poll);
}

async function claims(store: Store, { START }: All): Promise<void> {
  for (const now of [START, START, START + 60])
    await store.claimOnce("jti", "a", { now, expires_at: now + 60 });
  await store.isClaimed("jti", "a");
  for (const _ of [1, 2])
    await store.claimOnce("jti", "b", { now: START, expires_at: START + 60, ends: "j:b" });
  const rules = { window: 900, free: 2, wait: 2, longest_wait: 60 };
  for (const now of [START, START, START, START + 2]) await store.countTry(1, { ...rules, now });
  await store.forgiveTries(1, { all: false, free: 2 });
  await store.forgiveTries(1, { all: true, free: 2 });
}

/** The times of names are the database's, so nothing is read that depends on them. */
async function ended(store: Store, { START }: All): Promise<void> {
  for (const life of [600, 3600, 600]) await store.noteAccessTokenLife(life, START);
  await store.readState();
  const later = START + 1_000_000_000;
  await store.countEnded(later);
  for (const kind of ["person", "directory"] as const)
    for (const after of [undefined, { ended_at: later, name: "c:printly" }])
      await store.listEnded({ kind, from: later, to: later }, { after, limit: 10 });
}

async function jobs(store: Store, samples: All): Promise<void> {
  const { START, sampleJob } = samples;
  for (const place of [null, 1]) {
    await store.addJobs([sampleJob({ place }), sampleJob({ place })]);
    const lease = { now: START, until: START + 60, limit: 1 };
    const [job] = await store.leaseJobs({ kinds: ["mail"], ...lease });
    await store.leaseJobs({ kinds: ["mail", "other"], ...lease });
    if (!job) throw new Error("there is no job");
    await store.listJobs("mail", { limit: 10 });
    await store.renewLease(job, START + 70);
    await store.postponeJob(job, { due_at: START + 10_000, error: "away" });
    await store.finishJob(job);
  }
  await store.addJobs([sampleJob({ place: null }), sampleJob({ place: 2 })]);
}

async function events(store: Store, { START: at, sampleEvent }: All): Promise<void> {
  const about = [sampleEvent(), sampleEvent({ sub: null }), sampleEvent({ sub: "eve" })];
  await store.appendAudit(about);
  for (const one of about) await store.appendAudit([one]);
  const filters = [
    {},
    { sub: "ada" },
    { client_id: "printly" },
    { since: at },
    { sub: "ada", client_id: "printly" },
    { sub: "ada", since: at },
  ];
  for (const filter of filters) await store.listAudit({ limit: 10, ...filter });
  await store.listAudit({ limit: 10, after: about[0]?.audit_id });
}

async function removals(store: Store, samples: All): Promise<void> {
  const { START, REQUEST_OVER, sampleConsent, sampleGrant, sampleSession } = samples;
  await store.createSession(sampleSession());
  await grantWith(store, sampleGrant(), sampleConsent());
  await grantWith(store, sampleGrant(), sampleConsent());
  await store.revokeGrantsUnder(["0badcafe"], { after: "", limit: 1000, now: START + 8 });
  await grantWith(store, sampleGrant(), sampleConsent());
  for (const client_ids of [["printly"], ["printly", "other"]]) {
    await store.revokeGrantsOf(client_ids, { after: "", limit: 1000, now: START + 8 });
    await grantWith(store, sampleGrant(), sampleConsent());
  }
  await store.removeAccount("ada", START + 9);
  await store.removeAccount("ada", START + 9);
  await store.removeAccount("eve", START + 9, along(samples));
  await store.removeAccount("bob", START + 9);
  await store.createClient(samples.sampleClient({ client_id: "third" }));
  await store.removeClient("third", START + 10);
  await store.removeClient("third", START + 10);
  await store.removeClient("other", START + 10, along(samples));
  await registrations(store, samples);
  await store.sweep(START + REQUEST_OVER, 2);
  await store.sweep(START + 1_000_000_000, 100);
}

/** Apps that register themselves: one is used, one is not. */
async function registrations(store: Store, samples: All): Promise<void> {
  const { START, sampleClient, sampleInitialAccessToken } = samples;
  const token = sampleInitialAccessToken({ uses_left: 3 });
  await store.addInitialAccessToken(token, along(samples));
  await store.addInitialAccessToken(token);
  await store.findInitialAccessToken(token.token_id);
  for (const after of [undefined, token]) await store.listInitialAccessTokens({ limit: 10, after });
  const itself = { created_by: "registration", registration_hash: "hash" } as const;
  const [used, unused] = ["used", "unused"].map((client_id) =>
    sampleClient({ client_id, ...itself }),
  );
  if (!used || !unused) throw new Error("there are two");
  const spends = { token_id: token.token_id, now: START };
  const expires_at = START + 86_400;
  await store.createClient(used, { expires_at, spends, ...along(samples) });
  await store.createClient(unused, { expires_at, spends });
  await store.createClient(sampleClient(itself), { spends });
  await store.createClient(sampleClient(itself), { spends });
  await store.createClient(sampleClient(itself), { expires_at, spends });
  await store.createClient(sampleClient(itself), { expires_at });
  await store.createClient(unused, { expires_at });
  await store.keepClient("used", { now: START, until: START + 900_000 });
  await store.removeInitialAccessToken(token.token_id, along(samples));
  await store.removeInitialAccessToken(token.token_id);
}
