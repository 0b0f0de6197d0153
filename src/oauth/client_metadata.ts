/** Client metadata (RFC 7591 §2, OpenID Connect Registration §2): one parser for every way to register. */
import { type ErrorCode, OAuthError } from "./errors.ts";
import { type Jwks, parseJwks } from "./jwks.ts";
import { type ApplicationType, checkRedirectUri, type RedirectUriRules } from "./redirect_uri.ts";
import { formatScope, isScopeToken } from "./scope.ts";

/** Values that client metadata may hold; they follow from the features of the server. */
export interface AcceptedMetadata {
  grant_types: readonly string[];
  /** Those of them that ask a person, so that a refresh token can come of them. */
  asking_grant_types: readonly string[];
  /** Those of them that are for clients that authenticate. */
  confidential_grant_types: readonly string[];
  response_types: readonly string[];
  token_endpoint_auth_methods: readonly string[];
}

export interface ClientMetadataRules extends AcceptedMetadata {
  short_schemes: RedirectUriRules["short_schemes"];
}

/**
 * Algorithms that a client may sign its assertions with (RFC 8725 §3.1). `EdDSA` is what older libraries call
 * `Ed25519` (RFC 9864 §2.2).
 */
export const ASSERTION_ALGS = [
  "ES256",
  "PS256",
  "RS256",
  "Ed25519",
  "EdDSA",
  "ES384",
  "ES512",
] as const;
export const ID_TOKEN_ALGS = ["RS256", "ES256"] as const;

export interface ClientMetadata {
  redirect_uris: string[];
  token_endpoint_auth_method: string;
  token_endpoint_auth_signing_alg?: string;
  grant_types: string[];
  response_types: string[];
  application_type: ApplicationType;
  client_name?: string;
  client_uri?: string;
  logo_uri?: string;
  policy_uri?: string;
  tos_uri?: string;
  contacts?: string[];
  software_id?: string;
  software_version?: string;
  /** What the client may ask for. Absent: `allowedScope` in clients/client_scope.ts decides. */
  scope?: string;
  /** The APIs that the client may ask for. Only an operator sets it: clients/rules.ts. Absent: clients/client_scope.ts. */
  resources?: string[];
  jwks?: Jwks;
  post_logout_redirect_uris?: string[];
  id_token_signed_response_alg: (typeof ID_TOKEN_ALGS)[number];
}

type AuthMethodOf = Pick<ClientMetadata, "token_endpoint_auth_method">;

/** Whether the client proves who it is; a public one, which proves nothing, is registered for `none`. */
export const isConfidential = ({ token_endpoint_auth_method }: AuthMethodOf): boolean =>
  token_endpoint_auth_method !== "none";

/**
 * Checks metadata that somebody wrote, and fills in the defaults. Unknown members are left out (RFC 7591 §2).
 * @throws OAuthError `invalid_client_metadata` or `invalid_redirect_uri`, naming the member
 */
export function parseClientMetadata(input: unknown, rules: ClientMetadataRules): ClientMetadata {
  if (typeof input !== "object" || input === null || Array.isArray(input))
    throw new OAuthError("invalid_client_metadata", "client metadata must be a JSON object");
  const given = new Map<string, unknown>(Object.entries(input));
  if (given.has("jwks_uri"))
    throw refuse("jwks_uri", "is not supported: give the keys themselves as jwks");
  const grant_types = listOf(given, "grant_types", rules.grant_types, ["authorization_code"]);
  const usesCode = grant_types.includes("authorization_code");
  const metadata: ClientMetadata = {
    redirect_uris: strings(given, "redirect_uris") ?? [],
    token_endpoint_auth_method: oneOf(
      given,
      "token_endpoint_auth_method",
      rules.token_endpoint_auth_methods,
      "client_secret_basic",
    ),
    grant_types,
    response_types: listOf(given, "response_types", rules.response_types, usesCode ? ["code"] : []),
    application_type: oneOf(given, "application_type", ["web", "native"] as const, "web"),
    id_token_signed_response_alg: oneOf(
      given,
      "id_token_signed_response_alg",
      ID_TOKEN_ALGS,
      "RS256",
    ),
    ...optionalTexts(given),
    ...optionalLists(given),
    ...scopeAndKeys(given),
  };
  checkRules(metadata, rules);
  return metadata;
}

function checkRules(metadata: ClientMetadata, rules: ClientMetadataRules): void {
  const { short_schemes, asking_grant_types, confidential_grant_types } = rules;
  const { redirect_uris, grant_types, token_endpoint_auth_method: method } = metadata;
  const { application_type } = metadata;
  for (const uri of redirect_uris) checkRedirectUri(uri, { application_type, short_schemes });
  for (const uri of metadata.post_logout_redirect_uris ?? [])
    checkRedirectUri(uri, { application_type, short_schemes }, "post_logout_redirect_uris");
  const usesCode = grant_types.includes("authorization_code");
  if (usesCode && redirect_uris.length === 0)
    throw refuse("redirect_uris", "is missing", "invalid_redirect_uri");
  const asksPerson = grant_types.some((each) => asking_grant_types.includes(each));
  if (grant_types.includes("refresh_token") && !asksPerson)
    throw refuse("grant_types", "with refresh_token must hold a grant that asks a person too");
  if (usesCode !== metadata.response_types.includes("code"))
    throw refuse("response_types", "and grant_types do not fit: code goes with authorization_code");
  const proving = grant_types.find((each) => confidential_grant_types.includes(each));
  if (proving !== undefined && !isConfidential(metadata))
    throw refuse("grant_types", `with ${proving} needs a client that authenticates`);
  if (method === "private_key_jwt" && !metadata.jwks)
    throw refuse("jwks", "with the public key is needed for private_key_jwt");
}

