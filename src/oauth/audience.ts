/** The audience of an access token: one API, or the issuer (RFC 8707 §2.2, RFC 9068 §3). */
import { OAuthError } from "./errors.ts";
import { apisOf, type Permission, resourceOf, scopeOf, scopesAt } from "./permission.ts";
import {
  type Catalogue,
  configuredSpelling,
  findResource,
  type TokenFormat,
} from "./resource_indicator.ts";

/** The audience of one access token, and its scope there. */
export interface Audience {
  aud: readonly [string, ...string[]];
  scope: string[];
  format: TokenFormat;
}

/**
 * Picks the audience of a token from the granted permissions, and limits its scope to that audience. `resource` picks
 * it. Without `resource` it is the first API in the order of the grant, and the issuer too when `openid` was granted.
 * @param asked the `resource` parameters of the token request
 * @throws OAuthError `invalid_target` when the resource was not granted, or when several are named
 */
export function selectAudience(
  granted: readonly Permission[],
  asked: readonly string[],
  catalogue: Catalogue,
): Audience {
  const { issuer } = catalogue;
  const [chosen, ...more] = new Set(asked.map((uri) => configuredSpelling(uri, catalogue)));
  if (more.length > 0) throw invalidTarget("name one resource: a token is for one of them");
  const apis = apisOf(granted, catalogue);
  const own = scopesAt(granted, issuer);
  const named = chosen === issuer && (own.length > 0 || apis.length === 0);
  if (named || (chosen === undefined && apis.length === 0))
    return { aud: [issuer], scope: own, format: "jwt" };
  const uri = chosen ?? apis.find((each) => findResource(catalogue, each));
  const resource = uri !== undefined && apis.includes(uri) && findResource(catalogue, uri);
  if (!resource) throw invalidTarget("resource was not granted");
  const format = resource.access_token;
  if (chosen !== undefined || !own.includes("openid"))
    return { aud: [uri], scope: scopesAt(granted, uri), format };
  const scope = granted.flatMap((each) =>
    [uri, issuer].includes(resourceOf(each)) ? (scopeOf(each) ?? []) : [],
  );
  return { aud: [uri, issuer], scope, format };
}

const invalidTarget = (description: string): OAuthError =>
  new OAuthError("invalid_target", description, { parameter: "resource" });
