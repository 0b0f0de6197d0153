/** Requests to the token endpoint, and their answers (RFC 6749 §5). */
import { isJsonObject } from "../../oauth/json.ts";
import { AuthError } from "../errors.ts";
import type { Tokens } from "../tokens.ts";
import { explained } from "./explained.ts";
import { checkIdToken, type Expected } from "./id_token.ts";
import type { Party } from "./party.ts";
import { postForm } from "./post_form.ts";
import { type Asked, refusalOf } from "./refusal.ts";
import { readTokenResponse, type TokenResponse } from "./token_response.ts";

export interface TokenRequest {
  asked: Asked;
  /** Texts that the message of an error must not repeat. */
  secrets: readonly (string | null)[];
  /** An answer without an ID token is refused. */
  idToken: boolean;
  expected: Expected;
  /** The scope that was asked for: a response without `scope` grants it (RFC 6749 §5.1). */
  scope: string;
  /** As `grant_type`. */
  grant: string;
  /** The other parameters, but for those of the client's authentication. */
  parameters: Record<string, string>;
}

/** @throws AuthError */
export async function requestTokens(party: Party, request: TokenRequest): Promise<Tokens> {
  return explained(party, async () => tokensFrom(party, request, await ask(party, request)));
}

/** What the token endpoint says, in the form of RFC 6749 §5, whatever its status and media type are. */
export interface TokenAnswer {
  status: number;
  body: unknown;
  /** Seconds since the epoch: the life of a token begins after it, so it is never thought to last longer than it does. */
  asked_at: number;
}

/** @throws AuthError without an answer */
export async function ask(party: Party, request: TokenRequest): Promise<TokenAnswer> {
  const server = await party.server();
  if (server.token_endpoint === undefined)
    throw new AuthError("configuration", `the metadata of ${party.issuer} has no token_endpoint`, {
      hint: "set issuer to a provider that issues tokens",
    });
  const asked_at = Math.floor(Date.now() / 1000);
  const parameters = { ...request.parameters, grant_type: request.grant };
  const response = await postForm(party, server.token_endpoint, parameters);
  return { ...(await judged(party, response)), asked_at };
}

/** @throws AuthError for an answer without tokens */
export async function tokensFrom(
  party: Party,
  request: TokenRequest,
  { status, body, asked_at }: TokenAnswer,
): Promise<Tokens> {
  if (isJsonObject(body)) dropEmpty(body);
  if (!isJsonObject(body) || "error" in body || status >= 500 || !("access_token" in body)) {
    const secrets = [...request.secrets, party.secret];
    throw refusalOf({ body, status }, { party, asked: request.asked, secrets });
  }
  if (party.provider?.idToken === "never") delete body.id_token;
  const answer = readTokenResponse(body);
  const { id_token, access_token } = answer;
  if (id_token !== undefined)
    await checkIdToken(party, { id_token, access_token }, request.expected);
  else if (request.idToken)
    throw new AuthError("invalid_response", "the answer has no ID token", {
      hint: "is this client allowed to ask for the scope openid?",
    });
  return tokensOf(answer, { party, now: asked_at, scope: request.scope });
}

/** Some servers write what they have not got as null, and a token as an empty text. */
function dropEmpty(body: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(body))
    if (value === null || (value === "" && /^(?:refresh|id)_token$/.test(name))) delete body[name];
}

async function judged(
  { provider }: Party,
  response: Response,
): Promise<{ status: number; body: unknown }> {
  const { status } = response;
  const text = await response.text();
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // Rows may read other forms; without one, the caller refuses a text.
  }
  return { status, body: provider?.read ? provider.read(body, status) : body };
}

function tokensOf(
  answer: TokenResponse,
  { party, now, scope }: { party: Party; now: number; scope: string },
): Tokens {
  const { access_token, expires_in, refresh_token, id_token } = answer;
  const renewing = party.provider?.exchange === undefined ? refresh_token : access_token;
  // Providers with a row may answer by comma though they were asked by space; in OAuth, a comma may be part of a scope.
  const separator = party.provider ? /[\s,]+/ : / +/;
  return {
    accessToken: access_token,
    tokenType: "Bearer",
    expiresAt: expires_in === undefined ? null : now + Math.floor(expires_in),
    ...(renewing !== undefined && { refreshToken: renewing }),
    ...(id_token !== undefined && { idToken: id_token }),
    scope: (answer.scope ?? scope).split(separator).filter(Boolean),
  };
}
