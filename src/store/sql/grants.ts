/** Grants and the consents that they rest on, in SQL. */
import { placeIn, placeOf } from "../place.ts";
import type { ConsentRecord, GrantRecord } from "../records.ts";
import type { GrantStore } from "../store.ts";
import { withPerson } from "./alongside.ts";
import { changedCount, type Dialect, type SqlDriver, type Statement } from "./driver.ts";
import { pageAfter } from "./page.ts";
import { sqlRecord } from "./record.ts";

/** What never changes after the grant is made: one column, so that a new member needs no new one. */
const FIXED = [
  "session_id",
  "sid",
  "scope",
  "resources",
  "epoch",
  "code_challenge",
  "redirect_uri",
  "redirect_uri_sent",
  "nonce",
  "proofs",
] as const satisfies readonly (keyof GrantRecord)[];

export const GRANT = sqlRecord<GrantRecord, (typeof FIXED)[number]>({
  table: "authorization_grant",
  key: ["grant_id", "place"],
  columns: {
    grant_id: "text",
    client_id: "text",
    sub: "text",
    salt: "text",
    secret_id: "text",
    generation: "integer",
    advanced_at: "integer",
    used_at: "integer",
    access_epoch: "integer",
    code_expires_at: "integer",
    created_at: "integer",
    expires_at: "integer",
    revoked_at: "integer",
    check_at: "integer",
  },
  computed: { place: ({ grant_id }) => placeIn(grant_id) },
  packed: FIXED,
});

const CONSENT = sqlRecord<ConsentRecord>({
  table: "consent",
  key: ["client_id", "sub", "place"],
  columns: {
    sub: "text",
    client_id: "text",
    scope: "json",
    declined: "json",
    resources: "json",
    since: "integer",
    used_at: "integer",
  },
  computed: { place: ({ sub }) => placeOf(sub) },
});

const REPLACE_CONSENT = `ON CONFLICT (sub, client_id, place) DO UPDATE SET scope = excluded.scope,
  declined = excluded.declined, resources = excluded.resources, used_at = excluded.used_at`;
// Put together once, not at each request.
const ONE = "grant_id = ? AND place = ?";
const FIND_GRANT = `${GRANT.select} WHERE ${ONE}`;
const ONE_CONSENT = "place = ? AND sub = ? AND client_id = ?";
const FIND_CONSENT = `${CONSENT.select} WHERE ${ONE_CONSENT}`;

const key = (grant_id: string): [string, number] => [grant_id, placeIn(grant_id)];
const consentKey = (sub: string, client_id: string): [number, string, string] => [
  placeOf(sub),
  sub,
  client_id,
];

/** @param isSpread whether a statement must keep to the rows of one table, since the database is distributed */
export function sqlGrants(db: SqlDriver, isSpread: () => boolean): GrantStore {
  const together = togetherWithConsent(db.dialect);

  async function findGrant(grant_id: string): Promise<GrantRecord | null> {
    const [row] = await db.read(FIND_GRANT, key(grant_id));
    return row ? GRANT.parse(row) : null;
  }

  return {
    async createGrant(grant, consent, alongside) {
      const statements = (isSpread() ? oneByOne : together)(grant, consent);
      const written = db.writeAll([...statements, ...withPerson(alongside)]);
      if ((await changedCount(written)) === 1) return "created";
      return (await findGrant(grant.grant_id)) ? "exists" : "no_consent";
    },

    findGrant,

    // `<=` and not `=`: after failing over to a replica the row may lag behind the tokens handed out.
    async advanceGrant(grant_id, from, now) {
      const { changed } = await db.write(
        `UPDATE authorization_grant SET generation = ?, advanced_at = ?, used_at = ?
         WHERE ${ONE} AND generation <= ? AND revoked_at IS NULL`,
        [from + 1, now, now, ...key(grant_id), from],
      );
      return changed === 1;
    },

    async touchGrant(grant_id, now) {
      await db.write(
        `UPDATE authorization_grant SET used_at = ? WHERE ${ONE} AND revoked_at IS NULL`,
        [now, ...key(grant_id)],
      );
    },

    async revokeGrant(grant_id, now, alongside) {
      const revoke = {
        sql: `UPDATE authorization_grant SET revoked_at = ? WHERE ${ONE} AND revoked_at IS NULL`,
        args: [now, ...key(grant_id)],
        must_change: true,
      };
      return (await changedCount(db.writeAll([revoke, ...withPerson(alongside)]))) === 1;
    },

    async revokeOtherGrants(sub, client_id, except, now) {
      await db.write(
        `UPDATE authorization_grant SET revoked_at = ?
         WHERE ${ONE_CONSENT} AND grant_id <> ? AND revoked_at IS NULL`,
        [now, ...consentKey(sub, client_id), except],
      );
    },

    async raiseAccessEpoch(grant_id, from, alongside) {
      const raise = {
        sql: `UPDATE authorization_grant SET access_epoch = ?
              WHERE ${ONE} AND access_epoch = ? AND revoked_at IS NULL`,
        args: [from + 1, ...key(grant_id), from],
        must_change: true,
      };
      return (await changedCount(db.writeAll([raise, ...withPerson(alongside)]))) === 1;
    },
    ...consents(db),
  };
}

