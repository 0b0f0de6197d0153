/** The authorization request: its syntax, and the questions to a person (OAuth 2.1 §4.1.1, OIDC Core §3.1.2.1). */
import { type Level, levelsNamed, type RequiredLevel, stronger, weakestOf } from "./assurance.ts";
import {
  type AcrRequest,
  claimsAsked,
  type NamedClaims,
  parseClaimsRequest,
} from "./claims_request.ts";
import { OAuthError } from "./errors.ts";
import { type Hint, responseTypeHint, updateHint } from "./hint.ts";
import { type Params, required } from "./params.ts";
import { type Permission, permissionOf } from "./permission.ts";
import { checkCodeChallenge } from "./pkce.ts";
import {
  type PermissionRules,
  type RequestingClient,
  readPermissions,
} from "./requested_permissions.ts";
import { findResponseMode, RESPONSE_MODE_NAMES } from "./response_mode.ts";
import { mayUseMode, type ResponseTarget } from "./response_target.ts";
import { findResponseType, type ResponsePart, type ResponseType } from "./response_type.ts";

/** OpenID Connect Core §3.1.2.1; `create`: Initiating User Registration §4. */
export const PROMPTS = ["none", "login", "consent", "select_account", "create"] as const;
export type Prompt = (typeof PROMPTS)[number];

/** The members of a request in a redirect, which is answered there too. */
export interface RedirectRequest extends ResponseTarget {
  /** The name of a response type. */
  response_type: string;
  /** Whether the request named its redirect URI. If so, a token request without PKCE must name it too. */
  redirect_uri_sent: boolean;
  code_challenge: string | null;
  nonce: string | null;
}

/** The questions to a person, independent of the origin of the request. */
export interface Asked {
  client_id: string;
  permissions: Permission[];
  /**
   * Scopes that were asked for and can't be granted: the server does not know them, or the client may not have them.
   */
  left_out: string[];
  prompt: Prompt[];
  max_age: number | null;
  login_hint: string | null;
  /** Claims by name, at the places where the client wants them. */
  claims: NamedClaims;
  /** The level of the sign-in that the request can't do without; null: any will do. */
  required_level: RequiredLevel | null;
  /** The levels that the client would like, in its order of preference. */
  wished_levels: Level[];
}

const LONGEST = [
  ["state", 4096],
  ["nonce", 1024],
  ["login_hint", 256],
  ["id_token_hint", 8192],
] as const;

export interface RequestRules extends PermissionRules {
  /** The response types that the server offers. */
  response_types: readonly string[];
  /** The names of the levels of a sign-in. */
  acr: Readonly<Record<Level, string>>;
}

/**
 * Reads the rest of the request, after the target of errors is verified. `named_sub`: the person that `claims` names.
 * @throws OAuthError to be sent to `target`
 */
export function parseAuthorizationRequest(
  params: Params,
  target: ResponseTarget,
  rules: RequestRules,
): { asked: Asked; redirect_request: RedirectRequest; named_sub: string | null } {
  const { client } = rules;
  refuseRegistration(params);
  const { name, parts } = readResponseType(params, rules);
  for (const [name, longest] of LONGEST)
    if ((params.get(name)?.length ?? 0) > longest)
      throw invalid(name, `is longer than ${longest} characters`);
  // The value is stored with the grant, and not every database can store this character.
  if (params.get("nonce")?.includes("\0")) throw invalid("nonce", "holds a NUL character");
  const redirect_request = {
    ...target,
    response_type: name,
    redirect_uri_sent: params.get("redirect_uri") !== undefined,
    code_challenge: parts.includes("code") ? readCodeChallenge(params, client) : null,
    nonce: params.get("nonce") ?? null,
  };
  const named = parseClaimsRequest(params.get("claims"));
  const { permissions, left_out } = forParts(parts, readPermissions(params, rules), rules);
  const { allowed_scope } = client;
  const by_name = claimsAsked(named, { ...rules, permissions, allowed_scope });
  const asked = {
    client_id: client.client_id,
    permissions: [...permissions, ...by_name.permissions],
    left_out,
    claims: by_name.claims,
    prompt: readPrompt(params),
    max_age: readMaxAge(params) ?? client.default_max_age,
    ...readLevels(params, named.acr, rules),
    login_hint: params.get("login_hint") ?? null,
  };
  return { asked, redirect_request, named_sub: named.sub };
}

/** Self-issued providers only (OpenID Connect Core §7.2.1). */
function refuseRegistration(params: Params): void {
  const parameter = "registration";
  if (params.get(parameter) !== undefined)
    throw new OAuthError("registration_not_supported", "registration is not supported", {
      parameter,
    });
}

