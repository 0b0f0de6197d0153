/** Initial access tokens, in SQL. No cache holds them, since apps register themselves seldom. */
import type { InitialAccessTokenStore, SpentToken } from "../initial_access_tokens.ts";
import type { InitialAccessToken } from "../records.ts";
import { withDirectory } from "./alongside.ts";
import { changedCount, type SqlDriver, type Statement } from "./driver.ts";
import { pageAfter } from "./page.ts";
import { sqlRecord } from "./record.ts";

const TOKEN = sqlRecord<InitialAccessToken>({
  table: "initial_access_token",
  key: ["token_id"],
  columns: {
    token_id: "text",
    hash: "text",
    note: "text",
    uses_left: "integer",
    created_at: "integer",
    expires_at: "integer",
  },
});

/** Takes one use, or fails the transaction. */
export const spendToken = ({ token_id, now }: SpentToken): Statement => ({
  sql: `UPDATE initial_access_token SET uses_left = uses_left - 1
    WHERE token_id = ? AND uses_left > 0 AND expires_at > ?`,
  args: [token_id, now],
  must_change: true,
});

export function sqlInitialAccessTokens(db: SqlDriver): InitialAccessTokenStore {
  return {
    async addInitialAccessToken(token, alongside) {
      const insert = TOKEN.insert(token, " ON CONFLICT (token_id) DO NOTHING");
      const written = db.writeAll([{ ...insert, must_change: true }, ...withDirectory(alongside)]);
      return (await changedCount(written)) === 1;
    },

    async findInitialAccessToken(token_id) {
      const [row] = await db.readValues(`${TOKEN.select} WHERE token_id = ?`, [token_id]);
      return row ? TOKEN.parse(row) : null;
    },

    async listInitialAccessTokens(page) {
      const { where, args, tail } = pageAfter(page, { created_at: "ASC", token_id: "ASC" });
      const sql = `${TOKEN.select} WHERE created_at >= 0${where} ${tail}`;
      return (await db.readValues(sql, args)).map(TOKEN.parse);
    },

    async removeInitialAccessToken(token_id, alongside) {
      const remove = {
        sql: "DELETE FROM initial_access_token WHERE token_id = ?",
        args: [token_id],
        must_change: true,
      };
      return (await changedCount(db.writeAll([remove, ...withDirectory(alongside)]))) === 1;
    },
  };
}
