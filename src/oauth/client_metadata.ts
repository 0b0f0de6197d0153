/** Client metadata (RFC 7591 §2, OpenID Connect Registration §2): one parser for every way to register. */
import { type Found, joined, OAuthError, recordIn } from "./errors.ts";
import { type Jwks, parseJwks } from "./jwks.ts";
import {
  type Members,
  oneOf,
  readScope,
  readText,
  refuse,
  strings,
  supported,
} from "./metadata_members.ts";
import {
  type ApplicationType,
  checkRedirectUri,
  isOnThisComputer,
  type RedirectUriRules,
} from "./redirect_uri.ts";

/** Values that client metadata may hold; they follow from the features of the server. */
export interface AcceptedMetadata {
  grant_types: readonly string[];
  /** The grant types that ask a person, so that they can yield a refresh token. */
  asking_grant_types: readonly string[];
  /** The grant types for confidential clients only. */
  confidential_grant_types: readonly string[];
  response_types: readonly string[];
  token_endpoint_auth_methods: readonly string[];
}

/** The grant type of devices (RFC 8628 §3.4). */
export const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

export interface ClientMetadataRules extends AcceptedMetadata {
  short_schemes: RedirectUriRules["short_schemes"];
  /** The scopes that this server knows. Left out: unknown, so all scopes are kept. */
  scopes?: readonly string[];
}

/**
 * Algorithms that a client may sign its assertions with (RFC 8725 §3.1). `EdDSA` is the name of `Ed25519` in older
 * libraries (RFC 9864 §2.2).
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
export const ID_TOKEN_CLAIMS = ["scope", "none"] as const;

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
  /** The scopes that the client may ask for. Absent: `allowedScope` in clients/client_scope.ts decides. */
  scope?: string;
  /** The APIs that the client may ask for. Only an operator sets it: clients/rules.ts. Absent: clients/client_scope.ts. */
  resources?: string[];
  jwks?: Jwks;
  post_logout_redirect_uris?: string[];
  id_token_signed_response_alg: (typeof ID_TOKEN_ALGS)[number];
  /** Whether agreed claims are in ID tokens too. Only an operator sets it: clients/rules.ts. Absent: the server's default. */
  id_token_claims?: (typeof ID_TOKEN_CLAIMS)[number];
}

type AuthMethodOf = Pick<ClientMetadata, "token_endpoint_auth_method">;

/** Whether the client authenticates; a public client, which does not, is registered for `none`. */
export const isConfidential = ({ token_endpoint_auth_method }: AuthMethodOf): boolean =>
  token_endpoint_auth_method !== "none";

/**
 * Checks submitted metadata, and fills in the defaults. Unknown members, and unsupported values of `grant_types`,
 * `response_types` and `scope`, are left out: the result is the registered metadata (RFC 7591 §2 and §3.2.1).
 * @throws OAuthError `invalid_client_metadata` or `invalid_redirect_uri`, that names the first wrong member, and
 * describes the problems of all
 */
export function parseClientMetadata(input: unknown, rules: ClientMetadataRules): ClientMetadata {
  const { metadata, problems } = readClientMetadata(input, rules);
  const refused = joined(problems);
  if (refused) throw refused;
  return metadata;
}

/**
 * The same with a list of problems, for a form that shows each at its field. With problems, `metadata` has other values
 * in place of the wrong ones: only further checks may use it.
 */
export function readClientMetadata(
  input: unknown,
  rules: ClientMetadataRules,
): { metadata: ClientMetadata; problems: readonly OAuthError[] } {
  const problems: OAuthError[] = [];
  const found = recordIn(problems);
  const isObject = typeof input === "object" && input !== null && !Array.isArray(input);
  const given = isObject ? Object.entries(input) : [];
  const metadata = readMembers(new Map<string, unknown>(given), rules, found);
  const { application_type } = metadata;
  const { short_schemes } = rules;
  for (const member of ["redirect_uris", "post_logout_redirect_uris"] as const)
    for (const uri of metadata[member] ?? [])
      found(() => checkRedirectUri(uri, { application_type, short_schemes }, member), undefined);
  problems.push(...problemsTogether(metadata, rules, problems));
  const text = "client metadata must be a JSON object";
  if (!isObject) return { metadata, problems: [new OAuthError("invalid_client_metadata", text)] };
  return { metadata, problems };
}

