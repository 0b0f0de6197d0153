/** Resource indicators: the APIs of a grant and of a token (RFC 8707, RFC 9068 §3). */
import { OAuthError } from "./errors.ts";
import { RESOURCE_HINT } from "./hint.ts";
import { isOpenIdScope } from "./scope.ts";

/** RFC 9068 §2.1 requires RS256. */
export type AccessTokenAlg = "ES256" | "RS256" | "EdDSA";
export type TokenFormat = "jwt" | "opaque";

/** A scope of the configuration. */
export interface Scope {
  /** The description for people. */
  text: string;
  /** The claims about a person that the scope gives. */
  claims: readonly string[];
}

/** An API that this server issues access tokens for. */
export interface Resource {
  name: string;
  scopes: readonly string[];
  access_token: TokenFormat;
  /** The algorithm of its signed tokens. */
  access_token_signing_alg: AccessTokenAlg;
  /** Whether clients that registered themselves may ask for its scopes. */
  open: boolean;
}

/** The scopes and APIs that the server knows. All decisions about scopes and APIs use it. */
export interface Catalogue {
  issuer: string;
  /** By name, without those that OpenID Connect defines. */
  scopes: Readonly<Record<string, Scope>>;
  /** Resource URI to API. */
  resources: Readonly<Record<string, Resource>>;
}

export const findResource = ({ resources }: Catalogue, uri: string): Resource | undefined =>
  Object.hasOwn(resources, uri) ? resources[uri] : undefined;

/** At the root of an origin the slash is optional (RFC 3986 §6.2.3): then the configured spelling counts. */
export function configuredSpelling(uri: string, catalogue: Catalogue): string {
  const other = uri.endsWith("/") ? uri.slice(0, -1) : `${uri}/`;
  const isRoot = /^https?:\/\/[^/?#]+\/?$/.test(uri);
  const known = uri === catalogue.issuer || findResource(catalogue, uri);
  if (known || !isRoot) return uri;
  return other === catalogue.issuer || findResource(catalogue, other) ? other : uri;
}

export const knowsScope = ({ scopes }: Catalogue, name: string): boolean =>
  isOpenIdScope(name) || Object.hasOwn(scopes, name);

/**
 * The resources of a request, each once and known. The issuer is allowed, too, and is no API.
 * @throws OAuthError `invalid_target` for a malformed or unknown resource (RFC 8707 §2)
 */
export function checkResources(sent: readonly string[], catalogue: Catalogue): string[] {
  if (sent.length === 0) return [];
  const asked = sent.map((uri) => configuredSpelling(uri, catalogue));
  for (const uri of asked) {
    if (uri === catalogue.issuer) continue;
    if (!URL.canParse(uri) || uri.includes("#"))
      throw invalidTarget("resource is not an absolute URI without fragment");
    if (!findResource(catalogue, uri))
      throw invalidTarget("resource is not known to this server", {
        resource: uri.slice(0, 300),
        ...RESOURCE_HINT,
      });
  }
  return [...new Set(asked)];
}

const invalidTarget = (
  description: string,
  reason: Readonly<Record<string, unknown>> = {},
): OAuthError => new OAuthError("invalid_target", description, { parameter: "resource", reason });
