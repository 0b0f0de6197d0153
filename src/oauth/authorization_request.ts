/**
 * The authorization request: its syntax, and the permissions that it asks for (OAuth 2.1 §4.1.1, OIDC Core §3.1.2.1).
 */
import { OAuthError } from "./errors.ts";
import {
  grantTypeHint,
  type Hint,
  mayAskHint,
  REQUIRE_RESOURCE_HINT,
  redirectUriHint,
  scopeHint,
  updateHint,
} from "./hint.ts";
import { type Params, required } from "./params.ts";
import { apisOf, type Permission, permissionsAsked, resourceOf, scopesOf } from "./permission.ts";
import { checkCodeChallenge } from "./pkce.ts";
import { type ApplicationType, matchesRedirectUri } from "./redirect_uri.ts";
import { type Catalogue, checkResources, findResource, knowsScope } from "./resource_indicator.ts";
import { isOpenIdScope, parseScope, within } from "./scope.ts";

export const RESPONSE_MODES = ["query", "fragment", "form_post"] as const;
export type ResponseMode = (typeof RESPONSE_MODES)[number];
export const PROMPTS = ["none", "login", "consent", "select_account"] as const;
export type Prompt = (typeof PROMPTS)[number];

/** The members of a client that the rules need. */
export interface RequestingClient {
  client_id: string;
  redirect_uris: readonly string[];
  application_type: ApplicationType;
  /** The registered scopes, or null: all of `allowed_scope`. */
  registered_scope: readonly string[] | null;
  allowed_scope: readonly string[];
  /** The APIs that it may ask for, or null: all of them. */
  allowed_resources: readonly string[] | null;
  require_pkce: boolean;
  /** Whether an operator can let it do without PKCE. */
  may_omit_pkce: boolean;
  uses_code: boolean;
}

/** The target of the response, which is verified before anything is sent there. */
export interface ResponseTarget {
  redirect_uri: string;
  response_mode: ResponseMode;
  state: string | null;
}

/** The members of a request in a redirect, which is answered with a code. */
export interface CodeRequest extends ResponseTarget {
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
}

const LONGEST = [
  ["state", 4096],
  ["nonce", 1024],
  ["login_hint", 256],
  ["id_token_hint", 8192],
] as const;

/**
 * Verifies the target of the response. Until then nothing is sent there: errors are shown on the server's own page (RFC
 * 9700 §4.11).
 * @throws OAuthError `invalid_request`
 */
export function checkResponseTarget(params: Params, client: RequestingClient): ResponseTarget {
  const sent = params.get("redirect_uri");
  const mode = params.get("response_mode");
  return {
    redirect_uri: proven(sent ?? soleRedirectUri(params, client), client),
    // An unknown mode is refused later, with an error in the query.
    response_mode: RESPONSE_MODES.find((each) => each === mode) ?? "query",
    state: params.get("state") ?? null,
  };
}

function proven(redirect_uri: string, client: RequestingClient): string {
  if (!matchesRedirectUri(redirect_uri, client.redirect_uris, client.application_type))
    throw new OAuthError("invalid_request", "redirect_uri is not registered for this client", {
      parameter: "redirect_uri",
      reason: {
        sent: redirect_uri.slice(0, 2000),
        registered: client.redirect_uris,
        ...redirectUriHint(client.client_id),
      },
    });
  return redirect_uri;
}

function soleRedirectUri(params: Params, client: RequestingClient): string {
  const [only, ...more] = client.redirect_uris;
  const asksOpenId = (params.get("scope") ?? "").split(" ").includes("openid");
  if (only === undefined || more.length > 0 || asksOpenId)
    throw invalid("redirect_uri", "is missing");
  return only;
}

export interface RequestRules {
  client: RequestingClient;
  catalogue: Catalogue;
  /** The response types that the server offers. */
  response_types: readonly string[];
  /** Whether a request for scopes of several APIs has to name one. */
  require_resource: boolean;
}

/**
 * Reads the rest of the request, after the target of errors is verified.
 * @throws OAuthError to be sent to `target`
 */
export function parseAuthorizationRequest(
  params: Params,
  target: ResponseTarget,
  rules: RequestRules,
): { asked: Asked; code_request: CodeRequest } {
  const { client, response_types } = rules;
  refuseRequestObjects(params);
  checkResponseType(params, client, response_types);
  for (const [name, longest] of LONGEST)
    if ((params.get(name)?.length ?? 0) > longest)
      throw invalid(name, `is longer than ${longest} characters`);
  // The value is stored with the grant, and not every database can store this character.
  if (params.get("nonce")?.includes("\0")) throw invalid("nonce", "holds a NUL character");
  const code_request = {
    ...target,
    redirect_uri_sent: params.get("redirect_uri") !== undefined,
    code_challenge: readCodeChallenge(params, client),
    nonce: params.get("nonce") ?? null,
  };
  const asked = {
    client_id: client.client_id,
    ...readPermissions(params, rules),
    prompt: readPrompt(params),
    max_age: readMaxAge(params),
    login_hint: params.get("login_hint") ?? null,
  };
  return { asked, code_request };
}

