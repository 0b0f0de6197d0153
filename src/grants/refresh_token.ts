/** Refresh token grant, with rotation for public clients and reuse detection (OAuth 2.1 §4.3). */
import { audit, type Context, markEvery } from "../context.ts";
import { OAuthError } from "../oauth/errors.ts";
import { required } from "../oauth/params.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import { audienceOf, grantedScope } from "../tokens/audience.ts";
import { markUse } from "../tokens/authorization.ts";
import { type Handle, isGenuine, issueHandle, parseHandle } from "../tokens/handle.ts";
import { type Reuse, reuseOf } from "../tokens/reuse.ts";
import { type Grant, isRotated } from "./grant.ts";

export const refreshToken: Grant = {
  grant_type: "refresh_token",

  async decide(params, client, ctx) {
    const text = required(params, "refresh_token");
    const handle = parseHandle(text);
    if (handle?.kind !== "vkr") throw new OAuthError("invalid_grant", "refresh_token is not known");
    const { grant, stands } = await findGrant(handle, client, ctx);
    const rotates = isRotated(client);
    const successor = rotates ? handle.generation + 1 : handle.generation;
    return {
      client,
      grant,
      audience: audienceOf({ grant, client }, params, ctx),
      refresh_token: rotates ? issueHandle("vkr", grant, successor, ctx.secrets) : text,
      id_token: grantedScope(grant, client, ctx).includes("openid") ? { nonce: null } : null,
      async commit() {
        await markUse(grant, ctx);
        if (!rotates) return markIfDue(grant, ctx);
        if (stands === "replayed") return;
        if (await ctx.store.advanceGrant(grant.grant_id, handle.generation, ctx.now)) return;
        // Losing the race to a twin is no failure: both answer with the same successor.
        const again = await findGrant(handle, client, ctx);
        if (again.grant.revoked_at !== null || again.stands !== "replayed")
          throw new OAuthError("invalid_grant", "refresh_token could not be used");
      },
    };
  },
};

async function findGrant(
  handle: Handle,
  client: ClientRecord,
  ctx: Context,
): Promise<{ grant: GrantRecord; stands: Reuse }> {
  const grant = await ctx.store.findGrant(handle.grant_id);
  // Whoever can't show a genuine token, as the client that it belongs to, learns and revokes nothing.
  if (!grant || !isGenuine(handle, grant, ctx.secrets))
    throw new OAuthError("invalid_grant", "refresh_token is not known");
  if (grant.client_id !== client.client_id)
    throw new OAuthError("invalid_grant", "refresh_token was issued to another client");
  const { refresh_replay } = ctx.settings.lifetimes;
  const stands = reuseOf(handle.generation, grant, { now: ctx.now, refresh_replay });
  if (stands === "reused") await reused(grant, ctx);
  return { grant, stands };
}

async function reused(grant: GrantRecord, ctx: Context): Promise<never> {
  const { grant_id, client_id, sub } = grant;
  const about = { actor: "client", sub, client_id, details: { grant_id } } as const;
  const events = [audit("refresh_token_reused", about, ctx)];
  // An old token has leaked (RFC 9700 §4.14.2). The event is written once, with the revocation.
  await ctx.store.revokeGrant(grant_id, ctx.now, { events });
  ctx.log.warn("refresh token reused: grant revoked", {
    event_id: ctx.event_id,
    grant_id,
    client_id,
  });
  throw new OAuthError("invalid_grant", "refresh_token was used already");
}

/** A token that is not rotated writes only now and then, so that its use is almost always a read. */
async function markIfDue(grant: GrantRecord, { store, settings, now }: Context): Promise<void> {
  const due = grant.used_at + markEvery(settings.lifetimes.refresh_token_idle) <= now;
  if (due) await store.touchGrant(grant.grant_id, now);
}
