/**
 * Sessions of signed-in people: the row, and the cookie that proves it (RFC 6265bis). A browser may hold several
 * accounts. Each has a cookie of its own, so that two tabs that sign in at once do not overwrite each other's.
 */
import { type Context, isSessionLive, markEvery } from "../context.ts";
import { equalSecrets, randomText, sha256 } from "../crypto/hash.ts";
import { personOnPage } from "../http/actor.ts";
import { readKeyedCookies, setCookie } from "../http/cookies.ts";
import type { HeaderList, HttpRequest } from "../http/message.ts";
import { knownNetwork } from "../http/network.ts";
import { PageError } from "../http/page.ts";
import { type Proof, type Proofs, reached, withProof } from "../oauth/assurance.ts";
import { type Actor, eventOf } from "../operation.ts";
import type { Account } from "../pages/view.ts";
import type { Person } from "../people/users.ts";
import { withPlace } from "../store/place.ts";
import type { ConsentRecord, JobRecord, SessionRecord } from "../store/records.ts";
import { endSessions } from "./end_sessions.ts";
import { accountKey, lastAccount, OWN_PAGES } from "./last_account.ts";

export interface Session {
  record: SessionRecord;
  person: Person;
}

/** A session that an authorization request may use. */
export interface AskedSession extends Session {
  /** The consent of the person for the client; null: there is none. */
  consent: ConsentRecord | null;
}

/** Accounts that one browser can hold. */
export const MOST_ACCOUNTS = 5;
/**
 * Cookies that are read. Tabs that sign in at the same moment can leave more accounts than a browser may hold. The next
 * sign-in ends those, and a sign-out of all accounts has to end them too.
 */
const MOST_READ = 2 * MOST_ACCOUNTS;

/** The live sessions of this browser, one for each account, the oldest first. This alone does not prolong them. */
export const sessionsOf = (request: HttpRequest, ctx: Context): Promise<Session[]> =>
  liveSessions(request, ctx, async (session_id) => {
    const session = await ctx.store.findSession(session_id);
    return session && { session, consent: null };
  });

/** The same, with the consents for the client of an authorization request. */
export const sessionsFor = (
  client_id: string,
  request: HttpRequest,
  ctx: Context,
): Promise<AskedSession[]> =>
  liveSessions(request, ctx, (session_id) => ctx.store.loadSession(session_id, client_id));

const NOTHING = { session: null, consent: null };
type Load = (
  session_id: string,
) => Promise<{ session: SessionRecord; consent: ConsentRecord | null } | null>;

async function liveSessions(
  request: HttpRequest,
  ctx: Context,
  load: Load,
): Promise<AskedSession[]> {
  const shown = [...readKeyedCookies(request, "session", ctx.issuer)].slice(0, MOST_READ);
  const found = await Promise.all(shown.map((cookie) => liveSession(cookie, ctx, load)));
  return found
    .filter((each) => each !== null)
    .sort((a, b) => a.record.created_at - b.record.created_at);
}

async function liveSession(
  [key, value]: readonly [string, string],
  ctx: Context,
  load: Load,
): Promise<AskedSession | null> {
  const [session_id, secret, ...more] = value.split(".");
  if (!session_id || !secret || more.length > 0 || session_id.length > 64) return null;
  const { session: record, consent } = (await load(session_id)) ?? NOTHING;
  if (!record || !equalSecrets(record.secret_hash, sha256(secret))) return null;
  // The name of the cookie tells the accounts apart, so that no account appears twice.
  if (accountKey(record.sub) !== key) return null;
  const person = await ctx.users.find(record.sub);
  if (!person || person.disabled || !isSessionLive(record, person, ctx)) return null;
  return { record, person, consent };
}

/** Marks the session as used, so that its idle time begins anew. The other accounts of the browser stay idle. */
export async function markUsed({ record }: Session, { address }: HttpRequest, ctx: Context) {
  const { store, settings, now } = ctx;
  const due = record.seen_at + markEvery(settings.lifetimes.session_idle) <= now;
  if (due) await store.touchSession(record.session_id, now, knownNetwork(address));
}

/** The session of the account that a form names. */
export const accountIn = (key: string | undefined, sessions: readonly Session[]): Session | null =>
  sessions.find(({ record }) => accountKey(record.sub) === key) ?? null;

/** The session of the account that the account pages show: the one used last, else the one of the last sign-in. */
export const currentSession = async (request: HttpRequest, ctx: Context): Promise<Session | null> =>
  currentAmong(await sessionsOf(request, ctx), request, ctx);

export function currentAmong(
  sessions: readonly Session[],
  request: HttpRequest,
  ctx: Context,
): Session | null {
  const key = lastAccount(OWN_PAGES, request, ctx);
  return accountIn(key ?? undefined, sessions) ?? lastProved(sessions);
}

const lastProved = ([...sessions]: readonly Session[]): Session | null =>
  sessions.sort((a, b) => provedAt(b) - provedAt(a))[0] ?? null;
const provedAt = ({ record }: Session): number => reached(record.proofs).auth_time;

/** The account as pages show it. */
export function shownAccount({ person }: Session): Account {
  const { name } = person.claims;
  const { sub, username } = person;
  return { key: accountKey(sub), name: typeof name === "string" ? name : "", username };
}

