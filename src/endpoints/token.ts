/** The token endpoint (RFC 6749 §3.2): parse, authenticate, decide, mint, commit, answer. */
import { authenticateClient } from "../client_auth/client_auth.ts";
import type { Context } from "../context.ts";
import { authorizationCode } from "../grants/authorization_code.ts";
import { clientCredentials } from "../grants/client_credentials.ts";
import type { Grant } from "../grants/grant.ts";
import { refreshToken } from "../grants/refresh_token.ts";
import { readBody } from "../http/body.ts";
import { type HttpRequest, type HttpResponse, json } from "../http/message.ts";
import { takeFrom } from "../http/rate_limit.ts";
import { OAuthError } from "../oauth/errors.ts";
import { required } from "../oauth/params.ts";
import { mayIssue } from "../tokens/authorization.ts";
import { mintTokens } from "../tokens/mint.ts";

const GRANTS: ReadonlyMap<string, Grant> = new Map(
  [authorizationCode, refreshToken, clientCredentials].map((grant) => [grant.grant_type, grant]),
);

export async function token(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const params = readBody(request, ctx, { json: true });
  const { client } = await authenticateClient(request, params, ctx);
  const grant_type = required(params, "grant_type");
  const grant = GRANTS.get(grant_type);
  if (!grant) throw new OAuthError("unsupported_grant_type", "grant_type is not supported");
  if (!client.metadata.grant_types.includes(grant.grant_type))
    throw new OAuthError("unauthorized_client", `client is not registered for ${grant.grant_type}`);

  const decision = await grant.decide(params, client, ctx);
  const allowed = await mayIssue(decision, ctx);
  if (allowed.person) takeFrom("account", allowed.person.sub, ctx);
  const response = await mintTokens(allowed, ctx);
  await allowed.commit();
  ctx.observer.issued(grant_type, client.client_id);
  return json(response);
}
