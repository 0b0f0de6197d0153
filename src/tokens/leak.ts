/** A genuine key to a grant was presented after its last allowed use: it has leaked, and its grant ends. */
import { audit, type Context } from "../context.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { AuditEventName } from "../store/audit.ts";
import type { GrantRecord } from "../store/records.ts";

export interface Leak {
  leaked: GrantRecord;
  event: AuditEventName;
  /** The error description for the client. */
  description: string;
}

/**
 * Revokes the grant. The event is written once, with the revocation.
 * @throws OAuthError `invalid_grant`, always
 */
export async function punish({ leaked, event, description }: Leak, ctx: Context): Promise<never> {
  const { grant_id, client_id, sub } = leaked;
  const about = { actor: "client", sub, client_id, details: { grant_id } } as const;
  await ctx.store.revokeGrant(grant_id, ctx.now, { events: [audit(event, about, ctx)] });
  ctx.log.warn(`${event.replaceAll("_", " ")}: grant revoked`, {
    event_id: ctx.event_id,
    grant_id,
    client_id,
  });
  throw new OAuthError("invalid_grant", description);
}
