/** The token endpoint (RFC 6749 §3.2): parse, authenticate, decide, mint, commit, answer. */
import { authenticateClient } from "../client_auth/client_auth.ts";
import type { Grant } from "../grants/grant.ts";
import { readBody } from "../http/body.ts";
import { json } from "../http/message.ts";
import { takeFrom } from "../http/rate_limit.ts";
import type { Handler } from "../http/route.ts";
import { OAuthError } from "../oauth/errors.ts";
import { required } from "../oauth/params.ts";
import { mayIssue } from "../tokens/authorization.ts";
import { mintTokens } from "../tokens/mint.ts";

/** @param grants those that are on, by `grant_type` */
export const tokenEndpoint =
  (grants: ReadonlyMap<string, Grant>): Handler =>
  async (request, ctx) => {
    const params = readBody(request, ctx, { json: true });
    const { client } = await authenticateClient(request, params, ctx);
    const grant_type = required(params, "grant_type");
    const grant = grants.get(grant_type);
    if (!grant) throw new OAuthError("unsupported_grant_type", "grant_type is not supported");
    if (!client.metadata.grant_types.includes(grant.grant_type))
      throw new OAuthError(
        "unauthorized_client",
        `client is not registered for ${grant.grant_type}`,
      );

    const decision = await grant.decide(params, client, ctx);
    const allowed = await mayIssue(decision, ctx);
    if (allowed.person) takeFrom("account", allowed.person.sub, ctx);
    const response = await mintTokens(allowed, ctx);
    await allowed.commit();
    ctx.observer.issued(grant_type, client.client_id);
    return json(response);
  };
