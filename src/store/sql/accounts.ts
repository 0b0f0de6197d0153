/** Accounts and what signs in to them, in SQL. */
import { clientName } from "../../oauth/ended.ts";
import { placeIn } from "../place.ts";
import type { AccountRecord, SessionRecord } from "../records.ts";
import type { DirectoryStore } from "../store.ts";
import { withDirectory } from "./alongside.ts";
import type { Directory } from "./directory_writes.ts";
import type { SqlDriver, Statement } from "./driver.ts";
import { type EndedClient, endedAccount, endsOf } from "./endings.ts";
import { raiseFactors, removalOfFactors, touchesFactors } from "./factors.ts";
import { pageAfter } from "./page.ts";
import { sqlRecord } from "./record.ts";

const ACCOUNT = sqlRecord<AccountRecord>({
  table: "account",
  key: ["sub"],
  columns: {
    sub: "text",
    username: "text",
    login_email: "text",
    claims: "json",
    password_hash: "text",
    is_admin: "flag",
    created_at: "integer",
    disabled_at: "integer",
    ends_before: "integer",
    sessions_end_before: "integer",
  },
});

/** Apps of one person that are read at a time. */
const BATCH = 500;

type Accounts =
  | "findAccount"
  | "findAccountByLogin"
  | "listAccounts"
  | "hasAccounts"
  | "createAccount"
  | "updateAccount"
  | "removeAccount";

export function sqlAccounts(db: SqlDriver, directory: Directory): Pick<DirectoryStore, Accounts> {
  return {
    async findAccount(sub) {
      const [row] = await db.readValues(`${ACCOUNT.select} WHERE sub = ?`, [sub]);
      return row ? ACCOUNT.parse(row) : null;
    },

    async findAccountByLogin(login) {
      const sql = `SELECT ${ACCOUNT.columns.map((name) => `a.${name}`).join(", ")}
        FROM login l JOIN account a ON a.sub = l.sub WHERE l.login = ?`;
      const [row] = await db.readValues(sql, [login]);
      return row ? ACCOUNT.parse(row) : null;
    },

    async listAccounts(page) {
      const { where, args, tail } = pageAfter(page, { created_at: "ASC", sub: "ASC" });
      const sql = `${ACCOUNT.select} WHERE created_at >= ?${where} ${tail}`;
      return (await db.readValues(sql, [0, ...args])).map(ACCOUNT.parse);
    },

    async hasAccounts() {
      return (await db.read("SELECT 1 AS found FROM account LIMIT 1", [])).length > 0;
    },
    ...writes(db, directory),
  };
}

function writes(
  db: SqlDriver,
  { change, endPerson, endClients, listPerson, listNames, isSpread }: Directory,
): Pick<DirectoryStore, "createAccount" | "updateAccount" | "removeAccount"> {
  /** On another node than the account: checked before the change, and not locked until its end. */
  async function stands({ session_id, secret_hash }: SessionKey): Promise<boolean> {
    const sql = "SELECT secret_hash FROM session WHERE session_id = ? AND place = ?";
    const [row] = await db.read(sql, [session_id, placeIn(session_id)]);
    return row?.secret_hash === secret_hash;
  }

  return {
    createAccount(account, logins, { only_as_first = false, ...alongside } = {}) {
      const create = only_as_first
        ? {
            sql: `${ACCOUNT.insert_select} WHERE NOT EXISTS (SELECT 1 FROM account)`,
            args: ACCOUNT.values(account),
          }
        : ACCOUNT.insert(account);
      return change(
        ["people"],
        [
          { ...create, must_change: true },
          ...insertLogins(account.sub, logins),
          ...withDirectory(alongside),
        ],
      );
    },

    async updateAccount(account, logins, { before, session, ends: given, ...alongside } = {}) {
      const { sub } = account;
      const ends = endsOf(account, before, given);
      if (session && isSpread() && !(await stands(session))) return false;
      return change(
        ["people"],
        [
          ACCOUNT.update(endedAccount(account, ends), before),
          ...(touchesFactors(account, before) ? [raiseFactors(sub)] : []),
          ...(session && !isSpread() ? [requireSession(session)] : []),
          { sql: "DELETE FROM login WHERE sub = ?", args: [sub] },
          ...insertLogins(sub, logins),
          ...endPerson(sub, ends),
          ...withDirectory(alongside),
          ...listPerson(sub, ends),
        ],
      );
    },

    async removeAccount(sub, now, alongside) {
      const ends = { now, grants: true, consents: true } as const;
      const of_person = { ...ends, sessions: true } as const;
      const apps = await ownedBy(sub, db);
      const remove = {
        sql: "DELETE FROM account WHERE sub = ?",
        args: [sub],
        must_change: true,
      };
      return change(
        ["clients", "people"],
        [
          remove,
          ...removalOfFactors(sub),
          { sql: "DELETE FROM login WHERE sub = ?", args: [sub] },
          ...endPerson(sub, of_person),
          ...endClients(apps, ends),
          {
            sql: "DELETE FROM client_logo WHERE client_id IN (SELECT client_id FROM client WHERE owner_sub = ?)",
            args: [sub],
          },
          { sql: "DELETE FROM client WHERE owner_sub = ?", args: [sub] },
          ...withDirectory(alongside),
          ...listPerson(sub, of_person),
          ...listNames(apps.map(({ client_id }) => clientName(client_id))),
        ],
      );
    },
  };
}

async function ownedBy(sub: string, db: SqlDriver): Promise<EndedClient[]> {
  const sql = `SELECT client_id, created_at FROM client WHERE owner_sub = ? AND client_id > ?
    ORDER BY client_id LIMIT ?`;
  const owned: EndedClient[] = [];
  for (let full = true; full; ) {
    const rows = await db.read(sql, [sub, owned.at(-1)?.client_id ?? "", BATCH]);
    for (const { client_id, created_at } of rows)
      owned.push({ client_id: String(client_id), created_at: Number(created_at) });
    full = rows.length === BATCH;
  }
  return owned;
}

/** Only for an account that exists: a refused insert must not leave its logins behind. */
const insertLogins = (sub: string, logins: readonly string[]): Statement[] =>
  [...new Set(logins)].map((login) => ({
    sql: "INSERT INTO login (login, sub) SELECT CAST(? AS TEXT), sub FROM account WHERE sub = ?",
    args: [login, sub],
  }));

type SessionKey = Pick<SessionRecord, "session_id" | "secret_hash">;

/** Changes nothing, and holds the row until the transaction ends. */
const requireSession = ({ session_id, secret_hash }: SessionKey): Statement => ({
  sql: `UPDATE session SET secret_hash = secret_hash
        WHERE session_id = ? AND place = ? AND secret_hash = ?`,
  args: [session_id, placeIn(session_id), secret_hash],
  must_change: true,
});
