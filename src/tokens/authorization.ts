/**
 * The gate: it decides what may be issued, and whether a grant still holds. Every grant type, introspection and
 * userinfo pass it, so that each rule is written once and can't be forgotten. It reads nothing and writes nothing.
 */
import { isAsGranted, isEnabled } from "../clients/document_client.ts";
import { type Context, isSessionLive } from "../context.ts";
import { isAtLeast, reached } from "../oauth/assurance.ts";
import type { Audience } from "../oauth/audience.ts";
import { OAuthError } from "../oauth/errors.ts";
import { commandHint, enableHint, type Hint } from "../oauth/hint.ts";
import { permissionOf } from "../oauth/permission.ts";
import { isOpenIdScope } from "../oauth/scope.ts";
import type { Person } from "../people/users.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import type { Facts } from "./facts.ts";
import type { IdTokenDecision } from "./id_token.ts";
import type { Leak } from "./leak.ts";

/** The subject of a token: a person who agreed, or the client itself. */
export type Subject = { kind: "person"; facts: Facts } | { kind: "client" };

/**
 * The decision of a grant type: the tokens to issue, and the conditional write that completes it. It has written nothing
 * yet.
 */
export interface Decision {
  client: ClientRecord;
  subject: Subject;
  audience: Audience;
  /** The token type of the response. */
  token_type: "Bearer";
  refresh_token: string | null;
  /** Null: no ID token. */
  id_token: IdTokenDecision | null;
  /**
   * Marks of last use that are due, and one conditional write. It runs after minting: a failed signature spends nothing.
   * @returns a leak when another request used a single-use key first. `again`: the minted tokens are invalid, and the
   * grant has to be read and judged again
   * @throws OAuthError `invalid_grant` when the grant has changed meanwhile
   */
  commit(): Promise<Leak | "again" | null>;
}

/** A decision that has passed the gate. */
export interface Authorization extends Decision {
  /** The grant and its person; null: the client acts for itself. */
  granted: { grant: GrantRecord; person: Person } | null;
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
  | "sign-in too weak"
  | "person disabled"
  | "person revoked";

export type GrantStatus =
  | { holds: true; client: ClientRecord; person: Person }
  | { holds: false; lapse: Lapse };

/** Whether a grant holds now. All rules about that are here. */
export function grantStatus(
  { grant, client, session, person }: Facts,
  ctx: Pick<Context, "now" | "epoch" | "settings">,
): GrantStatus {
  const { lifetimes } = ctx.settings;
  if (grant.revoked_at !== null) return lapsed("revoked");
  if (grant.epoch !== ctx.epoch) return lapsed("earlier epoch");
  if (grant.expires_at <= ctx.now) return lapsed("expired");
  if (grant.generation > 0 && grant.used_at + lifetimes.refresh_token_idle <= ctx.now)
    return lapsed("idle");
  if (!client || !isEnabled(client, ctx)) return lapsed("client disabled");
  if (grant.created_at < (client.ends_before ?? 0)) return lapsed("client revoked");
  const { required_acr } = client.metadata;
  if (required_acr !== undefined && !isAtLeast(reached(grant.proofs).level, required_acr))
    return lapsed("sign-in too weak");
  if (!person || person.disabled) return lapsed("person disabled");
  if (grant.created_at < (person.ends_before ?? 0)) return lapsed("person revoked");
  if (grant.session_id !== null && !(session && isSessionLive(session, person, ctx)))
    return lapsed("session ended");
  return { holds: true, client, person };
}

const lapsed = (lapse: Lapse): GrantStatus => ({ holds: false, lapse });

/**
 * Checks a decision: its permissions are within the agreed ones, and person, client, session and grant still hold.
 * @throws OAuthError `invalid_grant`, `invalid_scope`, `invalid_client` or `unauthorized_client`
 */
export function mayIssue(decision: Decision, ctx: Context): Authorization {
  const { client, subject, audience } = decision;
  if (!isEnabled(client, ctx))
    throw new OAuthError("invalid_client", "client is disabled", {
      reason: enableHint(client.client_id),
    });
  if (subject.kind === "client") {
    checkOwnAccess(client, audience);
    return { ...decision, granted: null };
  }
  const { grant } = subject.facts;
  if (grant.client_id !== client.client_id)
    throw new OAuthError("invalid_grant", "the grant belongs to another client");
  if (!isAsGranted(client, grant))
    throw new OAuthError("invalid_client", "client has authenticated for another grant");
  const status = grantStatus(subject.facts, ctx);
  if (!status.holds)
    throw new OAuthError("invalid_grant", "the access that this belongs to has ended", {
      reason: { grant_id: grant.grant_id, lapse: status.lapse, ...lapseHint(status.lapse, grant) },
    });
  if (!isAgreed(audience, grant))
    throw new OAuthError("invalid_scope", "scope is more than what was agreed");
  // What is minted is for the client that the person agreed to.
  return { ...decision, client: status.client, granted: { grant, person: status.person } };
}

const lapseHint = (lapse: Lapse, { sub }: GrantRecord): Hint =>
  lapse === "person disabled" ? commandHint("user enable", sub) : {};

/** Whether each scope was agreed to for one of the token's resources. */
const isAgreed = ({ aud, scope }: Audience, { permissions }: GrantRecord): boolean =>
  scope.every((name) => aud.some((uri) => permissions.includes(permissionOf(uri, name))));

function checkOwnAccess(client: ClientRecord, audience: Audience): void {
  if (client.created_by !== "operator")
    throw new OAuthError("unauthorized_client", "client_credentials is not for this client");
  if (audience.scope.some(isOpenIdScope))
    throw new OAuthError("invalid_scope", "OpenID Connect scopes need a person");
}
