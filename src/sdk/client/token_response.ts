/** The form of a response of the token endpoint (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3). */
import { AuthError } from "../errors.ts";

export interface TokenResponse {
  access_token: string;
  /** Seconds. */
  expires_in: number | undefined;
  refresh_token: string | undefined;
  id_token: string | undefined;
  /** Scopes, separated by spaces; by commas in some rows. */
  scope: string | undefined;
}

/**
 * @throws AuthError `invalid_response` for a member of another type, and for tokens that are not Bearer tokens: a token
 * that is bound to a key is of no use here, and must not be sent without its proof
 */
export function readTokenResponse(body: Record<string, unknown>): TokenResponse {
  const { access_token, token_type, expires_in } = body;
  // Some servers write the number as a text.
  const life = typeof expires_in === "string" ? Number.parseFloat(expires_in) : expires_in;
  if (!isToken(access_token)) throw malformed("access_token");
  if (typeof token_type !== "string") throw malformed("token_type");
  if (token_type.toLowerCase() !== "bearer") throw notBearer(token_type);
  if (life !== undefined && !(typeof life === "number" && life >= 0 && life < Infinity))
    throw malformed("expires_in");
  return {
    access_token,
    expires_in: life,
    refresh_token: optional(body, "refresh_token", isToken),
    id_token: optional(body, "id_token", isToken),
    scope: optional(body, "scope", isText),
  };
}

const isText = (value: unknown): value is string => typeof value === "string";
const isToken = (value: unknown): value is string => isText(value) && value !== "";

function optional(
  body: Record<string, unknown>,
  name: string,
  is: (value: unknown) => value is string,
): string | undefined {
  const value = body[name];
  if (value === undefined || is(value)) return value;
  throw malformed(name);
}

/** The value is not shown: it may be a token. */
const malformed = (name: string): AuthError =>
  new AuthError("invalid_response", `the token response has no valid ${name}`, {
    hint: "check that the issuer is the one you mean",
  });

const notBearer = (token_type: string): AuthError =>
  new AuthError(
    "invalid_response",
    `the token type (token_type) is ${JSON.stringify(/^\w{1,12}$/.test(token_type) ? token_type : "another one")}, not Bearer`,
    { hint: "ask the provider for Bearer tokens for this client" },
  );
