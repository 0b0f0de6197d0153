/** Grants and the consents that they rest on, in SQL. */
import type { ConsentRecord, GrantRecord } from "./records.ts";
import type { SqlDriver, Statement } from "./sql_driver.ts";
import { sqlRecord } from "./sql_record.ts";
import type { GrantStore } from "./store.ts";

const GRANT = sqlRecord<GrantRecord>("authorization_grant", "grant_id", {
  grant_id: "text",
  client_id: "text",
  sub: "text",
  session_id: "text",
  sid: "text",
  scope: "json",
  resources: "json",
  salt: "text",
  secret_id: "text",
  epoch: "integer",
  generation: "integer",
  advanced_at: "integer",
  used_at: "integer",
  code_challenge: "text",
  redirect_uri: "text",
  redirect_uri_sent: "flag",
  nonce: "text",
  auth_time: "integer",
  amr: "json",
  access_epoch: "integer",
  code_expires_at: "integer",
  created_at: "integer",
  expires_at: "integer",
  revoked_at: "integer",
  check_at: "integer",
});

const CONSENT = sqlRecord<ConsentRecord>("consent", "client_id", {
  sub: "text",
  client_id: "text",
  scope: "json",
  declined: "json",
  resources: "json",
  since: "integer",
  used_at: "integer",
});

// Put together once, not at each request.
const FIND_GRANT = `${GRANT.select} WHERE grant_id = ?`;
const FIND_CONSENT = `${CONSENT.select} WHERE sub = ? AND client_id = ?`;

export function sqlGrants(db: SqlDriver): GrantStore {
  // The consent is looked for in the inserting statement itself: no removal can come in between.
  const insert = `${GRANT.insert_select}
    WHERE EXISTS (SELECT 1 FROM consent WHERE sub = ? AND client_id = ?${db.dialect.for_key_share})
    ON CONFLICT (grant_id) DO NOTHING`;

  return {
    async createGrant(grant, consent) {
      const outcomes = await db.writeAll([
        ...(consent ? [upsertConsent(consent, grant.grant_id)] : []),
        { sql: insert, args: [...GRANT.values(grant), grant.sub, grant.client_id] },
      ]);
      if (outcomes.at(-1)?.changed === 1) return "created";
      return (await this.findGrant(grant.grant_id)) ? "exists" : "no_consent";
    },

    async findGrant(grant_id) {
      const [row] = await db.read(FIND_GRANT, [grant_id]);
      return row ? GRANT.parse(row) : null;
    },

    // `<=` and not `=`: after failing over to a replica the row may lag behind the tokens handed out.
    async advanceGrant(grant_id, from, now) {
      const { changed } = await db.write(
        `UPDATE authorization_grant SET generation = ?, advanced_at = ?, used_at = ?
         WHERE grant_id = ? AND generation <= ? AND revoked_at IS NULL`,
        [from + 1, now, now, grant_id, from],
      );
      return changed === 1;
    },

    async touchGrant(grant_id, now) {
      await db.write(
        "UPDATE authorization_grant SET used_at = ? WHERE grant_id = ? AND revoked_at IS NULL",
        [now, grant_id],
      );
    },

    async revokeGrant(grant_id, now) {
      await db.write(
        "UPDATE authorization_grant SET revoked_at = ? WHERE grant_id = ? AND revoked_at IS NULL",
        [now, grant_id],
      );
    },

    async raiseAccessEpoch(grant_id, from) {
      const { changed } = await db.write(
        `UPDATE authorization_grant SET access_epoch = ?
         WHERE grant_id = ? AND access_epoch = ? AND revoked_at IS NULL`,
        [from + 1, grant_id, from],
      );
      return changed === 1;
    },
    ...consents(db),
  };
}

function consents(
  db: SqlDriver,
): Pick<GrantStore, "findConsent" | "listConsents" | "touchConsent" | "removeConsent"> {
  return {
    async findConsent(sub, client_id) {
      const [row] = await db.read(FIND_CONSENT, [sub, client_id]);
      return row ? CONSENT.parse(row) : null;
    },

    async listConsents(sub) {
      const sql = `${CONSENT.select} WHERE sub = ? ORDER BY used_at DESC, client_id LIMIT 1000`;
      return (await db.read(sql, [sub])).map(CONSENT.parse);
    },

    async touchConsent(sub, client_id, now) {
      await db.write("UPDATE consent SET used_at = ? WHERE sub = ? AND client_id = ?", [
        now,
        sub,
        client_id,
      ]);
    },

    async removeConsent(sub, client_id, now) {
      await db.writeAll([
        { sql: "DELETE FROM consent WHERE sub = ? AND client_id = ?", args: [sub, client_id] },
        {
          sql: `UPDATE authorization_grant SET revoked_at = ?
                WHERE sub = ? AND client_id = ? AND revoked_at IS NULL`,
          args: [now, sub, client_id],
        },
      ]);
    },
  };
}

/**
 * An answer counts once: sent again after the person has removed the consent, it must not bring it back.
 */
const upsertConsent = (consent: ConsentRecord, grant_id: string): Statement => ({
  sql: `${CONSENT.insert_select}
    WHERE NOT EXISTS (SELECT 1 FROM authorization_grant WHERE grant_id = ?)
    ON CONFLICT (sub, client_id) DO UPDATE SET scope = excluded.scope, declined = excluded.declined,
      resources = excluded.resources, used_at = excluded.used_at`,
  args: [...CONSENT.values(consent), grant_id],
});