function consents(
  db: SqlDriver,
): Pick<GrantStore, "findConsent" | "listConsents" | "touchConsent" | "removeConsent"> {
  return {
    async findConsent(sub, client_id) {
      const [row] = await db.read(FIND_CONSENT, consentKey(sub, client_id));
      return row ? CONSENT.parse(row) : null;
    },

    async listConsents(sub, page) {
      const { where, args, tail } = pageAfter(page, { used_at: "DESC", client_id: "ASC" });
      const sql = `${CONSENT.select} WHERE place = ? AND sub = ?${where} ${tail}`;
      return (await db.read(sql, [placeOf(sub), sub, ...args])).map(CONSENT.parse);
    },

    async touchConsent(sub, client_id, now) {
      const args = [now, ...consentKey(sub, client_id)];
      await db.write(`UPDATE consent SET used_at = ? WHERE ${ONE_CONSENT}`, args);
    },

    async removeConsent({ sub, client_id }, now, alongside) {
      const removed = await changedCount(
        db.writeAll([
          {
            sql: `DELETE FROM consent WHERE ${ONE_CONSENT}`,
            args: consentKey(sub, client_id),
            must_change: true,
          },
          {
            sql: `UPDATE authorization_grant SET revoked_at = ?
                  WHERE ${ONE_CONSENT} AND revoked_at IS NULL`,
            args: [now, ...consentKey(sub, client_id)],
          },
          ...withPerson(alongside),
        ]),
      );
      return removed === 1;
    },
  };
}

type Creation = (grant: GrantRecord, consent: ConsentRecord | null) => Statement[];

/** The grant first: a request that was granted before changes nothing. */
function togetherWithConsent({ for_key_share }: Dialect): Creation {
  // The consent is looked for in the inserting statement itself: no removal can come in between.
  const insert = `${GRANT.insert_select}
    WHERE EXISTS (SELECT 1 FROM consent WHERE ${ONE_CONSENT}${for_key_share})
    ON CONFLICT (grant_id, place) DO NOTHING`;
  return (grant, consent) =>
    consent
      ? inserted(grant, consent)
      : [
          {
            sql: insert,
            args: [...GRANT.values(grant), ...consentKey(grant.sub, grant.client_id)],
            must_change: true,
          },
        ];
}

/**
 * An answer counts once: sent again after the person has removed the consent, it must not bring it back. So the grant
 * comes first, and undoes the consent when it is there already.
 */
function inserted(grant: GrantRecord, consent: ConsentRecord): Statement[] {
  const insert = GRANT.insert(grant, " ON CONFLICT (grant_id, place) DO NOTHING");
  return [{ ...insert, must_change: true }, CONSENT.insert(consent, ` ${REPLACE_CONSENT}`)];
}

/** The same by statements that each name one table, for databases that can't combine them on one node. */
function oneByOne(grant: GrantRecord, consent: ConsentRecord | null): Statement[] {
  if (consent) return inserted(grant, consent);
  const { sub, client_id } = grant;
  const insert = GRANT.insert(grant, " ON CONFLICT (grant_id, place) DO NOTHING");
  const stands = `SELECT 1 AS found FROM consent WHERE ${ONE_CONSENT} FOR KEY SHARE`;
  return [
    { ...insert, must_change: true },
    { sql: stands, args: consentKey(sub, client_id), must_change: true },
  ];
}
