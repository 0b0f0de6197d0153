/** Refresh token grant, with rotation for public clients and reuse detection (OAuth 2.1 §4.3). */
import { type Context, markEvery } from "../context.ts";
import { OAuthError } from "../oauth/errors.ts";
import { required } from "../oauth/params.ts";
import { scopesAt } from "../oauth/permission.ts";
import type { GrantRecord } from "../store/records.ts";
import { audienceOf, heldPermissions } from "../tokens/audience.ts";
import { isGenuine, issueHandle, parseHandle } from "../tokens/handle.ts";
import type { Leak } from "../tokens/leak.ts";
import { markUse } from "../tokens/mark_use.ts";
import { reuseOf } from "../tokens/reuse.ts";
import { type Grant, isRotated } from "./grant.ts";

const UNKNOWN = "refresh_token is not known";

export const refreshToken: Grant = {
  grant_type: "refresh_token",
  asks_person: false,
  confidential_only: false,

  needs({ params }, { secrets }) {
    const handle = parseHandle(required(params, "refresh_token"));
    if (handle?.kind !== "vkr") throw invalidGrant(UNKNOWN);
    return { grant_id: handle.grant_id, proves: (grant) => isGenuine(handle, grant, secrets) };
  },

  decide({ params, client }, facts, ctx) {
    const text = required(params, "refresh_token");
    const handle = parseHandle(text);
    if (!facts || !handle) throw invalidGrant(UNKNOWN);
    const { grant } = facts;
    if (grant.client_id !== client.client_id)
      throw invalidGrant("refresh_token was issued to another client");
    const { generation } = handle;
    const reuse = reuseOf(generation, grant, rulesOf(ctx));
    if (reuse === "reused") return leak(grant);
    const rotates = isRotated(client);
    const held = heldPermissions(grant, client, ctx);
    return {
      client,
      subject: { kind: "person", facts },
      audience: audienceOf({ grant, client }, params, ctx),
      token_type: "Bearer",
      refresh_token: rotates ? issueHandle("vkr", grant, generation + 1, ctx.secrets) : text,
      id_token: scopesAt(held, ctx.issuer).includes("openid") ? { nonce: null } : null,
      async commit() {
        await markUse(facts, ctx);
        if (!rotates) await markIfDue(grant, ctx);
        if (!rotates || reuse === "replayed") return null;
        if (await ctx.store.advanceGrant(grant.grant_id, generation, ctx.now)) return null;
        return afterLostRace(grant, generation, ctx);
      },
    };
  },
};

/** Losing the race to a twin is no failure: both answer with the same successor. */
async function afterLostRace(
  { grant_id }: GrantRecord,
  generation: number,
  ctx: Context,
): Promise<Leak | null> {
  const again = await ctx.store.findGrant(grant_id);
  if (!again || again.revoked_at !== null) throw invalidGrant("refresh_token could not be used");
  const reuse = reuseOf(generation, again, rulesOf(ctx));
  if (reuse === "reused") return leak(again);
  if (reuse === "live") throw invalidGrant("refresh_token could not be used");
  return null;
}

const rulesOf = ({ now, settings }: Context) => ({
  now,
  refresh_replay: settings.lifetimes.refresh_replay,
});

/** An old token has leaked (RFC 9700 §4.14.2). */
const leak = (leaked: GrantRecord): Leak => ({
  leaked,
  event: "refresh_token_reused",
  description: "refresh_token was used already",
});

/** A token that is not rotated writes only now and then, so that its use is almost always a read. */
async function markIfDue(grant: GrantRecord, { store, settings, now }: Context): Promise<void> {
  const due = grant.used_at + markEvery(settings.lifetimes.refresh_token_idle) <= now;
  if (due) await store.touchGrant(grant.grant_id, now);
}

const invalidGrant = (description: string): OAuthError =>
  new OAuthError("invalid_grant", description);
