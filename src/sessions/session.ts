/** Sessions of signed-in people: cookie and row (RFC 6265bis; security cases S4, H11). */
import { audit, type Context, isSessionLive, markEvery } from "../context.ts";
import { equalSecrets, randomText, sha256 } from "../crypto/hash.ts";
import { readCookie, setCookie } from "../http/cookies.ts";
import type { HeaderList, HttpRequest } from "../http/message.ts";
import { PageError } from "../http/page.ts";
import type { Person } from "../people/users.ts";
import { withPlace } from "../store/place.ts";
import type { SessionRecord } from "../store/records.ts";

export interface Session {
  record: SessionRecord;
  person: Person;
}

/** The live session of this browser, or null. */
export async function sessionOf(request: HttpRequest, ctx: Context): Promise<Session | null> {
  const [session_id, secret, ...more] = (readCookie(request, "session", ctx.issuer) ?? "").split(
    ".",
  );
  if (!session_id || !secret || more.length > 0 || session_id.length > 64) return null;
  const record = await ctx.store.findSession(session_id);
  if (!record || !equalSecrets(record.secret_hash, sha256(secret))) return null;
  const person = await ctx.users.find(record.sub);
  if (!person || person.disabled || !isSessionLive(record, person, ctx)) return null;
  if (record.seen_at + markEvery(ctx.settings.lifetimes.session_idle) <= ctx.now)
    await ctx.store.touchSession(session_id, ctx.now);
  return { record, person };
}

export interface SignIn {
  person: Person;
  amr: string[];
  /** The authorization request that the person signed in for. */
  signed_in_for: string | null;
  /** Whether what the person showed still holds, asked once the session stands. */
  holds?: () => Promise<boolean>;
}

/** The password was changed while it was being judged. */
export class SignInLapsed extends Error {
  override readonly name = "SignInLapsed";
}

/**
 * Begins a session, or renews the one of the same person: the secret in the cookie is new each time, while
 * what was granted in the session goes on. Somebody else's session in this browser ends.
 * @throws SignInLapsed when `holds` says no
 */
export async function startSession(
  { person, amr, signed_in_for, holds }: SignIn,
  request: HttpRequest,
  ctx: Context,
): Promise<HeaderList> {
  // A token says by its sub whom it is about: no person may have the id of a client.
  if (await ctx.store.findClient(person.sub)) throw new PageError("disabled", { status: 403 });
  const before = await sessionOf(request, ctx);
  const same = before?.person.sub === person.sub ? before.record : null;
  if (before && !same) await ctx.store.endSessions({ session_id: before.record.session_id });
  const secret = randomText(32);
  const record: SessionRecord = {
    session_id: same?.session_id ?? newSessionId(person.sub),
    secret_hash: sha256(secret),
    sub: person.sub,
    auth_time: ctx.now,
    amr,
    signed_in_for,
    user_agent: (request.header("user-agent") ?? "").slice(0, 300),
    created_at: same?.created_at ?? ctx.now,
    seen_at: ctx.now,
    expires_at: ctx.now + ctx.settings.lifetimes.session,
  };
  const { sub } = person;
  const about = { actor: "person", sub, address: request.address, details: { amr } } as const;
  const alongside = { events: [audit("signed_in", about, ctx)] };
  // Lost against another sign-in of this moment: then this one stands on its own.
  const renewed =
    same !== null && (await ctx.store.renewSession(record, same.secret_hash, alongside));
  const session_id = same && !renewed ? newSessionId(sub) : record.session_id;
  if (!renewed) await ctx.store.createSession({ ...record, session_id }, alongside);
  // The session first and the look second: whichever way a change of the password races, one of them ends it.
  if (holds && !(await holds())) {
    await ctx.store.endSessions({ session_id: session_id });
    throw new SignInLapsed();
  }
  return [cookie(`${session_id}.${secret}`, ctx)];
}

export async function endSession({ record }: Session, ctx: Context): Promise<HeaderList> {
  const events = [audit("signed_out", { actor: "person", sub: record.sub }, ctx)];
  await ctx.store.endSessions({ session_id: record.session_id }, { events });
  return [setCookie("session", "", { issuer: ctx.issuer, max_age: 0 })];
}

const newSessionId = (sub: string): string => withPlace(randomText(16), sub);

const cookie = (value: string, { issuer, settings }: Context): readonly [string, string] =>
  setCookie("session", value, { issuer, max_age: settings.lifetimes.session });
