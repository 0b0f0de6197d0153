/** The token endpoint (RFC 6749 §3.2): parse, authenticate; read, judge, mint, write; answer. */
import { authenticateClient } from "../client_auth/client_auth.ts";
import type { Grant } from "../grants/grant.ts";
import { readBody } from "../http/body.ts";
import { json } from "../http/message.ts";
import { takeFrom } from "../http/rate_limit.ts";
import type { Handler } from "../http/route.ts";
import { OAuthError } from "../oauth/errors.ts";
import { required } from "../oauth/params.ts";
import { mayIssue } from "../tokens/authorization.ts";
import { loadFacts } from "../tokens/facts.ts";
import { punish } from "../tokens/leak.ts";
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

    const asking = { params, client };
    const needed = await grant.needs(asking, ctx);
    const facts = needed && (await loadFacts(needed.grant_id, ctx, needed.proves));
    const keys = await ctx.keys();

    const decision = grant.decide(asking, facts, ctx);
    if ("leaked" in decision) return punish(decision, ctx);
    const allowed = mayIssue(decision, ctx);
    if (allowed.granted) takeFrom("account", allowed.granted.grant.sub, ctx);
    const response = mintTokens(allowed, keys, ctx);

    const leak = await allowed.commit();
    if (leak) return punish(leak, ctx);
    ctx.observer.issued(grant_type, client.client_id);
    return json(response);
  };
