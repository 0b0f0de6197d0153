/** The token endpoint (RFC 6749 §3.2): parse, authenticate; read, judge, mint, write; answer. */
import { authenticateClient } from "../client_auth/client_auth.ts";
import { grantHint } from "../clients/client_scope.ts";
import type { Context } from "../context.ts";
import type { Asking, GrantType } from "../grants/grant.ts";
import { readBody } from "../http/body.ts";
import { json } from "../http/message.ts";
import { takeFrom } from "../http/rate_limit.ts";
import type { Handler } from "../http/route.ts";
import { OAuthError } from "../oauth/errors.ts";
import { required } from "../oauth/params.ts";
import { mayIssue } from "../tokens/authorization.ts";
import { loadFacts } from "../tokens/facts.ts";
import { punish } from "../tokens/leak.ts";
import { mintTokens, type TokenResponse } from "../tokens/mint.ts";
import { withSigningKeys } from "../tokens/sign.ts";

/** @param grants the grant types that are on, by `grant_type` */
export const tokenEndpoint =
  (grants: ReadonlyMap<string, GrantType>): Handler =>
  async (request, ctx) => {
    const params = readBody(request, ctx, { json: true });
    const grant = grants.get(params.get("grant_type") ?? "");
    const naming = { params, grant_in: grant?.grant_in ?? null };
    const { client } = await authenticateClient(request, naming, ctx);
    const grant_type = required(params, "grant_type");
    if (!grant) throw new OAuthError("unsupported_grant_type", "grant_type is not supported");
    if (!client.metadata.grant_types.includes(grant.grant_type))
      throw new OAuthError(
        "unauthorized_client",
        `client is not registered for ${grant.grant_type}`,
        { reason: { client_id: client.client_id, ...grantHint(client, grant) } },
      );

    const response = await issue(grant, { params, client, address: request.address }, ctx);
    ctx.observer.issued(grant_type, client.client_id);
    return json(response);
  };

/** Of two concurrent requests one writes first; the second try of the other one sees that write. */
const TRIES = 3;

/** @throws OAuthError */
async function issue(grant: GrantType, asking: Asking, ctx: Context): Promise<TokenResponse> {
  const shown = await grant.read(asking, ctx);
  const { grant_id, proves } = shown;
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const facts = grant_id === null ? null : await loadFacts(grant_id, ctx, proves);

    const decision = shown.decide(facts);
    if ("leaked" in decision) return punish(decision, ctx);
    const allowed = mayIssue(decision, ctx);
    if (allowed.granted && tries === 1) takeFrom("account", allowed.granted.grant.sub, ctx);
    const response = await withSigningKeys((keys) => mintTokens(allowed, keys, ctx), ctx);

    const outcome = await allowed.commit();
    if (outcome === null) return response;
    if (outcome !== "again") return punish(outcome, ctx);
  }
  throw new OAuthError("invalid_grant", "the grant kept changing: try again");
}