/** @throws OAuthError, also for a response mode or a `nonce` that does not fit the response type */
function readResponseType(params: Params, { client, response_types }: RequestRules): ResponseType {
  const type = findResponseType(required(params, "response_type"));
  if (!type || !response_types.includes(type.name))
    throw new OAuthError(
      "unsupported_response_type",
      `response_type must be ${response_types.join(" or ")}`,
      { parameter: "response_type" },
    );
  if (!client.response_types.includes(type.name))
    throw new OAuthError("unauthorized_client", `client is not registered for ${type.name}`, {
      reason: responseTypeHint(client.client_id, type),
    });
  const mode = params.get("response_mode");
  const known = findResponseMode(mode);
  if (mode !== undefined && known === null)
    throw invalid("response_mode", `must be one of ${RESPONSE_MODE_NAMES.join(", ")}`);
  if (known !== null && !mayUseMode(known, type.default_mode))
    throw invalid("response_mode", `${known} is not for responses with tokens`);
  // OpenID Connect Core §3.2.2.1.
  if (type.parts.includes("id_token") && params.get("nonce") === undefined)
    throw invalid("nonce", "is missing");
  return type;
}

/**
 * An ID token needs `openid`. Lasting access needs a code, without which `offline_access` is ignored (OpenID Connect Core
 * §11).
 */
function forParts(
  parts: readonly ResponsePart[],
  { permissions, left_out }: Pick<Asked, "permissions" | "left_out">,
  { catalogue: { issuer } }: RequestRules,
): Pick<Asked, "permissions" | "left_out"> {
  if (parts.includes("id_token") && !permissions.includes(permissionOf(issuer, "openid")))
    throw new OAuthError("invalid_scope", "an id_token needs the scope openid", {
      parameter: "scope",
    });
  const lasting = permissionOf(issuer, "offline_access");
  if (parts.includes("code") || !permissions.includes(lasting)) return { permissions, left_out };
  return {
    permissions: permissions.filter((each) => each !== lasting),
    left_out: [...left_out, "offline_access"],
  };
}

function readCodeChallenge(params: Params, client: RequestingClient): string | null {
  const code_challenge = params.get("code_challenge");
  const method = params.get("code_challenge_method");
  if (code_challenge === undefined) {
    if (client.require_pkce || method !== undefined)
      throw invalid("code_challenge", "is missing", pkceHint(client, method));
    return null;
  }
  checkCodeChallenge(code_challenge, method);
  return code_challenge;
}

const pkceHint = (
  { client_id, may_omit_pkce }: RequestingClient,
  method: string | undefined,
): Hint =>
  may_omit_pkce && method === undefined ? updateHint(client_id, "--no-require-pkce") : {};

/** Unknown values are ignored (OpenID Connect Core §3.1.2.1). */
function readPrompt(params: Params): Prompt[] {
  const asked = (params.get("prompt") ?? "").split(" ").filter(Boolean);
  const prompt = PROMPTS.filter((each) => asked.includes(each));
  if (prompt.includes("none") && new Set(asked).size > 1)
    throw invalid("prompt", "none goes with no other");
  return prompt;
}

function readMaxAge(params: Params): number | null {
  const text = params.get("max_age");
  if (text === undefined) return null;
  if (!/^\d{1,9}$/.test(text)) throw invalid("max_age", "must be a number of seconds");
  return Number(text);
}

/**
 * `acr_values` are a wish, and the `acr` of the tokens tells what was reached. An essential `acr` claim demands a level
 * (OpenID Connect Core §5.5.1.1), and so do `acr_values` of a request for an API: that API has refused a weaker sign-in
 * (RFC 9470 §4).
 */
function readLevels(
  params: Params,
  acr: AcrRequest | null,
  { acr: names, catalogue: { issuer }, client }: RequestRules,
): Pick<Asked, "required_level" | "wished_levels"> {
  const values = (params.get("acr_values") ?? "").split(" ").filter(Boolean);
  const of_api = values.length > 0 && params.all("resource").some((uri) => uri !== issuer);
  const wished = [values, acr?.values ?? [], client.default_acr_values].find(
    (each) => each.length > 0,
  );
  return {
    required_level: stronger(
      of_api ? weakestOf(values, names) : null,
      acr?.essential ? weakestOf(acr.values, names) : null,
    ),
    wished_levels: levelsNamed(wished ?? [], names),
  };
}

const invalid = (parameter: string, problem: string, reason: Hint = {}): OAuthError =>
  new OAuthError("invalid_request", `${parameter} ${problem}`, { parameter, reason });
