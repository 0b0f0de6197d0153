/** Authorization code grant (OAuth 2.1 §4.1.3, OpenID Connect Core §3.1.3). */
import { audit, type Context } from "../context.ts";
import { sha256 } from "../crypto/hash.ts";
import { OAuthError } from "../oauth/errors.ts";
import { type Params, required } from "../oauth/params.ts";
import { checkCodeVerifier } from "../oauth/pkce.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import { audienceOf, grantedScope } from "../tokens/audience.ts";
import { isGenuine, issueHandle, parseHandle } from "../tokens/handle.ts";
import { type Grant, mayUse } from "./grant.ts";

export const authorizationCode: Grant = {
  grant_type: "authorization_code",

  async decide(params, client, ctx) {
    const grant = await findGrant(params, client, ctx);
    // Proof of possession comes before the reuse check: whoever can't show the verifier must not be able
    // to revoke the rightful holder's tokens (OAuth 2.1 §7.5.2).
    checkCodeVerifier(grant.code_challenge, params.get("code_verifier"), sha256);
    checkSameRedirectUri(params, grant);
    if (grant.generation > 0) await reused(grant, ctx);
    if (grant.code_expires_at <= ctx.now) throw new OAuthError("invalid_grant", "code has expired");
    const refreshes = mayUse("refresh_token", client, ctx);
    return {
      client,
      grant,
      audience: audienceOf({ grant, client }, params, ctx),
      refresh_token: refreshes ? issueHandle("vkr", grant, 1, ctx.secrets) : null,
      id_token: grantedScope(grant, client, ctx).includes("openid") ? { nonce: grant.nonce } : null,
      async commit() {
        // Two at once: one of them was a thief, so what the other got dies too.
        if (!(await ctx.store.advanceGrant(grant.grant_id, 0, ctx.now))) await reused(grant, ctx);
      },
    };
  },
};

async function findGrant(params: Params, client: ClientRecord, ctx: Context): Promise<GrantRecord> {
  const code = required(params, "code");
  const handle = parseHandle(code);
  const grant = handle?.kind === "vkc" ? await ctx.store.findGrant(handle.grant_id) : null;
  if (!handle || !grant || !isGenuine(handle, grant, ctx.secrets))
    throw new OAuthError("invalid_grant", "code is not known");
  if (grant.client_id !== client.client_id)
    throw new OAuthError("invalid_grant", "code was issued to another client");
  return grant;
}

/** Optional where PKCE protects the code (OAuth 2.1 §10.2); when sent, it must be the one of the request. */
function checkSameRedirectUri(params: Params, grant: GrantRecord): void {
  const sent = params.get("redirect_uri");
  const required = grant.redirect_uri_sent && grant.code_challenge === null;
  if (sent === undefined ? required : sent !== grant.redirect_uri)
    throw new OAuthError("invalid_grant", "redirect_uri is not the one of the request");
}

async function reused(grant: GrantRecord, ctx: Context): Promise<never> {
  const { grant_id, client_id, sub } = grant;
  const about = { actor: "client", sub, client_id, details: { grant_id } } as const;
  // The event is written once: a grant that was revoked before adds nothing.
  await ctx.store.revokeGrant(grant_id, ctx.now, { events: [audit("code_reused", about, ctx)] });
  ctx.log.warn("code reused: grant revoked", {
    event_id: ctx.event_id,
    grant_id,
    client_id,
  });
  throw new OAuthError("invalid_grant", "code was used already");
}
