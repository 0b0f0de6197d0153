/**
 * The rules in the fewest words: a second implementation without database, handles or signatures. `run.ts` compares the
 * server with it after each step.
 */
import { ISSUER, PRINTS, SNAPS } from "../support/server.ts";

/** Seconds: the defaults of the configuration. */
export const LIFE = {
  code: 60,
  access_token: 600,
  refresh_token: 31_536_000,
  refresh_idle: 2_592_000,
  replay: 60,
  session: 2_592_000,
  session_idle: 604_800,
  request: 3600,
};
/** “Last used” is written again when it is older than this. */
const markEvery = (idle: number): number => Math.min(86_400, Math.ceil(idle / 10));

const APIS: Readonly<Record<string, readonly string[]>> = {
  [SNAPS]: ["photos.read", "photos.write"],
  [PRINTS]: ["prints.order"],
};
/** A permission: `RESOURCE SCOPE`, or a resource without any of its scopes. */
export type Permission = string;
const resourceOf = (each: Permission): string => each.split(" ")[0] ?? "";
const nameOf = (each: Permission): string | undefined => each.split(" ")[1];
export const namesOf = (permissions: readonly Permission[]): string[] =>
  permissions.flatMap((each) => nameOf(each) ?? []);
const namesAt = (permissions: readonly Permission[], resource: string): string[] =>
  namesOf(permissions.filter((each) => resourceOf(each) === resource));
export const SIGN_IN: Permission = `${ISSUER} openid`;

export const within = (a: readonly string[], b: readonly string[]): string[] =>
  a.filter((name) => b.includes(name));
export const isWithin = (a: readonly string[], b: readonly string[]): boolean =>
  within(a, b).length === a.length;

export interface Session {
  ended: boolean;
  expires_at: number;
  seen_at: number;
}
export interface Person {
  username: string;
  sub: string;
  disabled: boolean;
  /** The session in this person's one browser. */
  session: Session | null;
}
export interface Client {
  kind: "confidential" | "public" | "on this computer" | "trusted";
  disabled: boolean;
  /** The scopes that the operator allows it to ask for; null: all of them. */
  allowed: readonly string[] | null;
}
export interface Consent {
  agreed: readonly Permission[];
  refused: readonly Permission[];
  /** Not asked, since the app is trusted. */
  waived: readonly Permission[];
}
export interface Answer {
  how: "answered" | "remembered" | "waived";
  agreed: readonly Permission[];
  refused: readonly Permission[];
}
export interface Asked {
  permissions: readonly Permission[];
  /** Scopes that can't be granted. */
  left_out: readonly string[];
}
export interface Grant {
  person: Person;
  client: Client;
  permissions: readonly Permission[];
  /** Scopes that were asked for and not granted. */
  left_out: readonly string[];
  /** The session that the grant is bound to. */
  session: Session | null;
  generation: number;
  advanced_at: number;
  used_at: number;
  code_expires_at: number;
  expires_at: number;
  /** By removal, revocation, or as the consequence of a leak. */
  revoked: boolean;
  access_epoch: number;
}
export interface AccessToken {
  aud: readonly string[];
  scope: readonly string[];
  expires_at: number;
  access_epoch: number;
}

export const sessionLives = (session: Session | null, now: number): boolean =>
  session !== null &&
  !session.ended &&
  session.expires_at > now &&
  session.seen_at + LIFE.session_idle > now;

export const isSignedIn = ({ session, disabled }: Person, now: number): boolean =>
  !disabled && sessionLives(session, now);

/** A page was visited, or an app was used. */
export function markSession(session: Session | null, now: number): void {
  if (
    session &&
    sessionLives(session, now) &&
    session.seen_at + markEvery(LIFE.session_idle) <= now
  )
    session.seen_at = now;
}

/** With the right password. Signing in again continues the same session. */
export function signIn(person: Person, now: number): void {
  const fresh = { ended: false, expires_at: now + LIFE.session, seen_at: now };
  if (person.session && sessionLives(person.session, now)) Object.assign(person.session, fresh);
  else person.session = fresh;
}

/** The permissions that a request asks for. Without a resource, a scope is for the API that lists it, or the issuer. */
export function request(
  wanted: readonly string[],
  resources: readonly string[],
  { allowed }: Client,
): Asked {
  const scope = within(wanted, allowed ?? wanted);
  const homeOf = (name: string): string =>
    Object.keys(APIS).find((uri) => APIS[uri]?.includes(name)) ?? ISSUER;
  const all = scope.map((name) => `${homeOf(name)} ${name}`);
  const apis = resources.filter((uri) => uri !== ISSUER);
  const named = [
    ...all.filter((each) => resourceOf(each) === ISSUER),
    ...apis.flatMap((uri) => {
      const own = all.filter((each) => resourceOf(each) === uri);
      return own.length > 0 ? own : [uri];
    }),
  ];
  const permissions = resources.length === 0 ? all : named;
  const given = namesOf(permissions);
  return { permissions, left_out: wanted.filter((name) => !given.includes(name)) };
}

