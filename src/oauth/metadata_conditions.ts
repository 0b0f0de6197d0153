/** Conditions of client metadata beyond single members: those about several, and members that can't be honoured. */
import type { ClientMetadata, ClientMetadataRules } from "./client_metadata.ts";
import type { OAuthError } from "./errors.ts";
import { type Members, refuse } from "./metadata_members.ts";
import { findResponseType } from "./response_type.ts";

/**
 * Members by which a client asks for protection, each with the values that ask for none. A client relies on them, so
 * unsupported ones are refused and not left out.
 */
const PROTECTIVE: ReadonlyMap<string, readonly unknown[]> = new Map<string, readonly unknown[]>([
  ["dpop_bound_access_tokens", [false]],
  ["tls_client_certificate_bound_access_tokens", [false]],
  ["require_pushed_authorization_requests", [false]],
  ["id_token_encrypted_response_alg", []],
  ["userinfo_encrypted_response_alg", []],
  ["introspection_encrypted_response_alg", []],
  ["authorization_encrypted_response_alg", []],
]);

/** @throws OAuthError for a member that the server can't honour */
export function checkHonoured(given: Members): void {
  for (const [name, harmless] of PROTECTIVE) {
    const value = given.get(name) ?? null;
    if (value !== null && !harmless.includes(value))
      throw refuse(name, "can't be honoured by this server: register without it");
  }
}

/** A condition about several members. It is checked when each of them is valid by itself. */
interface Condition {
  members: readonly (keyof ClientMetadata)[];
  problem(
    metadata: ClientMetadata,
    rules: ClientMetadataRules & { confidential: boolean },
  ): OAuthError | null;
}

/** The grant types that answer in a redirect. */
const REDIRECTING = ["authorization_code", "implicit"];

const CONDITIONS: readonly Condition[] = [
  {
    members: ["redirect_uris", "grant_types"],
    problem: ({ redirect_uris, grant_types }) =>
      grant_types.some((each) => REDIRECTING.includes(each)) && redirect_uris.length === 0
        ? refuse("redirect_uris", "is missing", "invalid_redirect_uri")
        : null,
  },
  {
    members: ["grant_types"],
    problem({ grant_types }, { asking_grant_types }) {
      const asksPerson = grant_types.some((each) => asking_grant_types.includes(each));
      return grant_types.includes("refresh_token") && !asksPerson
        ? refuse("grant_types", "with refresh_token must hold a grant that asks a person too")
        : null;
    },
  },
  {
    members: ["grant_types", "response_types"],
    // The table of RFC 7591 §2.1.
    problem({ grant_types, response_types }) {
      const needed = new Set(
        response_types.flatMap((name) => findResponseType(name)?.grant_types ?? []),
      );
      const fit = REDIRECTING.every((each) => needed.has(each) === grant_types.includes(each));
      const rule = "code goes with authorization_code, id_token and token go with implicit";
      return fit ? null : refuse("response_types", `and grant_types do not fit: ${rule}`);
    },
  },
  {
    // OpenID Connect Registration §2, `application_type`: any program on the computer could receive the tokens.
    members: ["redirect_uris", "grant_types", "application_type"],
    problem: ({ redirect_uris, grant_types, application_type }) =>
      grant_types.includes("implicit") &&
      application_type === "web" &&
      redirect_uris.some((uri) => !/^https:\/\/(?!localhost[:/?]|localhost$)/i.test(uri))
        ? refuse(
            "redirect_uris",
            "of a web client with implicit must be https, and not localhost",
            "invalid_redirect_uri",
          )
        : null,
  },
  {
    members: ["grant_types", "token_endpoint_auth_method"],
    problem({ grant_types }, { confidential, confidential_grant_types }) {
      const proving = grant_types.find((each) => confidential_grant_types.includes(each));
      return proving !== undefined && !confidential
        ? refuse("grant_types", `with ${proving} needs a client that authenticates`)
        : null;
    },
  },
  {
    members: ["require_signed_request_object", "jwks", "jwks_uri"],
    problem: ({ require_signed_request_object, jwks, jwks_uri }) =>
      require_signed_request_object === true && jwks === undefined && jwks_uri === undefined
        ? refuse("require_signed_request_object", "needs jwks or jwks_uri")
        : null,
  },
  {
    members: ["jwks", "jwks_uri", "token_endpoint_auth_method"],
    problem: ({ token_endpoint_auth_method, jwks, jwks_uri }) =>
      token_endpoint_auth_method === "private_key_jwt" && !jwks && jwks_uri === undefined
        ? refuse("jwks", "with the public key, or jwks_uri, is needed for private_key_jwt")
        : null,
  },
  {
    // One of them would be an older state of the other (RFC 7591 §2).
    members: ["jwks", "jwks_uri"],
    problem: ({ jwks, jwks_uri }) =>
      jwks && jwks_uri !== undefined
        ? refuse("jwks_uri", "and jwks exclude each other: give one of them")
        : null,
  },
];

/** @param earlier the problems of single members */
export function problemsTogether(
  metadata: ClientMetadata,
  rules: ClientMetadataRules & { confidential: boolean },
  earlier: readonly OAuthError[],
): OAuthError[] {
  const wrong = new Set<unknown>(earlier.map(({ parameter }) => parameter));
  return CONDITIONS.filter(({ members }) => !members.some((each) => wrong.has(each))).flatMap(
    ({ problem }) => problem(metadata, rules) ?? [],
  );
}
