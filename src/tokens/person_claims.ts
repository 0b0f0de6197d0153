/** Claims about a person, as they are sent: only those with a value of the right type (OpenID Connect Core §5.1). */
import type { Context } from "../context.ts";
import { hasValue, wantedInstead } from "../oauth/claims.ts";
import type { Person, Users } from "../people/users.ts";

/** Bytes of JSON: a token has to fit into headers and cookies. */
const MOST_IN_TOKEN = 4096;

type ClaimsContext = Pick<Context, "users" | "log" | "event_id">;

/** A claim of a wrong type makes typed clients fail, so it is left out and logged. */
export function personClaims(
  names: readonly string[],
  { sub, claims }: Person,
  ctx: ClaimsContext,
): Record<string, unknown> {
  const sent: [string, unknown][] = [];
  for (const name of names) {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    if (!hasValue(value)) continue;
    const wanted = wantedInstead(name, value);
    if (wanted === null) sent.push([name, value]);
    else tellOnce("claim left out", { sub, claim: name, wanted }, ctx);
  }
  return Object.fromEntries(sent);
}

/** The same for a token: if they are too large, all are left out. */
export function claimsInToken(
  names: readonly string[],
  { token, person }: { token: "ID token" | "access token"; person: Person },
  ctx: ClaimsContext,
): Record<string, unknown> {
  if (names.length === 0) return {};
  const claims = personClaims(names, person, ctx);
  const bytes = Buffer.byteLength(JSON.stringify(claims));
  if (bytes <= MOST_IN_TOKEN) return claims;
  const most = MOST_IN_TOKEN;
  tellOnce("claims are too large for the token", { sub: person.sub, token, bytes, most }, ctx);
  return {};
}

/** The same fault recurs at each request, so it is logged once. The list of logged faults is cleared at this size. */
const MOST_TOLD = 1000;
const told = new WeakMap<Users, Set<string>>();

function tellOnce(
  event: string,
  fields: Readonly<Record<string, string | number>>,
  { users, log, event_id }: ClaimsContext,
): void {
  const known = told.get(users) ?? new Set();
  told.set(users, known);
  const fault = JSON.stringify([event, fields]);
  if (known.has(fault)) return;
  if (known.size >= MOST_TOLD) known.clear();
  known.add(fault);
  log.warn(event, { event_id, ...fields });
}
