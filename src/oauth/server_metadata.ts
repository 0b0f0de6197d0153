/** Authorization server metadata (RFC 8414 §2, OpenID Connect Discovery §3). */
import { PROMPTS, RESPONSE_MODES } from "./authorization_request.ts";
import { SCOPE_CLAIMS } from "./claims.ts";
import {
  ASSERTION_ALGS,
  AUTH_METHODS,
  GRANT_TYPES,
  ID_TOKEN_ALGS,
  isConfidential,
} from "./client_metadata.ts";
import type { Catalogue } from "./resource_indicator.ts";
import { OPENID_SCOPES } from "./scope.ts";

/** Path of each endpoint below the issuer. */
export const ENDPOINTS = {
  authorization_endpoint: "/authorize",
  token_endpoint: "/token",
  jwks_uri: "/jwks",
  userinfo_endpoint: "/userinfo",
  revocation_endpoint: "/revoke",
  introspection_endpoint: "/introspect",
} as const;

/** One document for both well-known forms: each specification ignores what it does not know. */
export function serverMetadata(
  { issuer, scopes }: Catalogue,
  { acr_values, ui_locales }: { acr_values: readonly string[]; ui_locales: readonly string[] },
): Record<string, unknown> {
  const confidential = AUTH_METHODS.filter((token_endpoint_auth_method) =>
    isConfidential({ token_endpoint_auth_method }),
  );
  const base = issuer.endsWith("/") ? issuer.slice(0, -1) : issuer;
  return {
    issuer,
    ...Object.fromEntries(Object.entries(ENDPOINTS).map(([name, path]) => [name, base + path])),
    scopes_supported: [...OPENID_SCOPES, ...Object.keys(scopes)],
    response_types_supported: ["code"],
    response_modes_supported: RESPONSE_MODES,
    grant_types_supported: GRANT_TYPES,
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
    token_endpoint_auth_methods_supported: AUTH_METHODS,
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGS,
    revocation_endpoint_auth_methods_supported: AUTH_METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGS,
    introspection_endpoint_auth_methods_supported: confidential,
    introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGS,
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ID_TOKEN_ALGS,
    claim_types_supported: ["normal"],
    claims_supported: [
      ...["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "sid"],
      ...(acr_values.length > 0 ? ["acr"] : []),
      ...Object.values(SCOPE_CLAIMS).flat(),
    ],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    prompt_values_supported: PROMPTS,
    ui_locales_supported: ui_locales,
    ...(acr_values.length > 0 && { acr_values_supported: acr_values }),
  };
}