function readMembers(given: Members, rules: ClientMetadataRules, found: Found): ClientMetadata {
  const method = found(
    () => oneOf(given, "token_endpoint_auth_method", rules.token_endpoint_auth_methods, BASIC),
    BASIC,
  );
  found(() => checkHonoured(given, method), undefined);
  const read = (name: string, allowed: readonly string[], otherwise: string[]) =>
    found(() => supported(given, name, allowed, otherwise), otherwise);
  const grant_types = read("grant_types", rules.grant_types, ["authorization_code"]);
  const codes = grant_types.includes("authorization_code") ? ["code"] : [];
  const redirect_uris = found(() => strings(given, "redirect_uris") ?? [], []);
  const isNative = method === "none" && redirect_uris.some(isOnThisComputer);
  return {
    redirect_uris,
    token_endpoint_auth_method: method,
    grant_types,
    response_types: read("response_types", rules.response_types, codes),
    application_type: found(
      () => oneOf(given, "application_type", APPLICATION_TYPES, isNative ? "native" : "web"),
      // Redirect URIs get only those errors that hold in any case.
      "native",
    ),
    id_token_signed_response_alg: found(
      () => oneOf(given, "id_token_signed_response_alg", ID_TOKEN_ALGS, "RS256"),
      "RS256",
    ),
    ...optionalTexts(given, found),
    ...optionalLists(given, found),
    ...scopeAndKeys(given, rules, found),
    ...idTokenClaims(given, found),
  };
}

const BASIC = "client_secret_basic";
const APPLICATION_TYPES = ["web", "native"] as const;

/**
 * Members by which a client asks for protection, each with the values that ask for none. A client relies on them, so
 * unsupported ones are refused and not left out.
 */
const PROTECTIVE: ReadonlyMap<string, readonly unknown[]> = new Map<string, readonly unknown[]>([
  ["dpop_bound_access_tokens", [false]],
  ["tls_client_certificate_bound_access_tokens", [false]],
  ["require_pushed_authorization_requests", [false]],
  ["require_signed_request_object", [false]],
  ["subject_type", ["public"]],
  ["default_max_age", []],
  ["id_token_encrypted_response_alg", []],
  ["userinfo_signed_response_alg", ["none"]],
  ["userinfo_encrypted_response_alg", []],
  ["introspection_encrypted_response_alg", []],
  ["authorization_encrypted_response_alg", []],
]);

function checkHonoured(given: Members, method: string): void {
  const [jwks, jwks_uri] = [given.get("jwks") ?? null, given.get("jwks_uri") ?? null];
  // A client that signs nothing does not need the address of its keys.
  if (jwks_uri !== null && (method !== "none" || jwks !== null))
    throw refuse("jwks_uri", "is not supported: give the keys themselves as jwks");
  for (const [name, harmless] of PROTECTIVE) {
    const value = given.get(name) ?? null;
    if (value !== null && !harmless.includes(value))
      throw refuse(name, "can't be honoured by this server: register without it");
  }
}

