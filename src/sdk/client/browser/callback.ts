/** The way back from the provider (OAuth 2.1 §4.1.2). */
import { AuthError, type Code } from "../../errors.ts";
import { randomId } from "../../random_id.ts";
import { claimsOf, type Tokens, type User } from "../../tokens.ts";
import { withToken } from "../access_token.ts";
import { finish } from "../authorization_code.ts";
import type { Party } from "../party.ts";
import { standardUser } from "../standard_user.ts";
import { user } from "../user.ts";
import { type BegunHere, takeBegun } from "./begun.ts";
import type { App } from "./options.ts";
import { setMark } from "./signed_in_mark.ts";
import type { Session } from "./vault.ts";

/** Parameters of a callback (OAuth 2.1 §4.1.2, RFC 9207, OpenID Connect Session Management §3). */
const PARAMETERS = /^(?:code|state|iss|session_state|error(?:_\w+)?)$/;

/**
 * The session of the callback that this page is, if it is one and belongs to a sign-in of this tab. Any other callback
 * is left unused: it may be an old address, or somebody else's, who wants this person to be signed in as them.
 * @returns null when there is none
 * @throws AuthError as `finish` and `user`
 */
export async function sessionFromCallback(app: App): Promise<Session | null> {
  const { page } = app;
  const url = new URL(page.location.href);
  const { searchParams: asked } = url;
  const state = asked.get("state");
  if (!isRedirectUri(app, url) || state === null || !(asked.has("code") || asked.has("error")))
    return null;
  const here = takeBegun(app, state);
  // Another provider's, for other code on this page.
  if (!here && asked.get("iss") !== app.party.issuer) return null;
  const callback = new URLSearchParams(asked);
  for (const name of callback.keys()) if (PARAMETERS.test(name)) asked.delete(name);
  // A code does not stay in the history, and a reload does not send it once more.
  page.history.replaceState(page.history.state, "", here?.return_to ?? url.href);
  if (!here) return null;
  try {
    return await sessionOf(app, await finish(app.party, callback, here.begun));
  } catch (error) {
    if (!isDeclined(here, error)) throw error;
    setMark(app, null);
    return null;
  }
}

/** Both are of this origin: `options.ts` has looked. */
const isRedirectUri = ({ redirectUri }: App, { pathname }: URL): boolean =>
  pathname === new URL(redirectUri).pathname;

/** A provider that would have to ask the person: nobody has asked for that. */
const isDeclined = ({ is_silent }: BegunHere, error: unknown): boolean =>
  is_silent && error instanceof AuthError && DECLINED.has(error.code);

const DECLINED: ReadonlySet<Code> = new Set(["sign_in_needed", "access_denied", "step_up_needed"]);

async function sessionOf({ party }: App, tokens: Tokens): Promise<Session> {
  return {
    ...{ id: randomId(), began: Date.now(), rev: 1 },
    user: await personOf(party, tokens),
    id_token: tokens.idToken,
    tokens: withToken({}, "", tokens),
    refresh_token: tokens.refreshToken ?? null,
  };
}

/** An answer of userinfo without CORS headers, such as a refusal, is kept from the page; then the ID token is all there is. */
async function personOf(party: Party, tokens: Tokens): Promise<User> {
  try {
    return await user(party, tokens);
  } catch (error) {
    const isHidden =
      error instanceof AuthError &&
      error.code === "issuer_unreachable" &&
      error.status === undefined;
    if (!isHidden || tokens.idToken === undefined) throw error;
    return standardUser(claimsOf(tokens.idToken), party.issuer);
  }
}
