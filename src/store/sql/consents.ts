/** Consents, in SQL: each change requires the version that was read. */
import { placeOf } from "../place.ts";
import type { ConsentRecord } from "../records.ts";
import type { Approval, GrantStore } from "../store.ts";
import { withPerson } from "./alongside.ts";
import { changedCount, type SqlDriver, type Statement } from "./driver.ts";
import { listing } from "./ended_tokens.ts";
import { pageAfter } from "./page.ts";
import { sqlRecord } from "./record.ts";

export const CONSENT = sqlRecord<ConsentRecord>({
  table: "consent",
  key: ["sub", "client_id", "place"],
  columns: {
    sub: "text",
    client_id: "text",
    agreed: "json",
    refused: "json",
    waived: "json",
    seen: "json",
    version: "text",
    since: "integer",
    used_at: "integer",
  },
  computed: { place: ({ sub }) => placeOf(sub) },
});

export const ONE_CONSENT = "place = ? AND sub = ? AND client_id = ?";
const FIND_CONSENT = `${CONSENT.select} WHERE ${ONE_CONSENT}`;

export const consentKey = ({
  sub,
  client_id,
}: Pick<ConsentRecord, "sub" | "client_id">): [number, string, string] => [
  placeOf(sub),
  sub,
  client_id,
];

/**
 * The first of these statements has to change a row. This proves that the consent is unchanged since it was read, and
 * locks it.
 */
export function writeConsent(consent: Approval["consent"]): Statement[] {
  if ("stands" in consent) {
    const { version } = consent.stands;
    const sql = `UPDATE consent SET version = version WHERE ${ONE_CONSENT} AND version = ?`;
    return [{ sql, args: [...consentKey(consent.stands), version], must_change: true }];
  }
  const { before, becomes } = consent;
  if (before === null) {
    const insert = CONSENT.insert(becomes, " ON CONFLICT (sub, client_id, place) DO NOTHING");
    return [{ ...insert, must_change: true }];
  }
  const { sql, args } = CONSENT.update(becomes);
  return [{ sql: `${sql} AND version = ?`, args: [...args, before.version], must_change: true }];
}

/** Removes everybody's consent to a client. */
export const consentsOf = (client_id: string): Statement => ({
  sql: "DELETE FROM consent WHERE client_id = ?",
  args: [client_id],
});

type Consents =
  | ("findConsent" | "listConsents" | "touchConsent")
  | ("removeConsent" | "removeConsentsOf");

export function sqlConsents(db: SqlDriver): Pick<GrantStore, Consents> {
  const listed = listing(db.dialect);
  return {
    async findConsent(sub, client_id) {
      const [row] = await db.readValues(FIND_CONSENT, consentKey({ sub, client_id }));
      return row ? CONSENT.parse(row) : null;
    },

    async listConsents(sub, page) {
      const { where, args, tail } = pageAfter(page, { used_at: "DESC", client_id: "ASC" });
      const sql = `${CONSENT.select} WHERE place = ? AND sub = ?${where} ${tail}`;
      return (await db.readValues(sql, [placeOf(sub), sub, ...args])).map(CONSENT.parse);
    },

    async touchConsent(sub, client_id, now) {
      const args = [now, ...consentKey({ sub, client_id })];
      await db.write(`UPDATE consent SET used_at = ? WHERE ${ONE_CONSENT}`, args);
    },

    async removeConsent(which, now, alongside) {
      const removed = await changedCount(
        db.writeAll([
          {
            sql: `DELETE FROM consent WHERE ${ONE_CONSENT}`,
            args: consentKey(which),
            must_change: true,
          },
          {
            sql: `UPDATE authorization_grant SET revoked_at = ?
                  WHERE ${ONE_CONSENT} AND revoked_at IS NULL`,
            args: [now, ...consentKey(which)],
          },
          ...withPerson(alongside),
          listed.grants(`${ONE_CONSENT} AND revoked_at = ?`, [...consentKey(which), now]),
        ]),
      );
      return removed === 1;
    },

    async removeConsentsOf(client_id, { until, limit }) {
      const sql = `DELETE FROM consent WHERE client_id = ? AND sub IN
        (SELECT sub FROM consent WHERE client_id = ? AND since <= ? LIMIT ?)`;
      return (await db.write(sql, [client_id, client_id, until, limit])).changed >= limit;
    },
  };
}
