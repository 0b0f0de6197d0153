/**
 * The one gate: what may be issued, and whether what was issued still holds. Every grant, introspection and
 * userinfo pass it, so that a rule is written once and can't be forgotten in a sibling (lesson 2).
 */
import { type Context, isSessionLive, markEvery } from "../context.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { Audience } from "../oauth/resource_indicator.ts";
import { isOpenIdScope, isWithin } from "../oauth/scope.ts";
import type { Person } from "../people/users.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";

/** What a grant decided on: what may be issued, and the one write that makes it so. It has written nothing. */
export interface Decision {
  client: ClientRecord;
  /** Null for `client_credentials`: no person agreed, the client acts for itself. */
  grant: GrantRecord | null;
  audience: Audience;
  refresh_token: string | null;
  /** Null: no ID token. `nonce` as in the request, where this is its first answer. */
  id_token: { nonce: string | null } | null;
  /**
   * One conditional write, run after minting: a failed signature spends nothing.
   * @throws OAuthError `invalid_grant` when the grant moved on meanwhile
   */
  commit(): Promise<void>;
}

/** A decision that has passed the gate. */
export interface Authorization extends Decision {
  person: Person | null;
}

/** Why a grant no longer holds. */
export type Lapse =
  | "revoked"
  | "expired"
  | "idle"
  | "session ended"
  | "earlier epoch"
  | "client disabled"
  | "client revoked"
  | "person disabled"
  | "person revoked";

export type GrantStatus = { holds: true; person: Person } | { holds: false; lapse: Lapse };

/** Whether a grant holds at this moment: each rule about that is here and nowhere else. */
export async function grantStatus(
  grant: GrantRecord,
  client: ClientRecord | null,
  ctx: Context,
): Promise<GrantStatus> {
  const { lifetimes } = ctx.settings;
  if (grant.revoked_at !== null) return lapsed("revoked");
  if (grant.epoch !== ctx.epoch) return lapsed("earlier epoch");
  if (grant.expires_at <= ctx.now) return lapsed("expired");
  if (grant.generation > 0 && grant.used_at + lifetimes.refresh_token_idle <= ctx.now)
    return lapsed("idle");
  if (!client || client.disabled_at !== null) return lapsed("client disabled");
  if (grant.created_at < (client.ends_before ?? 0)) return lapsed("client revoked");
  const person = await ctx.users.find(grant.sub);
  if (!person || person.disabled) return lapsed("person disabled");
  if (grant.created_at < (person.ends_before ?? 0)) return lapsed("person revoked");
  if (grant.session_id !== null && !(await sessionHolds(grant.session_id, person, ctx)))
    return lapsed("session ended");
  return { holds: true, person };
}

const lapsed = (lapse: Lapse): GrantStatus => ({ holds: false, lapse });

async function sessionHolds(session_id: string, person: Person, ctx: Context): Promise<boolean> {
  const session = await ctx.store.findSession(session_id);
  return session !== null && isSessionLive(session, person, ctx);
}

/** An app that is used keeps the session alive that its grant is tied to. Written rarely. */
export async function markUse(grant: GrantRecord, ctx: Context): Promise<void> {
  const { store, now } = ctx;
  const { refresh_token_idle, session_idle } = ctx.settings.lifetimes;
  const consent_due = grant.used_at + markEvery(refresh_token_idle) <= now;
  if (consent_due) await store.touchConsent(grant.sub, grant.client_id, now);
  if (grant.session_id === null) return;
  const session = await store.findSession(grant.session_id);
  if (session && session.seen_at + markEvery(session_idle) <= now)
    await store.touchSession(session.session_id, now);
}

/**
 * Lets a decision pass: nobody gets more than was agreed, and nothing is issued for a person, client, session
 * or grant that no longer holds.
 * @throws OAuthError `invalid_grant`, `invalid_scope`, `invalid_client` or `unauthorized_client`
 */
export async function mayIssue(decision: Decision, ctx: Context): Promise<Authorization> {
  const { client, grant, audience } = decision;
  if (client.disabled_at !== null) throw new OAuthError("invalid_client", "client is disabled");
  if (!grant) {
    checkOwnAccess(client, audience);
    return { ...decision, person: null };
  }
  if (grant.client_id !== client.client_id)
    throw new OAuthError("invalid_grant", "the grant belongs to another client");
  const holding = await grantStatus(grant, client, ctx);
  if (!holding.holds)
    throw new OAuthError("invalid_grant", "the access that this belongs to has ended", {
      reason: { grant_id: grant.grant_id, lapse: holding.lapse },
    });
  if (!isWithin(audience.scope, grant.scope))
    throw new OAuthError("invalid_scope", "scope is more than what was agreed");
  return { ...decision, person: holding.person };
}

function checkOwnAccess(client: ClientRecord, audience: Audience): void {
  if (client.created_by !== "operator")
    throw new OAuthError("unauthorized_client", "client_credentials is not for this client");
  if (audience.scope.some(isOpenIdScope))
    throw new OAuthError("invalid_scope", "OpenID Connect scopes need a person");
}
