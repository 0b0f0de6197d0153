/** Resource indicators: for which API a grant and a token are (RFC 8707, RFC 9068 §3). */
import { OAuthError } from "./errors.ts";
import { isOpenIdScope, within } from "./scope.ts";

export type TokenFormat = "jwt" | "opaque";

/** An API that this server issues access tokens for. */
export interface Resource {
  name: string;
  scopes: readonly string[];
  access_token: TokenFormat;
  /** Whether clients that registered themselves may ask for its scopes. */
  open: boolean;
}

/** What the server knows of scopes and APIs: the ground of every decision about them. */
export interface Catalogue {
  issuer: string;
  /** Scope name to what it lets an app do, in words for people. */
  scopes: Readonly<Record<string, string>>;
  /** Resource URI to API. */
  resources: Readonly<Record<string, Resource>>;
}

/** What one access token is for. */
export interface Audience {
  aud: readonly [string, ...string[]];
  scope: string[];
  format: TokenFormat;
}

export const findResource = ({ resources }: Catalogue, uri: string): Resource | undefined =>
  Object.hasOwn(resources, uri) ? resources[uri] : undefined;

/** At the root of an origin the slash is optional (RFC 3986 §6.2.3): then the configured spelling counts. */
function configuredSpelling(uri: string, catalogue: Catalogue): string {
  const other = uri.endsWith("/") ? uri.slice(0, -1) : `${uri}/`;
  const isRoot = /^https?:\/\/[^/?#]+\/?$/.test(uri);
  const known = uri === catalogue.issuer || findResource(catalogue, uri);
  if (known || !isRoot) return uri;
  return other === catalogue.issuer || findResource(catalogue, other) ? other : uri;
}

export const knowsScope = ({ scopes }: Catalogue, name: string): boolean =>
  isOpenIdScope(name) || Object.hasOwn(scopes, name);

/** A scope that no API lists belongs to the issuer itself. */
const belongsToIssuer = (catalogue: Catalogue, name: string): boolean =>
  !scopesOfApis(catalogue).has(name);

/** Put together once for each catalogue, not at each request. */
function scopesOfApis(catalogue: Catalogue): ReadonlySet<string> {
  const known = api_scopes.get(catalogue);
  if (known) return known;
  const scopes = new Set(Object.values(catalogue.resources).flatMap((each) => each.scopes));
  api_scopes.set(catalogue, scopes);
  return scopes;
}
const api_scopes = new WeakMap<Catalogue, ReadonlySet<string>>();

/**
 * The resources of a request, each once and known. The issuer stands for itself and is no API.
 * @throws OAuthError `invalid_target` for one that is malformed or unknown (RFC 8707 §2)
 */
export function checkResources(sent: readonly string[], catalogue: Catalogue): string[] {
  const asked = sent.map((uri) => configuredSpelling(uri, catalogue));
  for (const uri of asked) {
    if (uri === catalogue.issuer) continue;
    if (!URL.canParse(uri) || uri.includes("#"))
      throw invalidTarget("resource is not an absolute URI without fragment");
    if (!findResource(catalogue, uri))
      throw invalidTarget("resource is not known to this server", { resource: uri.slice(0, 300) });
  }
  return [...new Set(asked)];
}

const invalidTarget = (
  description: string,
  reason: Readonly<Record<string, unknown>> = {},
): OAuthError => new OAuthError("invalid_target", description, { parameter: "resource", reason });

/** The resources of a grant: those asked for, else those whose scopes it has. */
export function resourcesOf(
  asked: readonly string[],
  scope: readonly string[],
  catalogue: Catalogue,
): string[] {
  if (asked.length > 0) return asked.filter((uri) => uri !== catalogue.issuer);
  return Object.entries(catalogue.resources)
    .filter(([, { scopes }]) => within(scope, scopes).length > 0)
    .map(([uri]) => uri);
}

/** `scope` without what none of these resources, nor the issuer, would honour. */
export function scopeWithin(
  scope: readonly string[],
  resources: readonly string[],
  catalogue: Catalogue,
): string[] {
  return scope.filter(
    (name) =>
      belongsToIssuer(catalogue, name) ||
      resources.some((uri) => findResource(catalogue, uri)?.scopes.includes(name)),
  );
}

/**
 * Picks the one audience of a token from what was granted, and cuts its scope to it.
 * @param asked the `resource` parameters of the token request
 * @throws OAuthError `invalid_target` when it was not granted, or when several are and none was named
 */
export function selectAudience(
  granted: { scope: readonly string[]; resources: readonly string[] },
  asked: readonly string[],
  catalogue: Catalogue,
): Audience {
  const { issuer } = catalogue;
  const issuers = granted.scope.filter((name) => belongsToIssuer(catalogue, name));
  const known = granted.resources.filter((uri) => findResource(catalogue, uri));
  const [chosen, ...more] = new Set(asked.map((uri) => configuredSpelling(uri, catalogue)));
  if (more.length > 0) throw invalidTarget("name one resource: a token is for one of them");
  const named = chosen === issuer && (issuers.length > 0 || granted.resources.length === 0);
  if (named || (chosen === undefined && granted.resources.length === 0))
    return { aud: [issuer], scope: issuers, format: "jwt" };
  if (chosen === undefined && granted.resources.length > 1)
    throw invalidTarget("several resources were granted: name one of them");
  const uri = chosen ?? known[0];
  const resource = uri !== undefined && known.includes(uri) && findResource(catalogue, uri);
  if (!resource) throw invalidTarget("resource was not granted");
  const scope = within(granted.scope, resource.scopes);
  if (chosen !== undefined || !granted.scope.includes("openid"))
    return { aud: [uri], scope, format: resource.access_token };
  return {
    aud: [uri, issuer],
    scope: within(granted.scope, [...scope, ...issuers]),
    format: resource.access_token,
  };
}
