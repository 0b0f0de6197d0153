/** The list of ended access tokens, in SQL. */
import { type EndedTokenStore, type EndKind, endedWindow } from "../ended_tokens.ts";
import type { Dialect, SqlDriver, Statement, Value } from "./driver.ts";

const TABLE: Readonly<Record<EndKind, string>> = {
  person: "person_end",
  directory: "directory_end",
};

/** Seconds. */
const SLACK = 60;

/** Prefix of the names of the rows of `server_state` about lifetimes of access tokens. */
export const LIFE = "access_token_life ";

/**
 * Statements that list names. The database tells the time, and each belongs at the end of its transaction: an earlier
 * time, before a wait for a lock, could be passed over by those who read the list.
 */
export interface Listing {
  /** A name at a person's place. */
  name(name: string, place: number): Statement;
  /** Names of clients and keys. */
  directoryNames(names: readonly string[]): Statement[];
  /** Grants at one place. @param where a condition that begins with `place = ?` */
  grants(where: string, args: readonly Value[]): Statement;
}

export function listing({ now }: Dialect): Listing {
  // The same name in the same second is one row.
  const once = (key: string) => ` ON CONFLICT (${key}) DO UPDATE SET ended_at = excluded.ended_at`;
  const person = "INSERT INTO person_end (name, place, ended_at)";
  const at_place = once("ended_at, name, place");
  const one = `${person} VALUES (?, ?, ${now})${at_place}`;
  const grants = `${person} SELECT 'g:' || grant_id, place, ${now} FROM authorization_grant WHERE `;
  const directory = `INSERT INTO directory_end (name, ended_at) VALUES (?, ${now})${once("ended_at, name")}`;
  return {
    name: (name, place) => ({ sql: one, args: [name, place] }),
    directoryNames: (names) => names.map((name) => ({ sql: directory, args: [name] })),
    grants: (where, args) => ({ sql: grants + where + at_place, args }),
  };
}

export function sqlEndedTokens(db: SqlDriver): EndedTokenStore {
  return {
    async countEnded(since) {
      const counted = await Promise.all(
        Object.entries(TABLE).map(async ([kind, table]) => {
          const sql = `SELECT ended_at, COUNT(*) AS count FROM ${table} WHERE ended_at >= ? GROUP BY ended_at`;
          const rows = await db.read(sql, [since]);
          return rows.map(({ ended_at, count }) => ({
            kind: kind as EndKind,
            ended_at: Number(ended_at),
            count: Number(count),
          }));
        }),
      );
      return counted.flat();
    },

    async listEnded({ kind, from, to }, { after, limit }) {
      const more = after ? " AND (ended_at > ? OR name > ?)" : "";
      const sql = `SELECT ended_at, name FROM ${TABLE[kind]}
        WHERE ended_at >= ? AND ended_at <= ?${more} ORDER BY ended_at, name LIMIT ?`;
      const start = after ? [after.ended_at, to, after.ended_at, after.name] : [from, to];
      const rows = await db.read(sql, [...start, limit]);
      return rows.map(({ ended_at, name }) => ({
        ended_at: Number(ended_at),
        name: String(name),
      }));
    },

    async noteAccessTokenLife(life, now) {
      const sql = `INSERT INTO server_state (name, value) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value`;
      await db.write(sql, [LIFE + life, now]);
    },
  };
}

/** Removes what is listed no more, whole seconds at a time: they are the start of the key. */
export async function sweepEnded(
  db: SqlDriver,
  { now, batch }: { now: number; batch: number },
): Promise<number> {
  const noted = await db.read(
    `SELECT name, value FROM server_state WHERE name LIKE '${LIFE}%'`,
    [],
  );
  const lives = noted.map(({ name, value }) => [String(name).slice(LIFE.length), Number(value)]);
  // A node whose clock is behind lists them a little longer.
  const until = now - endedWindow(Object.fromEntries(lives), now) - SLACK;
  let most = 0;
  for (const table of Object.values(TABLE)) {
    const { changed } = await db.write(
      `DELETE FROM ${table} WHERE ended_at <= ? AND ended_at IN
         (SELECT ended_at FROM ${table} WHERE ended_at <= ? ORDER BY ended_at LIMIT ?)`,
      [until, until, batch],
    );
    most = Math.max(most, changed);
  }
  return most;
}
