/** Token introspection (RFC 7662). */
import { authenticateClient } from "../client_auth/client_auth.ts";
import { isAsGranted } from "../clients/document_client.ts";
import type { Context } from "../context.ts";
import { replayWindow } from "../grants/grant.ts";
import { readBody } from "../http/body.ts";
import { type HttpRequest, type HttpResponse, json } from "../http/message.ts";
import { claimsAt } from "../oauth/claims.ts";
import { isConfidential } from "../oauth/client_metadata.ts";
import { OAuthError } from "../oauth/errors.ts";
import { required } from "../oauth/params.ts";
import { type Permission, permissionOf, scopesOf, without } from "../oauth/permission.ts";
import { type Catalogue, findResource } from "../oauth/resource_indicator.ts";
import { formatScope, within } from "../oauth/scope.ts";
import type { ClientRecord } from "../store/records.ts";
import { findAccessToken, type LiveAccessToken } from "../tokens/access_token.ts";
import { grantStatus } from "../tokens/authorization.ts";
import { loadFacts } from "../tokens/facts.ts";
import { isGenuine, parseHandle } from "../tokens/handle.ts";
import { personClaims } from "../tokens/person_claims.ts";
import { reuseOf } from "../tokens/reuse.ts";
import { subjectFor } from "../tokens/subject.ts";

/** The same bytes for every token that does not hold or that the caller may not see (RFC 7662 §2.2). */
const INACTIVE = { active: false };

export async function introspection(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const params = readBody(request, ctx, { json: true });
  const { client } = await authenticateClient(request, { params, grant_in: "token" }, ctx);
  if (!isConfidential(client.metadata))
    throw new OAuthError("invalid_client", "introspection needs a client that authenticates", {
      reason: { hint: "valetkey client add --resource URL makes credentials for an API" },
    });
  const token = required(params, "token");
  return json((await describe(token, client, ctx)) ?? INACTIVE);
}

async function describe(token: string, client: ClientRecord, ctx: Context): Promise<object | null> {
  const refresh_token = await describeRefreshToken(token, client, ctx);
  if (refresh_token) return refresh_token;
  const found = await findAccessToken(token, ctx);
  return found && describeAccessToken(found, client, ctx);
}

async function describeRefreshToken(
  token: string,
  client: ClientRecord,
  ctx: Context,
): Promise<object | null> {
  const handle = parseHandle(token);
  if (handle?.kind !== "vkr") return null;
  const facts = await loadFacts(handle.grant_id, ctx, (grant) =>
    isGenuine(handle, grant, ctx.secrets),
  );
  if (!facts) return null;
  const { grant } = facts;
  if (grant.client_id !== client.client_id) return null;
  if (!isAsGranted(client, grant)) return null;
  const { lifetimes } = ctx.settings;
  const refresh_replay = replayWindow({ generation: handle.generation, grant, client }, ctx);
  if (reuseOf(handle.generation, grant, { now: ctx.now, refresh_replay }) === "reused") return null;
  const status = grantStatus(facts, ctx);
  if (!status.holds) return null;
  return {
    active: true,
    iss: ctx.issuer,
    client_id: grant.client_id,
    sub: subjectFor(status.client, grant.sub, ctx),
    ...(mayKnowName(grant.permissions, ctx) && { username: status.person.username }),
    scope: formatScope(scopesOf(grant.permissions)),
    iat: grant.advanced_at,
    exp: Math.min(grant.expires_at, grant.used_at + lifetimes.refresh_token_idle),
  };
}

/** The user name is a claim of `profile` (`preferred_username`), and may be an e-mail address. */
const mayKnowName = (permissions: readonly Permission[], { issuer }: Context): boolean =>
  permissions.includes(permissionOf(issuer, "profile"));

/** The client of the token sees all of it; an API in its audience sees only its own part. */
function describeAccessToken(
  { claims, granted }: LiveAccessToken,
  caller: ClientRecord,
  ctx: Context,
): object | null {
  const { grant_id, access_epoch, ...shown } = claims;
  const answer = { active: true, ...shown, token_type: "Bearer" };
  if (claims.client_id === caller.client_id)
    return granted && !isAsGranted(caller, granted.grant) ? null : answer;
  const { resource } = caller;
  const aud = [claims.aud].flat();
  if (resource === null || !aud.includes(resource)) return notFor(caller, ctx);
  const { scope, ...rest } = answer;
  const own = scopesOfApi(scope?.split(" ") ?? [], resource, ctx.catalogue);
  // Claims of the server's own scopes are at userinfo.
  const names = resource === ctx.issuer ? [] : claimsAt(resource, own, ctx.catalogue);
  return {
    ...(granted && personClaims(names, granted.person, ctx)),
    ...rest,
    aud: resource,
    ...(own.length > 0 && { scope: formatScope(own) }),
  };
}

/** The caller can't tell this from a token that has ended; the log can. */
function notFor({ client_id }: ClientRecord, { log, event_id }: Context): null {
  const hint = "valetkey client add --resource URL makes credentials for the API of a token";
  log.info("introspection for another API", { event_id, client_id, hint });
  return null;
}

/** The issuer stands for the scopes that no API lists. */
function scopesOfApi(scopes: readonly string[], resource: string, catalogue: Catalogue): string[] {
  if (resource !== catalogue.issuer)
    return within(scopes, findResource(catalogue, resource)?.scopes ?? []);
  const listed = Object.values(catalogue.resources).flatMap((each) => each.scopes);
  return without(scopes, listed);
}
