/** RP-initiated logout: the parameters of a request, and the rules for its outcome (OpenID RP-Initiated Logout §2, §3). */
import { OAuthError } from "./errors.ts";
import type { Params } from "./params.ts";

/** The bounds of the parameters, in characters. */
const LONGEST = {
  id_token_hint: 8192,
  logout_hint: 256,
  client_id: 2000,
  post_logout_redirect_uri: 2000,
  state: 4096,
} as const;
type Name = keyof typeof LONGEST;

/** As sent; null: absent. */
export type EndSessionParams = Readonly<Record<Name, string | null>>;

/** @throws OAuthError `invalid_request` for a parameter that is too long */
export function parseEndSession(params: Params): EndSessionParams {
  const read = (name: Name): string | null => {
    const value = params.get(name) ?? null;
    if (value === null || value.length <= LONGEST[name]) return value;
    const problem = `${name} is longer than ${LONGEST[name]} characters`;
    throw new OAuthError("invalid_request", problem, { parameter: name });
  };
  return {
    id_token_hint: read("id_token_hint"),
    logout_hint: read("logout_hint"),
    client_id: read("client_id"),
    post_logout_redirect_uri: read("post_logout_redirect_uri"),
    state: read("state"),
  };
}

/** `wrong`: altered, of another issuer or kind, or not for the client that `client_id` names. */
export type HintState = "absent" | "genuine" | "wrong";

/** `end`: without a question. `ask`: on a page. `nobody`: no account is signed in here, so there is nothing to end. */
export type EndSessionStep = "end" | "ask" | "nobody";

/**
 * Without a question only for a hint that proves that the app knows this very session: any site can lead a browser here.
 * @param here.session whether the session that the hint names is signed in in this browser
 * @param here.anybody whether any account is
 */
export function endSessionStep(
  hint: HintState,
  here: { session: boolean; anybody: boolean },
): EndSessionStep {
  if (!here.anybody) return "nobody";
  return hint === "genuine" && here.session ? "end" : "ask";
}

/**
 * Whether the person may be led to an address of the client. Without a hint any site may have sent them, so the client
 * has to be one that an operator added, or one that the person who signs out has used.
 */
export const mayLeadBack = (
  hint: HintState,
  { by_operator, used }: { by_operator: boolean; used: boolean },
): boolean => hint === "genuine" || (hint === "absent" && (by_operator || used));

/** The address for after the logout. A registered query is kept, and nothing but `state` is added. */
export function postLogoutUrl(uri: string, state: string | null): string {
  if (state === null) return uri;
  const separator = !uri.includes("?") ? "?" : /[?&]$/.test(uri) ? "" : "&";
  return `${uri}${separator}${new URLSearchParams({ state })}`;
}
