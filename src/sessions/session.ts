/** Sessions of signed-in people: the row, and the cookie that proves it (RFC 6265bis). */
import { type Context, isSessionLive, markEvery } from "../context.ts";
import { equalSecrets, randomText, sha256 } from "../crypto/hash.ts";
import { personOnPage } from "../http/actor.ts";
import { readCookie, setCookie } from "../http/cookies.ts";
import type { HeaderList, HttpRequest } from "../http/message.ts";
import { PageError } from "../http/page.ts";
import { type Proof, reached, withProof } from "../oauth/assurance.ts";
import { type Actor, eventOf } from "../operation.ts";
import type { Person } from "../people/users.ts";
import { withPlace } from "../store/place.ts";
import type { SessionRecord } from "../store/records.ts";
import { endSessions } from "./end_sessions.ts";

export interface Session {
  record: SessionRecord;
  person: Person;
}

/** The live sessions of this browser; today there is at most one. */
export async function sessionsOf(request: HttpRequest, ctx: Context): Promise<Session[]> {
  const [session_id, secret, ...more] = (readCookie(request, "session", ctx.issuer) ?? "").split(
    ".",
  );
  if (!session_id || !secret || more.length > 0 || session_id.length > 64) return [];
  const record = await ctx.store.findSession(session_id);
  if (!record || !equalSecrets(record.secret_hash, sha256(secret))) return [];
  const person = await ctx.users.find(record.sub);
  if (!person || person.disabled || !isSessionLive(record, person, ctx)) return [];
  if (record.seen_at + markEvery(ctx.settings.lifetimes.session_idle) <= ctx.now)
    await ctx.store.touchSession(session_id, ctx.now);
  return [{ record, person }];
}

/** The session that a page is about, or null. */
export const sessionOf = async (request: HttpRequest, ctx: Context): Promise<Session | null> =>
  (await sessionsOf(request, ctx))[0] ?? null;

export interface SignIn {
  person: Person;
  proof: Proof;
  /** The authorization request that the person signs in for. */
  signed_in_for: string | null;
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
 * are tied to the session go on. Another person's session in this browser ends.
 * @returns the header that sets the cookie
 * @throws ProofLapsed when `holds` returns false
 */
export async function startSession(
  { person, proof, signed_in_for, holds }: SignIn,
  request: HttpRequest,
  ctx: Context,
): Promise<HeaderList> {
  const { sub } = person;
  // The `sub` of a token may be a person or a client, so no person may have the id of a client.
  if (await ctx.store.findClient(sub)) throw new PageError("disabled", { status: 403 });
  const by = personOnPage(sub, request, ctx);
  const before = await sessionOf(request, ctx);
  const same = before?.person.sub === sub ? before.record : null;
  if (before && !same) await endSessions(before.record, { reason: "replaced", by }, ctx);
  const secret = randomText(32);
  const record: SessionRecord = {
    session_id: same?.session_id ?? newSessionId(sub),
    secret_hash: sha256(secret),
    sub,
    proofs: withProof(same?.proofs ?? null, proof),
    // A later proof counts for the same request too.
    signed_in_for: signed_in_for ?? same?.signed_in_for ?? null,
    user_agent: (request.header("user-agent") ?? "").slice(0, 300),
    created_at: same?.created_at ?? ctx.now,
    seen_at: ctx.now,
    expires_at: ctx.now + ctx.settings.lifetimes.session,
  };
  const session_id = await write(record, { same, by }, ctx);
  // The session is written before `holds` is called: when the password changes meanwhile, either that change or this
  // check ends the session.
  if (holds && !(await holds())) {
    await endSessions({ sub, session_id }, { reason: "proof_lapsed", by }, ctx);
    throw new ProofLapsed();
  }
  const max_age = ctx.settings.lifetimes.session;
  return [setCookie("session", `${session_id}.${secret}`, { issuer: ctx.issuer, max_age })];
}

/** @returns the id of the session that was written */
async function write(
  record: SessionRecord,
  { same, by }: { same: SessionRecord | null; by: Actor },
  ctx: Context,
): Promise<string> {
  const { sub } = record;
  const { amr } = reached(record.proofs);
  const events = [eventOf("signed_in", { by, sub, details: { amr } }, ctx)];
  if (same && (await ctx.store.renewSession(record, same.secret_hash, { events })))
    return same.session_id;
  // A concurrent sign-in has renewed it first, so this one begins a session of its own.
  const session_id = same ? newSessionId(sub) : record.session_id;
  await ctx.store.createSession({ ...record, session_id }, { events });
  const others = (await ctx.store.listSessions(sub, { limit: 200 })).filter(
    (each) => each.session_id !== session_id,
  );
  const unused = others.sort((a, b) => b.seen_at - a.seen_at).slice(MOST_SESSIONS - 1);
  for (const each of unused) await endSessions(each, { reason: "too_many", by }, ctx);
  return session_id;
}

/** The header that removes the cookie from this browser. `endSessions` ends the session itself. */
export const forgetSession = ({ issuer }: Context): readonly [string, string] =>
  setCookie("session", "", { issuer, max_age: 0 });

const newSessionId = (sub: string): string => withPlace(randomText(16), sub);