/** The accounts that end when one more than these signs in: a browser holds those with the latest sign-ins. */
export const replacedBy = ([...others]: readonly Session[]): Session[] =>
  others.sort((a, b) => provedAt(b) - provedAt(a)).slice(MOST_ACCOUNTS - 1);

export interface SignIn {
  person: Person;
  proof: Proof;
  /** The first factor that a second one follows. Left out: that of the person's session in this browser. */
  first?: Proof | undefined;
  /** All proofs of the session. Left out: they follow from this one. */
  proofs?: Proofs | undefined;
  /** The authorization request that the person signs in for. */
  signed_in_for: string | null;
  /** Written with the session, such as a notice. */
  jobs?: readonly JobRecord[];
  /** Whether the proof still holds; called after the session is written. */
  holds?: () => Promise<boolean>;
}

/** The password was changed while it was being checked. */
export class ProofLapsed extends Error {
  override readonly name = "ProofLapsed";
}

/** When a person would get more sessions, the least recently used one ends. */
const MOST_SESSIONS = 50;

/**
 * Begins a session, or renews the one of the same person. The secret in the cookie is new each time, and grants that
 * are tied to the session go on. Sessions of other accounts go on beside it; when there would be too many, the one with
 * the earliest sign-in ends.
 * @returns headers that set its cookie, and remove those of sessions that have ended
 * @throws ProofLapsed when `holds` returns false
 */
export async function startSession(
  { person, proof, first, proofs, signed_in_for, holds, jobs = [] }: SignIn,
  request: HttpRequest,
  ctx: Context,
): Promise<HeaderList> {
  const { sub } = person;
  // The `sub` of a token may be a person or a client, so no person may have the id of a client.
  if (await ctx.store.findClient(sub)) throw new PageError("disabled", { status: 403 });
  const by = personOnPage(sub, request, ctx);
  const here = await sessionsOf(request, ctx);
  const same = here.find(({ person }) => person.sub === sub)?.record ?? null;
  const secret = randomText(32);
  const record: SessionRecord = {
    session_id: same?.session_id ?? newSessionId(sub),
    secret_hash: sha256(secret),
    sub,
    proofs: proofs ?? withProof(first ? [first] : (same?.proofs ?? null), proof),
    // A later proof counts for the same request too.
    signed_in_for: signed_in_for ?? same?.signed_in_for ?? null,
    user_agent: (request.header("user-agent") ?? "").slice(0, 300),
    network: knownNetwork(request.address),
    created_at: same?.created_at ?? ctx.now,
    seen_at: ctx.now,
    expires_at: ctx.now + ctx.settings.lifetimes.session,
  };
  const session_id = await write(record, { same, by, jobs }, ctx);
  // The session is written before `holds` is called: when the password changes meanwhile, either that change or this
  // check ends the session.
  if (holds && !(await holds())) {
    await endSessions({ sub, session_id }, { reason: "proof_lapsed", by }, ctx);
    throw new ProofLapsed();
  }
  const others = here.filter(({ person }) => person.sub !== sub);
  const replaced = replacedBy(others);
  for (const { record } of replaced) await endSessions(record, { reason: "replaced", by }, ctx);
  const kept = others.filter((each) => !replaced.includes(each));
  const { issuer, settings } = ctx;
  const max_age = settings.lifetimes.session;
  const key = accountKey(sub);
  return [
    setCookie("session", `${session_id}.${secret}`, { issuer, max_age, key }),
    ...forgetOthers([sub, ...kept.map(({ record }) => record.sub)], request, ctx),
  ];
}

/**
 * Headers that remove the session cookies of all accounts but these. Cookies of dead sessions go too, since a browser
 * sends only so many cookies. `endSessions` ends the sessions themselves.
 */
export function forgetOthers(
  kept: readonly string[],
  request: HttpRequest,
  { issuer }: Context,
): HeaderList {
  const keys = kept.map(accountKey);
  return [...readKeyedCookies(request, "session", issuer).keys()]
    .filter((key) => !keys.includes(key))
    .map((key) => setCookie("session", "", { issuer, max_age: 0, key }));
}

/** @returns the id of the session that was written */
async function write(
  record: SessionRecord,
  { same, by, jobs }: { same: SessionRecord | null; by: Actor; jobs: readonly JobRecord[] },
  ctx: Context,
): Promise<string> {
  const { sub } = record;
  const { amr } = reached(record.proofs);
  const events = [eventOf("signed_in", { by, sub, details: { amr } }, ctx)];
  if (same && (await ctx.store.renewSession(record, same.secret_hash, { events, jobs })))
    return same.session_id;
  // A concurrent sign-in has renewed it first, so this one begins a session of its own.
  const session_id = same ? newSessionId(sub) : record.session_id;
  await ctx.store.createSession({ ...record, session_id }, { events, jobs });
  const others = (await ctx.store.listSessions(sub, { limit: 200 })).filter(
    (each) => each.session_id !== session_id,
  );
  const unused = others.sort((a, b) => b.seen_at - a.seen_at).slice(MOST_SESSIONS - 1);
  for (const each of unused) await endSessions(each, { reason: "too_many", by }, ctx);
  return session_id;
}

const newSessionId = (sub: string): string => withPlace(randomText(16), sub);
