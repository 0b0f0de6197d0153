/** Refresh token grant, with rotation for public clients and reuse detection (OAuth 2.1 §4.3). */
import { type Context, markEvery } from "../context.ts";
import { OAuthError } from "../oauth/errors.ts";
import { required } from "../oauth/params.ts";
import type { GrantRecord } from "../store/records.ts";
import { audienceOf, heldPermissions } from "../tokens/audience.ts";
import type { Decision } from "../tokens/authorization.ts";
import type { Facts } from "../tokens/facts.ts";
import { freshKeyFor, isGenuine, issueHandle, parseHandle } from "../tokens/handle.ts";
import { decideIdToken } from "../tokens/id_token.ts";
import type { Leak } from "../tokens/leak.ts";
import { markUse } from "../tokens/mark_use.ts";
import { reuseOf } from "../tokens/reuse.ts";
import { type Asking, type GrantType, isOutdated, isRotated, replayWindow } from "./grant.ts";

const UNKNOWN = "refresh_token is not known";

export const refreshToken: GrantType = {
  grant_type: "refresh_token",
  asks_person: false,
  confidential_only: false,
  grant_in: "refresh_token",

  read(asking, ctx) {
    const text = required(asking.params, "refresh_token");
    const handle = parseHandle(text);
    if (handle?.kind !== "vkr") throw invalidGrant(UNKNOWN);
    return {
      grant_id: handle.grant_id,
      proves: (grant) => isGenuine(handle, grant, ctx.secrets),
      decide: (facts) => refresh({ ...asking, ...handle, text }, facts, ctx),
    };
  },
};

/** The client, and the refresh token that it presents. */
interface Refreshing extends Asking {
  generation: number;
  text: string;
}

function refresh(
  { params, client, generation, text }: Refreshing,
  facts: Facts | null,
  ctx: Context,
): Decision | Leak {
  if (!facts) throw invalidGrant(UNKNOWN);
  const { grant } = facts;
  if (grant.client_id !== client.client_id)
    throw invalidGrant("refresh_token was issued to another client");
  const presented = { generation, grant, client };
  const refresh_replay = replayWindow(presented, ctx);
  const reuse = reuseOf(generation, grant, { now: ctx.now, refresh_replay });
  if (reuse === "reused") return isOutdated(presented) ? outdated() : leak(grant);
  // A token that depends on a leaked secret is replaced at its next use, for every kind of client.
  const fresh = freshKeyFor(grant, generation + 1, ctx.secrets);
  const rotates = reuse === "live" && (isRotated(client) || fresh !== null);
  const key = rotates ? { ...grant, ...fresh } : grant;
  // A token that comes again within the replay window was rotated by an earlier request.
  const has_successor = rotates || reuse === "replayed";
  const held = heldPermissions(grant, client, ctx);
  return {
    client,
    subject: { kind: "person", facts },
    audience: audienceOf({ grant, client }, params, ctx),
    token_type: "Bearer",
    refresh_token: has_successor ? issueHandle("vkr", key, generation + 1, ctx.secrets) : text,
    id_token: decideIdToken(held, { grant, nonce: null, params }, ctx),
    async commit() {
      await markUse(facts, { rotates }, ctx);
      if (!rotates) {
        if (!isRotated(client)) await markIfDue(grant, ctx);
        return null;
      }
      const done = await ctx.store.advanceGrant(grant.grant_id, generation, ctx.now, fresh);
      // A lost race is no failure: after another judgement, both requests get the same successor.
      return done ? null : "again";
    },
  };
}

/** An old token that is presented has leaked (RFC 9700 §4.14.2). */
const leak = (leaked: GrantRecord): Leak => ({
  leaked,
  event: "refresh_token_reused",
  description: "refresh_token was used already",
});

/** @throws OAuthError always */
function outdated(): never {
  throw invalidGrant("refresh_token was replaced: use the one that came with the last answer");
}

/** A token that is not rotated causes a write only now and then, so that its use is almost always a read. */
async function markIfDue(grant: GrantRecord, { store, settings, now }: Context): Promise<void> {
  const due = grant.used_at + markEvery(settings.lifetimes.refresh_token_idle) <= now;
  if (due) await store.touchGrant(grant.grant_id, now);
}

const invalidGrant = (description: string): OAuthError =>
  new OAuthError("invalid_grant", description);
