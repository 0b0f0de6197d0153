/** Authorization server metadata (RFC 8414 §2, OpenID Connect Discovery §3), built from the features of the server. */
import { PROMPTS } from "./authorization_request.ts";
import { claimsAt, SCOPE_CLAIMS } from "./claims.ts";
import { type AcceptedMetadata, isConfidential } from "./client_metadata.ts";
import { CLIENT_SIGNING_ALGS, ID_TOKEN_ALGS } from "./optional_metadata.ts";
import type { Catalogue } from "./resource_indicator.ts";
import { RESPONSE_MODE_NAMES } from "./response_mode.ts";
import { OPENID_SCOPES } from "./scope.ts";
import { SUBJECT_TYPES } from "./subject_type.ts";

type Members = Readonly<Record<string, unknown>>;

export interface MetadataPieces {
  issuer: string;
  /** By name of the member, such as `token_endpoint`, the path below the issuer. */
  endpoints: Readonly<Record<string, string>>;
  accepted: Pick<AcceptedMetadata, "grant_types" | "response_types">;
  /** Members that features add. */
  members: readonly Members[];
}

/** One document for both well-known forms, apart from members of our own. */
export function serverMetadata({ issuer, endpoints, accepted, members }: MetadataPieces): Members {
  const base = issuer.endsWith("/") ? issuer.slice(0, -1) : issuer;
  return Object.assign(
    {
      issuer,
      ...Object.fromEntries(Object.entries(endpoints).map(([name, path]) => [name, base + path])),
      response_types_supported: accepted.response_types,
      grant_types_supported: accepted.grant_types,
    },
    ...members,
  );
}

/**
 * The document of OpenID Connect Discovery: without members of our own, which are for APIs (RFC 8414), and not for apps
 * that sign people in.
 */
export const withoutOwnMembers = (metadata: Members): Members =>
  Object.fromEntries(Object.entries(metadata).filter(([name]) => !name.startsWith("valetkey_")));

/** Each address at which a client may look for the metadata, with and without a path in the issuer (RFC 8414 §3.1). */
export function metadataPaths(issuer: string): string[] {
  const path = new URL(issuer).pathname.replace(/\/$/, "");
  const names = ["oauth-authorization-server", "openid-configuration"];
  const forms = names.flatMap((name) => [
    `/.well-known/${name}${path}`,
    `${path}/.well-known/${name}`,
  ]);
  return [...new Set(forms)];
}

/** The address that libraries call discovery URL (OpenID Connect Discovery §4). */
export const discoveryAddress = (issuer: string): string =>
  `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;

/** Members about the authorization endpoint (RFC 7636 §6.2, RFC 9207 §3, OAuth 2.0 Multiple Response Types). */
export const authorizationMembers = ({ features }: { features: ReadonlySet<string> }): Members => ({
  response_modes_supported: RESPONSE_MODE_NAMES,
  code_challenge_methods_supported: ["S256"],
  authorization_response_iss_parameter_supported: true,
  claims_parameter_supported: true,
  request_parameter_supported: true,
  request_object_signing_alg_values_supported: CLIENT_SIGNING_ALGS,
  request_uri_parameter_supported: features.has("request_uri"),
  prompt_values_supported: PROMPTS.filter(
    (prompt) => prompt !== "create" || features.has("sign_up"),
  ),
});

interface Described {
  catalogue: Catalogue;
  acr_values: readonly string[];
  ui_locales: readonly string[];
}

export const openIdMembers = ({ catalogue, acr_values, ui_locales }: Described): Members => ({
  scopes_supported: [...OPENID_SCOPES, ...Object.keys(catalogue.scopes)],
  subject_types_supported: SUBJECT_TYPES,
  id_token_signing_alg_values_supported: ID_TOKEN_ALGS,
  userinfo_signing_alg_values_supported: ID_TOKEN_ALGS,
  claim_types_supported: ["normal"],
  claims_supported: [
    ...["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "sid"],
    ...(acr_values.length > 0 ? ["acr"] : []),
    ...claimsAt(
      catalogue.issuer,
      [...Object.keys(SCOPE_CLAIMS), ...Object.keys(catalogue.scopes)],
      catalogue,
    ),
  ],
  ui_locales_supported: ui_locales,
  ...(acr_values.length > 0 && { acr_values_supported: acr_values }),
});

interface AuthMethod {
  name: string;
  signing_algs: readonly string[];
}

/** How clients authenticate at an endpoint. Algorithms are listed only if a method signs (RFC 8414 §2). */
export function authMembers(
  endpoint: "token_endpoint" | "revocation_endpoint" | "introspection_endpoint",
  methods: readonly AuthMethod[],
): Members {
  const algs = [...new Set(methods.flatMap(({ signing_algs }) => signing_algs))];
  return {
    [`${endpoint}_auth_methods_supported`]: methods.map(({ name }) => name),
    ...(algs.length > 0 && { [`${endpoint}_auth_signing_alg_values_supported`]: algs }),
  };
}

/** The methods that authenticate the client. */
export const provingMethods = <T extends AuthMethod>(methods: readonly T[]): T[] =>
  methods.filter(({ name }) => isConfidential({ token_endpoint_auth_method: name }));
