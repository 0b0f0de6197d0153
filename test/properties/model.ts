/**
 * What has to hold, in the fewest words: a second reading of the rules that knows no database, no handle and no
 * signature. The server is held to it by `run.ts`, one step after the other.
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
/** “Last used” is written when it is older than this. */
const markEvery = (idle: number): number => Math.min(86_400, Math.ceil(idle / 10));

const APIS: Readonly<Record<string, readonly string[]>> = {
  [SNAPS]: ["photos.read", "photos.write"],
  [PRINTS]: ["prints.order"],
};
const ofIssuer = (scope: readonly string[]): string[] =>
  scope.filter((name) => !Object.values(APIS).flat().includes(name));
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
  /** Of this person's one browser. */
  session: Session | null;
}
export interface Client {
  kind: "confidential" | "public" | "on this computer" | "trusted";
  disabled: boolean;
  /** What the operator lets it ask for; null: everything. */
  allowed: readonly string[] | null;
}
export interface Consent {
  scope: string[];
  declined: string[];
  resources: string[];
}
export interface Grant {
  person: Person;
  client: Client;
  scope: readonly string[];
  resources: readonly string[];
  /** The session that it ends with. */
  session: Session | null;
  generation: number;
  advanced_at: number;
  used_at: number;
  code_expires_at: number;
  expires_at: number;
  /** Removed, revoked, or punished for a leak. */
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

/** With the right password. Signing in again goes on with the same session. */
export function signIn(person: Person, now: number): void {
  const fresh = { ended: false, expires_at: now + LIFE.session, seen_at: now };
  if (person.session && sessionLives(person.session, now)) Object.assign(person.session, fresh);
  else person.session = fresh;
}

/** What a request comes to: its APIs, and what of its scope they and the issuer would honour. */
export function request(scope: readonly string[], asked: readonly string[]) {
  const resources =
    asked.length > 0
      ? asked.filter((uri) => uri !== ISSUER)
      : Object.keys(APIS).filter((uri) => within(scope, APIS[uri] ?? []).length > 0);
  const honoured = [...ofIssuer(scope), ...resources.flatMap((uri) => APIS[uri] ?? [])];
  return { scope: within(scope, honoured), resources };
}

/** What is issued without asking, or null: then the person is asked. */
export function standing(
  client: Client,
  { scope, resources }: { scope: readonly string[]; resources: readonly string[] },
  consent: Consent | undefined,
): Consent | null {
  if (client.kind === "on this computer") return null;
  if (client.kind === "trusted")
    return { scope: [...scope], declined: [], resources: [...resources] };
  if (!consent || !isWithin(resources, consent.resources)) return null;
  if (!isWithin(scope, [...consent.scope, ...consent.declined])) return null;
  const agreed = within(scope, consent.scope);
  const declined = within(scope, consent.declined);
  return agreed.length === 0 ? null : { scope: agreed, declined, resources: [...resources] };
}

/** The newest answer goes before earlier ones. */
export function merged(before: Consent | undefined, answer: Consent): Consent {
  const { scope = [], declined = [], resources = [] } = before ?? {};
  const union = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])];
  return {
    scope: union(scope, answer.scope).filter((name) => !answer.declined.includes(name)),
    declined: union(declined, answer.declined).filter((name) => !answer.scope.includes(name)),
    resources: union(resources, answer.resources),
  };
}

/** What a person agreed to once, and unticks now, ends in every grant of before. */
export const takesBack = (before: Consent | undefined, answer: Consent): boolean =>
  within(before?.scope ?? [], answer.declined).length > 0;

export function newGrant(person: Person, client: Client, answer: Consent, now: number): Grant {
  const { scope, declined } = answer;
  const tied = scope.includes("openid") && !scope.includes("offline_access");
  const session = tied ? person.session : null;
  const end = now + LIFE.refresh_token;
  return {
    ...{ person, client, scope, session },
    resources: answer.resources.filter((uri) => {
      const own = APIS[uri] ?? [];
      return within(scope, own).length > 0 || within(declined, own).length === 0;
    }),
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

/** For whom a token is, and with which scope; null when that is not to be had. */
export function audience(
  grant: Grant,
  asked: readonly string[] | undefined,
  resource: string | undefined,
): { aud: string[]; scope: string[] } | null {
  const granted = within(grant.scope, grant.client.allowed ?? grant.scope);
  const scope = asked ?? granted;
  if (!isWithin(scope, granted) || scope.length === 0) return null;
  const cut = cutTo(grant.resources, scope, resource);
  return asked && cut?.scope.length === 0 ? null : cut;
}

function cutTo(
  resources: readonly string[],
  scope: readonly string[],
  resource: string | undefined,
): { aud: string[]; scope: string[] } | null {
  const issuers = ofIssuer(scope);
  if (resources.length === 0 && (resource ?? ISSUER) === ISSUER)
    return { aud: [ISSUER], scope: issuers };
  if (resource === ISSUER) return issuers.length > 0 ? { aud: [ISSUER], scope: issuers } : null;
  const uri = resource ?? (resources.length === 1 ? resources[0] : undefined);
  if (uri === undefined || !resources.includes(uri)) return null;
  const own = within(scope, APIS[uri] ?? []);
  if (resource !== undefined || !scope.includes("openid")) return { aud: [uri], scope: own };
  return { aud: [uri, ISSUER], scope: within(scope, [...own, ...issuers]) };
}

/** Where a refresh token stands by its number: the first one is 1. */
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
