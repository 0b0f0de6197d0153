/** Grants and the consents that they rest on, in SQL. */
import type { ConsentRecord, GrantRecord } from "../records.ts";
import type { GrantStore } from "../store.ts";
import { type Dialect, NothingChanged, type SqlDriver, type Statement } from "./driver.ts";
import { sqlRecord } from "./record.ts";

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

const REPLACE_CONSENT = `ON CONFLICT (sub, client_id) DO UPDATE SET scope = excluded.scope,
  declined = excluded.declined, resources = excluded.resources, used_at = excluded.used_at`;
// Put together once, not at each request.
const FIND_GRANT = `${GRANT.select} WHERE grant_id = ?`;
const FIND_CONSENT = `${CONSENT.select} WHERE sub = ? AND client_id = ?`;

/** @param isSpread whether a statement must keep to the rows of one key, since the others are on other nodes */
export function sqlGrants(db: SqlDriver, isSpread: () => boolean): GrantStore {
  const together = togetherWithConsent(db.dialect);
  return {
    async createGrant(grant, consent) {
      const statements = (isSpread() ? oneByOne : together)(grant, consent);
      try {
        const outcomes = await db.writeAll(statements);
        if (outcomes.at(-1)?.changed === 1) return "created";
      } catch (error) {
        if (!(error instanceof NothingChanged)) throw error;
      }
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

    async revokeOtherGrants(sub, client_id, except, now) {
      await db.write(
        `UPDATE authorization_grant SET revoked_at = ?
         WHERE sub = ? AND client_id = ? AND grant_id <> ? AND revoked_at IS NULL`,
        [now, sub, client_id, except],
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

type Creation = (grant: GrantRecord, consent: ConsentRecord | null) => Statement[];

/** One statement where the consent stands already, which is what most requests are. */
function togetherWithConsent({ for_key_share }: Dialect): Creation {
  // The consent is looked for in the inserting statement itself: no removal can come in between.
  const insert = `${GRANT.insert_select}
    WHERE EXISTS (SELECT 1 FROM consent WHERE sub = ? AND client_id = ?${for_key_share})
    ON CONFLICT (grant_id) DO NOTHING`;
  return (grant, consent) => [
    ...(consent ? [upsertConsent(consent, grant.grant_id)] : []),
    { sql: insert, args: [...GRANT.values(grant), grant.sub, grant.client_id] },
  ];
}

/**
 * An answer counts once: sent again after the person has removed the consent, it must not bring it back.
 */
const upsertConsent = (consent: ConsentRecord, grant_id: string): Statement => ({
  sql: `${CONSENT.insert_select}
    WHERE NOT EXISTS (SELECT 1 FROM authorization_grant WHERE grant_id = ?)
    ${REPLACE_CONSENT}`,
  args: [...CONSENT.values(consent), grant_id],
});

/** The same, by statements that each go to one node: the first one that changes nothing undoes the others. */
function oneByOne(grant: GrantRecord, consent: ConsentRecord | null): Statement[] {
  const { sub, client_id } = grant;
  const insert = GRANT.insert(grant, " ON CONFLICT (grant_id) DO NOTHING");
  const stands = "SELECT 1 AS found FROM consent WHERE sub = ? AND client_id = ? FOR KEY SHARE";
  if (consent === null)
    return [
      { sql: stands, args: [sub, client_id], must_change: true },
      { ...insert, must_change: true },
    ];
  return [{ ...insert, must_change: true }, CONSENT.insert(consent, ` ${REPLACE_CONSENT}`)];
}