/** Rules about several members. Each is checked when its own members are valid. */
function problemsTogether(
  metadata: ClientMetadata,
  { asking_grant_types, confidential_grant_types }: ClientMetadataRules,
  earlier: readonly OAuthError[],
): OAuthError[] {
  const { redirect_uris, grant_types, response_types, jwks } = metadata;
  const { token_endpoint_auth_method: method } = metadata;
  const wrong = new Set(earlier.map(({ parameter }) => parameter));
  const problems: OAuthError[] = [];
  const check = (members: readonly string[], isBroken: boolean, problem: OAuthError) => {
    if (isBroken && !members.some((member) => wrong.has(member))) problems.push(problem);
  };
  const usesCode = grant_types.includes("authorization_code");
  check(
    ["redirect_uris", "grant_types"],
    usesCode && redirect_uris.length === 0,
    refuse("redirect_uris", "is missing", "invalid_redirect_uri"),
  );
  const asksPerson = grant_types.some((each) => asking_grant_types.includes(each));
  check(
    ["grant_types"],
    grant_types.includes("refresh_token") && !asksPerson,
    refuse("grant_types", "with refresh_token must hold a grant that asks a person too"),
  );
  check(
    ["grant_types", "response_types"],
    usesCode !== response_types.includes("code"),
    refuse("response_types", "and grant_types do not fit: code goes with authorization_code"),
  );
  const proving = grant_types.find((each) => confidential_grant_types.includes(each));
  check(
    ["grant_types", "token_endpoint_auth_method"],
    proving !== undefined && !isConfidential(metadata),
    refuse("grant_types", `with ${proving} needs a client that authenticates`),
  );
  check(
    ["jwks", "token_endpoint_auth_method"],
    method === "private_key_jwt" && !jwks,
    refuse("jwks", "with the public key is needed for private_key_jwt"),
  );
  return problems;
}

const TEXTS = {
  client_name: { longest: 200 },
  software_id: { longest: 2000 },
  software_version: { longest: 2000 },
  client_uri: { longest: 2000, kind: "link" },
  logo_uri: { longest: 65_536, kind: "picture" },
  policy_uri: { longest: 2000, kind: "link" },
  tos_uri: { longest: 2000, kind: "link" },
} as const;
const TEXT_NAMES = Object.keys(TEXTS) as (keyof typeof TEXTS)[];

function optionalTexts(given: Members, found: Found): Partial<ClientMetadata> {
  const texts: Partial<ClientMetadata> = {};
  for (const name of TEXT_NAMES) {
    const value = found(() => readText(given, name, TEXTS[name]), undefined);
    if (value !== undefined) texts[name] = value;
  }
  return texts;
}

function optionalLists(given: Members, found: Found): Partial<ClientMetadata> {
  const lists: Partial<ClientMetadata> = {};
  for (const name of ["contacts", "post_logout_redirect_uris", "resources"] as const) {
    const value = found(() => strings(given, name), undefined);
    if (value) lists[name] = value;
  }
  if (lists.resources?.some((uri) => !URL.canParse(uri) || uri.includes("#")))
    found(() => {
      throw refuse("resources", "must hold absolute URIs without a fragment");
    }, undefined);
  return lists;
}

function scopeAndKeys(
  given: Members,
  { scopes }: ClientMetadataRules,
  found: Found,
): Partial<ClientMetadata> {
  const scope = found(() => readScope(given.get("scope"), scopes), undefined);
  const alg = found(() => readAlg(given), undefined);
  const jwks = given.get("jwks") ?? undefined;
  const keys = found(() => (jwks === undefined ? undefined : parseJwks(jwks)), undefined);
  return {
    ...(scope !== undefined && { scope }),
    ...(alg !== undefined && { token_endpoint_auth_signing_alg: alg }),
    ...(keys !== undefined && { jwks: keys }),
  };
}

function idTokenClaims(given: Members, found: Found): Partial<ClientMetadata> {
  const read = () => oneOf(given, "id_token_claims", ID_TOKEN_CLAIMS, "scope");
  const isSaid = (given.get("id_token_claims") ?? "") !== "";
  return isSaid ? { id_token_claims: found(read, "scope") } : {};
}

function readAlg(given: Members): string | undefined {
  const alg = given.get("token_endpoint_auth_signing_alg") ?? undefined;
  const known = ASSERTION_ALGS.find((each) => each === alg);
  if (alg !== undefined && known === undefined)
    throw refuse("token_endpoint_auth_signing_alg", `must be one of ${ASSERTION_ALGS.join(", ")}`);
  return known;
}
