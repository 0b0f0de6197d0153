/** A new grant: the row of everything that a person allows a client at once. */
import { audit, type Context } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import type { GrantRecord } from "../store/records.ts";

/** Seconds from the end of its request until the sweep looks at a grant for the first time. */
const SLACK = 120;

/** What differs between the ways to a grant. */
type Given = Pick<
  GrantRecord,
  | "grant_id"
  | "client_id"
  | "sub"
  | "session_id"
  | "sid"
  | "permissions"
  | "claims"
  | "left_out"
  | "generation"
  | "code"
  | "proofs"
  | "snapshot"
  | "code_expires_at"
> & {
  /** Whether the client gets a refresh token. */
  refreshes: boolean;
  /** The end of the session that it is tied to; null: it outlives the session. */
  session_expires_at: number | null;
};

/** Makes the record, and stores nothing. */
export function newGrant(
  { refreshes, session_expires_at, ...given }: Given,
  { now, epoch, secrets, settings }: Context,
): GrantRecord {
  const { lifetimes } = settings;
  const end = refreshes
    ? now + lifetimes.refresh_token
    : given.code_expires_at + Math.max(lifetimes.access_token, lifetimes.id_token);
  return {
    ...given,
    salt: randomText(16),
    secret_id: secrets.current.secret_id,
    replaced_key: null,
    epoch,
    advanced_at: now,
    used_at: now,
    access_epoch: 0,
    created_at: now,
    expires_at: Math.min(end, session_expires_at ?? end),
    revoked_at: null,
    check_at: now + lifetimes.authorization_request + SLACK,
  };
}

/**
 * A person and a client have at most `limits.grants` live grants: a person may be an attacker, or an app may begin anew
 * each time that it starts. The longest unused ones end.
 */
export async function endSurplus(
  { sub, client_id }: GrantRecord,
  { address }: { address: string },
  ctx: Context,
): Promise<void> {
  const { limits, lifetimes } = ctx.settings;
  if (limits.grants === 0) return;
  const of = { keep: limits.grants, now: ctx.now, idle: lifetimes.refresh_token_idle };
  for (const grant_id of await ctx.store.listSurplusGrants({ sub, client_id }, of)) {
    const details = { grant_id, reason: "too_many" };
    const about = { actor: "person", sub, client_id, address, details } as const;
    await ctx.store.revokeGrant(grant_id, ctx.now, { events: [audit("grant_ended", about, ctx)] });
  }
}
