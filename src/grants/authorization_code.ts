/** Authorization code grant (OAuth 2.1 §4.1.3, OpenID Connect Core §3.1.3). */
import type { Context } from "../context.ts";
import { sha256 } from "../crypto/hash.ts";
import { OAuthError } from "../oauth/errors.ts";
import { type Params, required } from "../oauth/params.ts";
import { checkCodeVerifier } from "../oauth/pkce.ts";
import type { CodeRecord, GrantRecord } from "../store/records.ts";
import { audienceOf, heldPermissions } from "../tokens/audience.ts";
import type { Decision } from "../tokens/authorization.ts";
import type { Facts } from "../tokens/facts.ts";
import { freshKeyFor, isGenuine, issueHandle, parseHandle } from "../tokens/handle.ts";
import { decideIdToken } from "../tokens/id_token.ts";
import type { Leak } from "../tokens/leak.ts";
import { type Asking, type GrantType, mayUse } from "./grant.ts";

const UNKNOWN = "code is not known";

export const authorizationCode: GrantType = {
  grant_type: "authorization_code",
  asks_person: true,
  confidential_only: false,
  grant_in: "code",

  read(asking, ctx) {
    const handle = parseHandle(required(asking.params, "code"));
    if (handle?.kind !== "vkc") throw invalidGrant(UNKNOWN);
    return {
      grant_id: handle.grant_id,
      proves: (grant) => isGenuine(handle, grant, ctx.secrets),
      decide: (facts) => redeem(asking, facts, ctx),
    };
  },
};

function redeem({ params, client }: Asking, facts: Facts | null, ctx: Context): Decision | Leak {
  const code = facts?.grant.code;
  if (!facts || !code) throw invalidGrant(UNKNOWN);
  const { grant } = facts;
  if (grant.client_id !== client.client_id) throw invalidGrant("code was issued to another client");
  // Proof of possession comes before the reuse check: a client that can't show the verifier must not be able to
  // revoke the rightful holder's tokens (OAuth 2.1 §7.5.2).
  checkCodeVerifier(code.code_challenge, params.get("code_verifier"), sha256);
  checkSameRedirectUri(params, code);
  if (grant.generation > 0) return reused(grant);
  if (grant.code_expires_at <= ctx.now) throw invalidGrant("code has expired");
  const refreshes = mayUse("refresh_token", client, ctx);
  const held = heldPermissions(grant, client, ctx);
  const fresh = freshKeyFor(grant, 1, ctx.secrets);
  const next = { ...grant, ...fresh };
  return {
    client,
    subject: { kind: "person", facts },
    audience: audienceOf({ grant, client }, params, ctx),
    token_type: "Bearer",
    refresh_token: refreshes ? issueHandle("vkr", next, 1, ctx.secrets) : null,
    id_token: decideIdToken(held, { grant, nonce: code.nonce, params }, ctx),
    async commit() {
      // One of two concurrent redemptions was a thief, so the tokens of the other end too.
      const { grant_id } = grant;
      const done = await ctx.store.advanceGrant(grant_id, 0, ctx.now, fresh);
      return done ? null : reused(grant);
    },
  };
}

/** Optional if PKCE protects the code (OAuth 2.1 §10.2); when sent, it must be that of the request. */
function checkSameRedirectUri(params: Params, code: CodeRecord): void {
  const sent = params.get("redirect_uri");
  const needed = code.redirect_uri_sent && code.code_challenge === null;
  if (sent === undefined ? needed : sent !== code.redirect_uri)
    throw new OAuthError("invalid_grant", "redirect_uri is not the one of the request", {
      parameter: "redirect_uri",
    });
}

const reused = (leaked: GrantRecord): Leak => ({
  leaked,
  event: "code_reused",
  description: "code was used already",
});

const invalidGrant = (description: string): OAuthError =>
  new OAuthError("invalid_grant", description);
