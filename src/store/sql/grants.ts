/** Grants, in SQL; each is written together with the consent that it rests on. */
import { epochName, grantName } from "../../oauth/ended.ts";
import { placeIn } from "../place.ts";
import type { GrantRecord } from "../records.ts";
import type { Approval, GrantStore } from "../store.ts";
import { withPerson } from "./alongside.ts";
import { keepClientSession } from "./client_sessions.ts";
import { consentKey, ONE_CONSENT, sqlConsents, writeConsent } from "./consents.ts";
import { changedCount, type Dialect, type SqlDriver, type Statement } from "./driver.ts";
import { type Listing, listing } from "./ended_tokens.ts";
import { joinedColumns, sqlRecord } from "./record.ts";
import { SESSION } from "./sessions.ts";

/**
 * Members that never change after the grant is made. They share one column, so that a new member needs no new column.
 */
const FIXED = [
  "sid",
  "permissions",
  "claims",
  "left_out",
  "epoch",
  "code",
  "proofs",
  "snapshot",
] as const satisfies readonly (keyof GrantRecord)[];

export const GRANT = sqlRecord<GrantRecord, (typeof FIXED)[number]>({
  table: "authorization_grant",
  key: ["grant_id", "place"],
  columns: {
    grant_id: "text",
    client_id: "text",
    sub: "text",
    session_id: "text",
    salt: "text",
    secret_id: "text",
    replaced_key: "json",
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

/** The position of the session's columns. The first is its key: null means that there is no session. */
const SESSION_AT = GRANT.columns.length;
const parseSession = SESSION.parser(SESSION_AT);

// Built once, not at each request.
const ONE = "grant_id = ? AND place = ?";
const FIND_GRANT = `${GRANT.select} WHERE ${ONE}`;
// Both are at the place of the person, so on one node.
const LOAD_GRANT = `SELECT ${joinedColumns(["g", GRANT], ["s", SESSION])}
  FROM authorization_grant g
  LEFT JOIN session s ON s.session_id = g.session_id AND s.place = g.place
  WHERE g.grant_id = ? AND g.place = ?`;

// An id begins with its time: of grants that were used in the same second, the later ones stay.
const SURPLUS = `SELECT grant_id FROM authorization_grant
  WHERE ${ONE_CONSENT} AND revoked_at IS NULL AND expires_at > ? AND used_at > ?
    AND NOT (generation = 0 AND code_expires_at <= ?)
  ORDER BY used_at DESC, grant_id DESC LIMIT 100 OFFSET ?`;

const SET_KEY = ", salt = ?, secret_id = ?, replaced_key = ?";
const SAME_KEY = " AND salt = ? AND secret_id = ?";

const key = (grant_id: string): [string, number] => [grant_id, placeIn(grant_id)];

/** @param isSpread whether a statement must keep to the rows of one table, since the database is distributed */
export function sqlGrants(db: SqlDriver, isSpread: () => boolean): GrantStore {
  const combined = together(db.dialect);
  const listed = listing(db.dialect);
  const insertion = (approval: Approval) => (isSpread() ? oneByOne : combined)(approval);

  async function findGrant(grant_id: string): Promise<GrantRecord | null> {
    const [row] = await db.readValues(FIND_GRANT, key(grant_id));
    return row ? GRANT.parse(row) : null;
  }

  return {
    async approve(approval, alongside) {
      const { grant, instead_of } = approval;
      const statements = instead_of ? changes(approval, instead_of) : insertion(approval);
      const told = approval.client_session ? [keepClientSession(approval.client_session)] : [];
      const list = endedBy(approval, listed);
      const written = db.writeAll([...statements, ...told, ...withPerson(alongside), ...list]);
      if ((await changedCount(written)) === 1) return "approved";
      return !instead_of && (await findGrant(grant.grant_id)) ? "exists" : "changed";
    },

    findGrant,

    async loadGrant(grant_id) {
      const [row] = await db.readValues(LOAD_GRANT, key(grant_id));
      if (!row) return null;
      const grant = GRANT.parse(row);
      const session = row[SESSION_AT] === null ? null : parseSession(row);
      return { grant, session };
    },

    // `<=` and not `=`: after failing over to a replica the row may lag behind the tokens handed out.
    async advanceGrant(grant_id, from, now, fresh) {
      const { changed } = await db.write(
        `UPDATE authorization_grant SET generation = ?, advanced_at = ?, used_at = ?${fresh ? SET_KEY : ""}
         WHERE ${ONE} AND generation <= ? AND revoked_at IS NULL${fresh ? SAME_KEY : ""}`,
        [
          ...[from + 1, now, now],
          ...(fresh ? [fresh.salt, fresh.secret_id, JSON.stringify(fresh.replaced_key)] : []),
          ...[...key(grant_id), from],
          ...(fresh ? [fresh.replaced_key.salt, fresh.replaced_key.secret_id] : []),
        ],
      );
      return changed === 1;
    },

    async touchGrant(grant_id, now) {
      await db.write(
        `UPDATE authorization_grant SET used_at = ? WHERE ${ONE} AND revoked_at IS NULL`,
        [now, ...key(grant_id)],
      );
    },

    ...ends(db, listed),
    listSurplusGrants: surplusGrants(db),
    ...sqlConsents(db),
  };
}

const ends = (
  db: SqlDriver,
  listed: Listing,
): Pick<GrantStore, "revokeGrant" | "raiseAccessEpoch"> => ({
  async revokeGrant(grant_id, now, alongside) {
    const revoke = {
      sql: `UPDATE authorization_grant SET revoked_at = ? WHERE ${ONE} AND revoked_at IS NULL`,
      args: [now, ...key(grant_id)],
      must_change: true,
    };
    const list = listed.name(grantName(grant_id), placeIn(grant_id));
    return (await changedCount(db.writeAll([revoke, ...withPerson(alongside), list]))) === 1;
  },

  async raiseAccessEpoch(grant_id, from, alongside) {
    const raise = {
      sql: `UPDATE authorization_grant SET access_epoch = ?
            WHERE ${ONE} AND access_epoch = ? AND revoked_at IS NULL`,
      args: [from + 1, ...key(grant_id), from],
      must_change: true,
    };
    const list = listed.name(epochName(grant_id, from), placeIn(grant_id));
    return (await changedCount(db.writeAll([raise, ...withPerson(alongside), list]))) === 1;
  },
});

const surplusGrants =
  (db: SqlDriver): GrantStore["listSurplusGrants"] =>
  async (which, { keep, now, idle }) => {
    const args = [...consentKey(which), now, now - idle, now, keep];
    return (await db.read(SURPLUS, args)).map(({ grant_id }) => String(grant_id));
  };

const insertGrant = (grant: GrantRecord): Statement => ({
  ...GRANT.insert(grant, " ON CONFLICT (grant_id, place) DO NOTHING"),
  must_change: true,
});

/** A narrower answer revokes all other grants of the person to the client. */
const revokeOthers = ({ grant, narrowed_at }: Approval): Statement[] =>
  narrowed_at === undefined
    ? []
    : [
        {
          sql: `UPDATE authorization_grant SET revoked_at = ?
                WHERE ${ONE_CONSENT} AND grant_id <> ? AND revoked_at IS NULL`,
          args: [narrowed_at, ...consentKey(grant), grant.grant_id],
        },
      ];

/** The last statements: they list the access tokens that the answer ends. */
function endedBy({ grant, instead_of, narrowed_at }: Approval, listed: Listing): Statement[] {
  const { grant_id, revoked_at } = grant;
  const place = placeIn(grant_id);
  const statements: Statement[] = [];
  if (instead_of && revoked_at !== null) statements.push(listed.name(grantName(grant_id), place));
  else if (instead_of && grant.access_epoch !== instead_of.access_epoch)
    statements.push(listed.name(epochName(grant_id, instead_of.access_epoch), place));
  if (narrowed_at !== undefined) {
    const where = `${ONE_CONSENT} AND grant_id <> ? AND revoked_at = ?`;
    statements.push(listed.grants(where, [...consentKey(grant), grant_id, narrowed_at]));
  }
  return statements;
}

/** One statement where the consent stands, the most frequent case. */
function together({ for_share }: Dialect): (approval: Approval) => Statement[] {
  // The inserting statement itself checks the consent, so that no change can come in between.
  const insert = `${GRANT.insert_select}
    WHERE EXISTS (SELECT 1 FROM consent WHERE ${ONE_CONSENT} AND version = ?${for_share})
    ON CONFLICT (grant_id, place) DO NOTHING`;
  return (approval) => {
    const { grant, consent } = approval;
    if (!("stands" in consent)) return written(approval);
    const args = [...GRANT.values(grant), ...consentKey(grant), consent.stands.version];
    return [{ sql: insert, args, must_change: true }];
  };
}

/**
 * The grant comes first. An answer counts once: sent again after the person has removed the consent, it must not
 * restore the consent.
 */
const written = (approval: Approval): Statement[] => [
  insertGrant(approval.grant),
  ...writeConsent(approval.consent),
  ...revokeOthers(approval),
];

/** With one table in each statement, for databases that can't join tables on one node. */
function oneByOne(approval: Approval): Statement[] {
  const { grant, consent } = approval;
  if (!("stands" in consent)) return written(approval);
  const sql = `SELECT 1 AS found FROM consent WHERE ${ONE_CONSENT} AND version = ? FOR SHARE`;
  const args = [...consentKey(grant), consent.stands.version];
  return [insertGrant(grant), { sql, args, must_change: true }];
}

/** The consent comes first, as in every transaction that changes both, which rules out deadlocks. */
function changes(approval: Approval, before: GrantRecord): Statement[] {
  const { grant, consent } = approval;
  const change = {
    sql: `UPDATE authorization_grant SET access_epoch = ?, revoked_at = ?, fixed = ?
          WHERE ${ONE} AND access_epoch = ? AND revoked_at IS NULL
            AND CASE WHEN generation = 0 THEN 1 ELSE 0 END = ?`,
    args: [
      ...[grant.access_epoch, grant.revoked_at, GRANT.pack(grant)],
      ...[...key(grant.grant_id), before.access_epoch, before.generation === 0 ? 1 : 0],
    ],
    must_change: true,
  };
  return [...writeConsent(consent), change, ...revokeOthers(approval)];
}
