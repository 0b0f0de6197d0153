/** Errors that a provider sends, as errors that say what to do (RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6). */
import { isJsonObject } from "../../oauth/json.ts";
import { AuthError, type Code } from "../errors.ts";
import type { Party } from "./party.ts";

/** What was asked for: the same error means something else for a code and for a refresh token. */
export type Asked = "authorization" | "code" | "refresh" | "device" | "client" | "revocation";

interface Meaning {
  code: Code;
  hint: string;
  retryable?: true;
}

const SETTINGS = "compare clientId, clientSecret and redirectUri with what the provider shows";
const AGAIN = "let the person sign in again";
/** The page of the provider is needed. */
const WITH_PAGE: Meaning = { code: "sign_in_needed", hint: `${AGAIN}, without prompt "none"` };
const LATER: Meaning = { code: "issuer_unreachable", hint: "try again later", retryable: true };
const wrong = (hint: string): Meaning => ({ code: "configuration", hint });

/** A map: an error may have the name of a member of every object. */
const MEANINGS = new Map<string, Meaning>(
  Object.entries({
    access_denied: { code: "access_denied", hint: "offer to sign in again, or go on without" },
    // Apple's.
    user_cancelled_authorize: { code: "access_denied", hint: "offer to sign in again" },
    login_required: WITH_PAGE,
    interaction_required: WITH_PAGE,
    consent_required: WITH_PAGE,
    account_selection_required: WITH_PAGE,
    unmet_authentication_requirements: {
      code: "step_up_needed",
      hint: "the provider can't sign this person in at the level that acr asks for",
    },
    insufficient_user_authentication: {
      code: "step_up_needed",
      hint: `${AGAIN} with acr or maxAge`,
    },
    temporarily_unavailable: LATER,
    server_error: LATER,
    slow_down: LATER,
    invalid_client: wrong("compare clientId and clientSecret with what the provider shows"),
    unauthorized_client: wrong(
      "allow this client to use this flow, in its settings at the provider",
    ),
    unsupported_grant_type: wrong("the provider does not offer this: see its documentation"),
    unsupported_response_type: wrong("allow this client to use the code flow, at the provider"),
    invalid_scope: wrong("ask only for scopes that the provider knows and this client may have"),
    invalid_target: wrong(
      "ask only for a resource that the provider knows and this client may use",
    ),
    invalid_request: wrong(SETTINGS),
  }),
);

const MORE: Meaning = {
  code: "step_up_needed",
  hint: `${AGAIN}: the sign-in gave no access to this scope or resource`,
};

/** Errors that mean something else for a code or a refresh token. */
const OTHERS: Partial<Record<Asked, ReadonlyMap<string, Meaning>>> = {
  code: new Map([
    [
      "invalid_grant",
      {
        code: "login_expired",
        hint: `${AGAIN}: the code is too old, was used before, or belongs to another client`,
      },
    ],
  ]),
  refresh: new Map<string, Meaning>([
    ["invalid_grant", { code: "session_over", hint: `${AGAIN}: the provider ended this session` }],
    // A refresh can't ask for more than was granted (RFC 6749 §6).
    ["invalid_scope", MORE],
    ["invalid_target", MORE],
  ]),
};

/** The error of a response. `secrets` are left out of its message, should the provider repeat one. */
export function refusalOf(
  { body, status }: { body: unknown; status?: number },
  { party, asked, secrets }: { party: Party; asked: Asked; secrets: readonly (string | null)[] },
): AuthError {
  const { error, error_description } = isJsonObject(body) ? body : {};
  const provider = party.provider?.id;
  const name = provider ?? party.issuer;
  const isDown = status !== undefined && (status === 429 || status >= 500);
  if (typeof error !== "string") {
    const { code, ...options } = isDown ? LATER : unreadable();
    const what = `${name} answered with status ${status} and nothing that OAuth defines`;
    return new AuthError(code, what, { ...options, status, provider });
  }
  // A server in trouble says nothing about the session.
  const own = OTHERS[asked]?.get(error) ?? MEANINGS.get(error);
  const { code, ...options } = isDown ? LATER : (own ?? unknown());
  const said = hide([error, error_description].map(firstLine).filter(Boolean).join(": "), secrets);
  return new AuthError(code, `${name} answered ${said}`, { ...options, status, provider });
}

const unreadable = (): Meaning => ({
  code: "invalid_response",
  hint: "check that the issuer is the one you mean",
});
const unknown = (): Meaning => ({
  code: "invalid_response",
  hint: "look the error up in the provider's documentation",
});

/** Microsoft appends trace ids in further lines. */
export function firstLine(text: unknown): string {
  if (typeof text !== "string") return "";
  const [line = ""] = text.split(/[\r\n]/);
  return line.replaceAll(/\p{Cc}/gu, " ");
}

/** Authorization headers and JWTs, whoever sent them. A JWT is looked for at the start of a word: long words take no time. */
const CREDENTIALS = /\b(?:Basic|Bearer)\s+[\w+/=.~-]+|(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/gi;

/** Some providers repeat what they refuse. Cut at the end: the rest of a secret that was cut would not be known as one. */
export function hide(text: string, secrets: readonly (string | null)[]): string {
  return secrets
    .filter((secret) => secret !== null && secret !== "")
    .reduce<string>((rest, secret) => rest.replaceAll(secret ?? "", "[hidden]"), text)
    .replaceAll(CREDENTIALS, "[hidden]")
    .slice(0, 300);
}