/** The answer given without asking; null if the person must be asked. */
export function standing(
  client: Client,
  { permissions }: Asked,
  consent: Consent | undefined,
): Answer | null {
  if (client.kind === "on this computer") return null;
  if (client.kind === "trusted") return { how: "waived", agreed: permissions, refused: [] };
  const { agreed: known = [], refused: unwanted = [] } = consent ?? {};
  const agreed = permissions.filter((each) => !unwanted.includes(each));
  const refused = within(permissions, unwanted);
  const covered = agreed.every(
    (each) =>
      known.includes(each) ||
      (nameOf(each) === undefined && known.some((other) => resourceOf(other) === each)),
  );
  return agreed.length > 0 && covered ? { how: "remembered", agreed, refused } : null;
}

/** The newest answer takes precedence over earlier ones; a waiver is kept apart from them. */
export function merged(before: Consent | undefined, answer: Answer): Consent {
  const known = before ?? { agreed: [], refused: [], waived: [] };
  const union = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])];
  const without = (a: readonly string[], b: readonly string[]) => a.filter((x) => !b.includes(x));
  const { agreed, refused } = answer;
  if (answer.how === "remembered") return known;
  if (answer.how === "waived")
    return { ...known, waived: union(known.waived, without(agreed, known.agreed)) };
  return {
    agreed: without(union(known.agreed, agreed), refused),
    refused: without(union(known.refused, refused), agreed),
    waived: without(known.waived, [...agreed, ...refused]),
  };
}

/** A permission that was agreed before and is unticked now ends in every earlier grant. */
export const takesBack = (before: Consent | undefined, answer: Answer): boolean =>
  answer.how === "answered" &&
  within([...(before?.agreed ?? []), ...(before?.waived ?? [])], answer.refused).length > 0;

export function newGrant(
  { person, client }: { person: Person; client: Client },
  asked: Asked,
  { agreed, refused }: Answer,
  now: number,
): Grant {
  const scope = namesOf(agreed);
  const tied = scope.includes("openid") && !scope.includes("offline_access");
  const session = tied ? person.session : null;
  const end = now + LIFE.refresh_token;
  return {
    ...{ person, client, permissions: agreed, session },
    left_out: [...asked.left_out, ...namesOf(refused)],
    generation: 0,
    advanced_at: now,
    used_at: now,
    code_expires_at: now + LIFE.code,
    expires_at: session ? Math.min(end, session.expires_at) : end,
    revoked: false,
    access_epoch: 0,
  };
}

export function holds(grant: Grant, now: number): boolean {
  const idle = grant.generation > 0 && grant.used_at + LIFE.refresh_idle <= now;
  const ended = grant.session !== null && !sessionLives(grant.session, now);
  const { client, person } = grant;
  const over = grant.revoked || grant.expires_at <= now || idle || ended;
  return !over && !client.disabled && !person.disabled;
}

export const isActive = (token: AccessToken, grant: Grant, now: number): boolean =>
  token.expires_at > now && token.access_epoch === grant.access_epoch && holds(grant, now);

/** Audience and scope of a token; null if it can't be issued. */
export function audience(
  { permissions, left_out, client }: Grant,
  asked: readonly string[] | undefined,
  resource: string | undefined,
): { aud: string[]; scope: string[] } | null {
  const held = permissions.filter((each) => {
    const name = nameOf(each);
    return name === undefined || (client.allowed?.includes(name) ?? true);
  });
  if (!asked) return namesOf(held).length > 0 ? cutTo(held, resource) : null;
  if (!isWithin(asked, [...namesOf(permissions), ...left_out])) return null;
  const wanted = held.flatMap((each) => {
    const [api, name] = [resourceOf(each), nameOf(each)];
    if (name === undefined || asked.includes(name)) return [each];
    return api === resource && api !== ISSUER ? [api] : [];
  });
  const cut = cutTo(wanted, resource);
  return cut?.scope.length === 0 ? null : cut;
}

/** One API, the first one if none is named, and the issuer beside it if the scope includes openid. */
function cutTo(
  permissions: readonly Permission[],
  resource: string | undefined,
): { aud: string[]; scope: string[] } | null {
  const apis = permissions.map(resourceOf).filter((uri) => uri !== ISSUER);
  const issuers = namesAt(permissions, ISSUER);
  const only = apis.length === 0;
  if (only ? (resource ?? ISSUER) === ISSUER : resource === ISSUER && issuers.length > 0)
    return { aud: [ISSUER], scope: issuers };
  const uri = resource ?? apis[0];
  if (uri === undefined || !apis.includes(uri)) return null;
  if (resource !== undefined || !issuers.includes("openid"))
    return { aud: [uri], scope: namesAt(permissions, uri) };
  const both = permissions.filter((each) => [uri, ISSUER].includes(resourceOf(each)));
  return { aud: [uri, ISSUER], scope: namesOf(both) };
}

/** The state of a refresh token by its number; the first one is 1. */
export function stands(
  generation: number,
  grant: Grant,
  now: number,
): "newest" | "replayed" | "leaked" {
  if (generation === grant.generation) return "newest";
  const last = generation === grant.generation - 1;
  return last && now - grant.advanced_at <= LIFE.replay ? "replayed" : "leaked";
}

/** A refresh that was answered with tokens. */
export function refreshed(grant: Grant, generation: number, now: number): void {
  markSession(grant.session, now);
  const rotates = grant.client.kind === "public" || grant.client.kind === "on this computer";
  if (!rotates) {
    if (grant.used_at + markEvery(LIFE.refresh_idle) <= now) grant.used_at = now;
  } else if (generation === grant.generation) {
    grant.generation += 1;
    grant.advanced_at = now;
    grant.used_at = now;
  }
}