function refuseRequestObjects(params: Params): void {
  for (const name of ["request", "request_uri", "registration"] as const)
    if (params.get(name) !== undefined)
      throw new OAuthError(`${name}_not_supported`, `the ${name} parameter is not supported`, {
        parameter: name,
      });
}

function checkResponseType(
  params: Params,
  client: RequestingClient,
  response_types: readonly string[],
): void {
  const response_type = required(params, "response_type");
  if (!response_types.includes(response_type))
    throw new OAuthError(
      "unsupported_response_type",
      `response_type must be ${response_types.join(" or ")}`,
      { parameter: "response_type" },
    );
  if (!client.uses_code)
    throw new OAuthError("unauthorized_client", "client is not registered for authorization_code", {
      reason: grantTypeHint(client.client_id, "authorization_code"),
    });
  const mode = params.get("response_mode");
  if (mode !== undefined && !RESPONSE_MODES.some((each) => each === mode))
    throw invalid("response_mode", `must be one of ${RESPONSE_MODES.join(", ")}`);
}

/**
 * Reads `scope` and `resource`. A scope that can't be granted is left out. It is an error only when nothing is left
 * (RFC 6749 §3.3).
 * @throws OAuthError `invalid_scope`; `invalid_target` for an API that the client may not ask for, or, with
 * `require_resource`, for scopes of several APIs when none is named
 */
export function readPermissions(
  params: Params,
  { client, catalogue, require_resource }: Omit<RequestRules, "response_types">,
): { permissions: Permission[]; left_out: string[] } {
  const resources = checkResources(params.all("resource"), catalogue);
  const mayAsk = (resource: string): boolean =>
    resource === catalogue.issuer || (client.allowed_resources?.includes(resource) ?? true);
  if (!resources.every(mayAsk))
    throw new OAuthError("invalid_target", "resource is not allowed for this client", {
      parameter: "resource",
      reason: {
        refused: resources.filter((each) => !mayAsk(each)),
        ...mayAskHint(client.client_id),
      },
    });
  const text = params.get("scope");
  const wanted = text === undefined ? defaultScope(resources, client, catalogue) : parseScope(text);
  const known = wanted.filter((name) => knowsScope(catalogue, name));
  const allowed = within(known, client.allowed_scope);
  const permissions = permissionsAsked(allowed, resources, catalogue).filter((each) =>
    mayAsk(resourceOf(each)),
  );
  const scope = scopesOf(permissions);
  const left_out = wanted.filter((name) => !scope.includes(name));
  if (scope.length === 0)
    throw new OAuthError("invalid_scope", "no scope of this request can be given to this client", {
      parameter: "scope",
      reason: {
        unknown: wanted.filter((name) => !known.includes(name)),
        refused: left_out,
        ...scopeHint(left_out, known, client),
      },
    });
  if (require_resource && resources.length === 0 && apisOf(permissions, catalogue).length > 1)
    throw new OAuthError("invalid_target", "these scopes belong to several resources: name one", {
      parameter: "resource",
      reason: REQUIRE_RESOURCE_HINT,
    });
  return { permissions, left_out };
}

/** The scopes of a request without `scope` (RFC 6749 §3.3): the registered ones, else those of the resources. */
export function defaultScope(
  resources: readonly string[],
  { registered_scope, allowed_scope }: Pick<RequestingClient, "registered_scope" | "allowed_scope">,
  catalogue: Catalogue,
): string[] {
  if (registered_scope) return registered_scope.filter((name) => knowsScope(catalogue, name));
  const listed = resources.flatMap((uri) => findResource(catalogue, uri)?.scopes ?? []);
  const of_resources = within([...new Set(listed)], allowed_scope);
  return of_resources.length > 0 ? of_resources : ["openid"];
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

const invalid = (parameter: string, problem: string, reason: Hint = {}): OAuthError =>
  new OAuthError("invalid_request", `${parameter} ${problem}`, { parameter, reason });

/** The scopes that a token of `client_credentials` can have: without a person, there are none of OpenID Connect. */
export const withoutOpenId = (scope: readonly string[]): string[] =>
  scope.filter((name) => !isOpenIdScope(name));