const TEXTS = ["client_name", "software_id", "software_version"] as const;
const LONGEST: Readonly<Record<string, number>> = { client_name: 200, logo_uri: 65_536 };
const LINKS = ["client_uri", "logo_uri", "policy_uri", "tos_uri"] as const;

function optionalTexts(given: Map<string, unknown>): Partial<ClientMetadata> {
  const found: Partial<ClientMetadata> = {};
  for (const name of [...TEXTS, ...LINKS]) {
    const value = given.get(name);
    if (value === undefined || value === null || value === "") continue;
    const longest = LONGEST[name] ?? 2000;
    if (typeof value !== "string" || value.length > longest || hasControlCharacter(value))
      throw refuse(name, `must be a plain string of at most ${longest} characters`);
    const picture = name === "logo_uri" && /^data:image\/[a-z+]+[;,]/.test(value);
    if (LINKS.some((link) => link === name) && !picture && !isWebLink(value))
      throw refuse(name, "must be an https address");
    found[name] = value;
  }
  return found;
}

function optionalLists(given: Map<string, unknown>): Partial<ClientMetadata> {
  const contacts = strings(given, "contacts");
  const post_logout_redirect_uris = strings(given, "post_logout_redirect_uris");
  const resources = readResources(given);
  return {
    ...(resources && { resources }),
    ...(contacts && { contacts }),
    ...(post_logout_redirect_uris && { post_logout_redirect_uris }),
  };
}

function readResources(given: Map<string, unknown>): string[] | undefined {
  const resources = strings(given, "resources");
  if (resources?.some((uri) => !URL.canParse(uri) || uri.includes("#")))
    throw refuse("resources", "must hold absolute URIs without a fragment");
  return resources;
}

function scopeAndKeys(given: Map<string, unknown>): Partial<ClientMetadata> {
  const scope = readScope(given.get("scope"));
  // A member that is null is one that is not there, as everywhere here (RFC 7592 §2.2).
  const alg = given.get("token_endpoint_auth_signing_alg") ?? undefined;
  if (alg !== undefined && !ASSERTION_ALGS.some((each) => each === alg))
    throw refuse("token_endpoint_auth_signing_alg", `must be one of ${ASSERTION_ALGS.join(", ")}`);
  const jwks = given.get("jwks") ?? undefined;
  return {
    ...(scope !== undefined && { scope }),
    ...(typeof alg === "string" && { token_endpoint_auth_signing_alg: alg }),
    ...(jwks !== undefined && { jwks: parseJwks(jwks) }),
  };
}

function readScope(value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const names = typeof value === "string" ? value.split(" ").filter(Boolean) : [];
  if (names.length === 0 || !names.every(isScopeToken))
    throw refuse("scope", "must be a string of scope names with spaces between");
  return formatScope([...new Set(names)]);
}

function strings(given: Map<string, unknown>, name: string): string[] | undefined {
  const value = given.get(name);
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || value.length > 100 || !value.every((v) => typeof v === "string"))
    throw refuse(name, "must be an array of strings");
  return [...new Set<string>(value)];
}

function listOf<T extends string>(
  given: Map<string, unknown>,
  name: string,
  allowed: readonly T[],
  otherwise: T[],
): T[] {
  // The default has to be accepted too: a server may not offer it.
  return (strings(given, name) ?? otherwise).map((value) => {
    const found = allowed.find((each) => each === value);
    if (!found) throw refuse(name, `may hold ${allowed.join(", ")} only`);
    return found;
  });
}

function oneOf<T extends string>(
  given: Map<string, unknown>,
  name: string,
  allowed: readonly T[],
  otherwise: T,
): T {
  const value = given.get(name) ?? otherwise;
  const found = allowed.find((each) => each === value);
  if (!found) throw refuse(name, `must be one of ${allowed.join(", ")}`);
  return found;
}

/** Nothing that a name needs. What only hides or reorders is left out where a name is shown (pages/foreign.ts). */
const hasControlCharacter = (text: string): boolean => /[\p{Cc}\p{Cs}]/u.test(text);

function isWebLink(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  const loopback = ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
  return protocol === "https:" || (protocol === "http:" && loopback);
}

function refuse(
  member: string,
  problem: string,
  error: ErrorCode = "invalid_client_metadata",
): OAuthError {
  return new OAuthError(error, `${member} ${problem}`, { parameter: member });
}
