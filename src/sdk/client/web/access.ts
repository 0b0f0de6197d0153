/** What apps ask for during a request: the person, an access token, an API's answer. */

import { boundedMap } from "../../bounded_map.ts";
import { AuthError } from "../../errors.ts";
import { isSecure } from "../../metadata.ts";
import type { User } from "../../tokens.ts";
import type { App } from "./app.ts";
import { wrong } from "./options.ts";
import { type Need, registeredOf, sessionOver } from "./refresh.ts";
import { isFresh, isUnexpired, type Session, seconds } from "./session.ts";
import type { Visit } from "./visit.ts";

export interface TokenOptions {
  /** URI of the API (RFC 8707). Default: `resource` of `createAuth`. */
  resource?: string;
  /** Fewer scopes than the session has, separated by spaces. Default: all of them. */
  scope?: string;
}

/** Seconds without another check after one that failed. */
const PACE = 30;
const paused = boundedMap<number>(1000);

/** @returns null when nobody is signed in; an outage of the provider signs nobody out */
export async function userOf(app: App, request: Request): Promise<User | null> {
  const visit = app.visitOf(request);
  const session = await visit.session();
  if (!session) return null;
  return (await isStillOpen(app, visit, session)) ? session.user : null;
}

/** Whether the provider still stands by the session, if it is time to ask. */
async function isStillOpen(app: App, visit: Visit, session: Session): Promise<boolean> {
  const { recheck } = app.settings;
  const isDue = recheck > 0 && seconds() - session.checked >= recheck;
  const isPaused = seconds() - (paused.get(session.id) ?? 0) < PACE;
  if (!isDue || isPaused || session.refreshToken === undefined) return true;
  const isMet = ({ checked }: Session): boolean => seconds() - checked < recheck;
  try {
    const need: Need = { ...{ key: "", resource: undefined, scope: undefined }, isMet };
    await visit.renewed(await app.refresh(session, need));
    return true;
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    if (error.code === "session_over") return false;
    paused.set(session.id, seconds());
    return true;
  }
}

/**
 * @param refused a token that the API did not take
 * @throws AuthError `no_session`, `session_over`, `sign_in_needed` without a refresh token, and what a provider can do wrong
 */
export async function tokenOf(
  app: App,
  request: Request,
  { resource, scope, refused }: TokenOptions & { refused?: string },
): Promise<string> {
  const visit = app.visitOf(request);
  const session = await visit.session();
  if (!session)
    throw new AuthError("no_session", "nobody is signed in", {
      hint: "send the person through login()",
    });
  const usual = registeredOf(app.settings, session).resource;
  const api = resource === usual ? "" : (resource ?? "");
  // A scope may look like a resource: the space tells which it is.
  const key = scope ? `${api} ${scope}` : api;
  const isMet = (current: Session): boolean => {
    const token = current.tokens[key];
    return isFresh(token, current) && token?.accessToken !== refused;
  };
  const kept = session.tokens[key];
  // Without a refresh token, it is used to its last second.
  if (session.refreshToken === undefined && kept && isUnexpired(kept) && refused === undefined)
    return kept.accessToken;
  if (kept && isMet(session)) return kept.accessToken;
  const current = await app.refresh(session, { key, resource, scope, isMet });
  await visit.renewed(current);
  const token = current.tokens[key];
  if (token) return token.accessToken;
  throw sessionOver();
}

export interface FetchInit extends RequestInit {
  /** URI of the API that the access token is for (RFC 8707). Default: `resource` of `createAuth`. */
  resource?: string;
}

/**
 * Asks an API with the person's access token (RFC 6750). When the API refuses it, once more with a new one.
 * @throws AuthError as `tokenOf`, and `configuration` for an API that is not https
 */
export async function fetchWith(
  app: App,
  request: Request,
  { url, init = {} }: { url: string | URL; init: FetchInit | undefined },
): Promise<Response> {
  const { resource, ...rest } = init;
  const to = new URL(url);
  if (!isSecure(to))
    throw wrong(`${to.origin} is not https`, "send tokens to https and loopback addresses only");
  const asked = resource === undefined ? {} : { resource };
  const send = (token: string): Promise<Response> => {
    const headers = new Headers(rest.headers);
    headers.set("authorization", `Bearer ${token}`);
    return (app.settings.fetch ?? fetch)(to, { ...rest, headers });
  };
  const token = await tokenOf(app, request, asked);
  const first = await send(token);
  const session = await app.visitOf(request).session();
  const isRepeatable = !(rest.body instanceof ReadableStream);
  if (first.status !== 401 || !isRepeatable || session?.refreshToken === undefined) return first;
  const another = await tokenOf(app, request, { ...asked, refused: token });
  // Not waited for: of a response that the framework keeps a copy of, as Next.js does, it would never end.
  first.body?.cancel().catch(() => {});
  return send(another);
}
