/** Client metadata (RFC 7591 §2, OpenID Connect Registration §2): one parser for every way to register. */
import type { Level } from "./assurance.ts";
import { type Found, joined, OAuthError, recordIn } from "./errors.ts";
import type { Jwks } from "./jwks.ts";
import { checkHonoured, problemsTogether } from "./metadata_conditions.ts";
import { type Members, oneOf, strings, supported } from "./metadata_members.ts";
import {
  type CLIENT_SIGNING_ALGS,
  ID_TOKEN_ALGS,
  type ID_TOKEN_CLAIMS,
  OPTIONAL_MEMBERS,
  type OptionalName,
  readOptionalMembers,
  type USERINFO_ALGS,
} from "./optional_metadata.ts";
import {
  type ApplicationType,
  checkRedirectUri,
  isOnThisComputer,
  type RedirectUriRules,
} from "./redirect_uri.ts";
import { findResponseType } from "./response_type.ts";
import type { SUBJECT_TYPES } from "./subject_type.ts";

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
  /** Never both. */
  jwks?: Jwks;
  jwks_uri?: string;
  /** Absent: public. */
  subject_type?: (typeof SUBJECT_TYPES)[number];
  sector_identifier_uri?: string;
  post_logout_redirect_uris?: string[];
  /** Addresses of request objects that the server may fetch (OpenID Connect Registration §2). */
  request_uris?: string[];
  /** Where a link from the connected apps begins a sign-in at the app (OpenID Connect Core §4). */
  initiate_login_uri?: string;
  /** Absent: each of `CLIENT_SIGNING_ALGS`. */
  request_object_signing_alg?: (typeof CLIENT_SIGNING_ALGS)[number];
  /** Whether the client sends signed request objects only (RFC 9101 §10.5). */
  require_signed_request_object?: boolean;
  backchannel_logout_uri?: string;
  /** Its logout tokens need a `sid`. All of them have one. */
  backchannel_logout_session_required?: boolean;
  id_token_signed_response_alg: (typeof ID_TOKEN_ALGS)[number];
  /** Absent or `none`: userinfo is plain JSON. */
  userinfo_signed_response_alg?: (typeof USERINFO_ALGS)[number];
  /** Whether agreed claims are in ID tokens too. Only an operator sets it: clients/rules.ts. Absent: the server's default. */
  id_token_claims?: (typeof ID_TOKEN_CLAIMS)[number];
  /**
   * Whether client assertions may name the token endpoint as their audience. Only an operator sets it: clients/rules.ts.
   * Absent: the server's default.
   */
  legacy_assertion_audience?: boolean;
  /** `max_age` of requests that have none. */
  default_max_age?: number;
  /** Its ID tokens need `auth_time`. All of them have it. */
  require_auth_time?: boolean;
  /** `acr_values` of requests that have none. They ask, and demand nothing. */
  default_acr_values?: string[];
  /** The level that each sign-in needs, whatever a request says. Only an operator sets it: clients/rules.ts. */
  required_acr?: Level;
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
  const confidential = isConfidential(metadata);
  problems.push(...problemsTogether(metadata, { ...rules, confidential }, problems));
  const text = "client metadata must be a JSON object";
  if (!isObject) return { metadata, problems: [new OAuthError("invalid_client_metadata", text)] };
  return { metadata, problems };
}

function readMembers(given: Members, rules: ClientMetadataRules, found: Found): ClientMetadata {
  const method = found(
    () => oneOf(given, "token_endpoint_auth_method", rules.token_endpoint_auth_methods, BASIC),
    BASIC,
  );
  const confidential = isConfidential({ token_endpoint_auth_method: method });
  found(() => checkHonoured(given), undefined);
  const grant_types = found(
    () => supported(given, "grant_types", { allowed: rules.grant_types, otherwise: CODE_GRANT }),
    CODE_GRANT,
  );
  const codes = grant_types.includes("authorization_code") ? ["code"] : [];
  // The order of the words of a response type does not matter.
  const spelled = (name: string) => findResponseType(name)?.name ?? name;
  const types = { allowed: rules.response_types, otherwise: codes, spelled };
  const redirect_uris = found(() => strings(given, "redirect_uris") ?? [], []);
  const isNative = !confidential && redirect_uris.some(isOnThisComputer);
  return {
    redirect_uris,
    token_endpoint_auth_method: method,
    grant_types,
    response_types: found(() => supported(given, "response_types", types), codes),
    application_type: found(
      () => oneOf(given, "application_type", APPLICATION_TYPES, isNative ? "native" : "web"),
      // Redirect URIs get only those errors that hold in any case.
      "native",
    ),
    id_token_signed_response_alg: found(
      () => oneOf(given, "id_token_signed_response_alg", ID_TOKEN_ALGS, "RS256"),
      "RS256",
    ),
    ...readOptionalMembers(given, rules, found),
  };
}

const CODE_GRANT = ["authorization_code"];
const BASIC = "client_secret_basic";
const APPLICATION_TYPES = ["web", "native"] as const;

/** The members that every record has. */
const REQUIRED: Record<Exclude<keyof ClientMetadata, OptionalName>, true> = {
  redirect_uris: true,
  application_type: true,
  grant_types: true,
  response_types: true,
  token_endpoint_auth_method: true,
  id_token_signed_response_alg: true,
};

/** The name of every member that can be registered. */
export const METADATA_MEMBERS: readonly string[] = [...Object.keys(REQUIRED), ...OPTIONAL_MEMBERS];
