/** Clients, accounts and signing keys, in SQL. Each write raises the version that caches watch. */
import type { SigningKeyRecord } from "../../crypto/signing_key.ts";
import type { AccountRecord, ClientRecord } from "../records.ts";
import type { DirectoryStore } from "../store.ts";
import {
  AlreadyThere,
  NothingChanged,
  type Outcome,
  type SqlDriver,
  type Statement,
} from "./driver.ts";
import { sqlRecord } from "./record.ts";

const CLIENT = sqlRecord<ClientRecord>("client", "client_id", {
  client_id: "text",
  metadata: "json",
  secrets: "json",
  created_by: "text",
  owner_sub: "text",
  trusted: "flag",
  require_pkce: "flag",
  resource: "text",
  created_at: "integer",
  disabled_at: "integer",
});

const ACCOUNT = sqlRecord<AccountRecord>("account", "sub", {
  sub: "text",
  username: "text",
  login_email: "text",
  claims: "json",
  password_hash: "text",
  is_admin: "flag",
  created_at: "integer",
  disabled_at: "integer",
});

const SIGNING_KEY = sqlRecord<SigningKeyRecord>("signing_key", "kid", {
  kid: "text",
  alg: "text",
  public_jwk: "text",
  sealed_private_jwk: "text",
  created_at: "integer",
  signs_at: "integer",
  retired_at: "integer",
});

const NEW_VERSION: Statement = {
  sql: "UPDATE server_state SET version = version + 1 WHERE id = 1",
  args: [],
};

export function sqlDirectory(db: SqlDriver): DirectoryStore {
  /** Outcomes of `statements`. The version rises first: that row then keeps every other change waiting. */
  const change = async (...statements: Statement[]): Promise<Outcome[]> =>
    (await db.writeAll([NEW_VERSION, ...statements])).slice(1);
  return {
    async readState() {
      const [row] = await db.read("SELECT epoch, version FROM server_state WHERE id = 1", []);
      return { epoch: Number(row?.epoch), version: Number(row?.version) };
    },
    ...clients(db, change),
    ...accounts(db, change),
    ...signingKeys(db, change),
  };
}

type Change = (...statements: Statement[]) => Promise<Outcome[]>;

function clients(
  db: SqlDriver,
  change: Change,
): Pick<
  DirectoryStore,
  "findClient" | "listClients" | "createClient" | "updateClient" | "removeClient"
> {
  return {
    async findClient(client_id) {
      const [row] = await db.read(`${CLIENT.select} WHERE client_id = ?`, [client_id]);
      return row ? CLIENT.parse(row) : null;
    },

    async listClients(owner_sub) {
      const rows = await (owner_sub === undefined
        ? db.read(`${CLIENT.select} ORDER BY created_at, client_id`, [])
        : db.read(`${CLIENT.select} WHERE owner_sub = ? ORDER BY created_at, client_id`, [
            owner_sub,
          ]));
      return rows.map(CLIENT.parse);
    },

    async createClient(client) {
      const [created] = await change(CLIENT.insert(client, " ON CONFLICT (client_id) DO NOTHING"));
      return created?.changed === 1;
    },

    async updateClient(client, before) {
      return changedUnlessRefused(change(CLIENT.update(client, before)));
    },

    async removeClient(client_id, now) {
      const [removed] = await change(
        { sql: "DELETE FROM client WHERE client_id = ?", args: [client_id] },
        { sql: "DELETE FROM consent WHERE client_id = ?", args: [client_id] },
        {
          sql: "UPDATE authorization_grant SET revoked_at = ? WHERE client_id = ? AND revoked_at IS NULL",
          args: [now, client_id],
        },
      );
      return removed?.changed === 1;
    },
  };
}

function accounts(
  db: SqlDriver,
  change: Change,
): Pick<
  DirectoryStore,
  | "findAccount"
  | "findAccountByLogin"
  | "listAccounts"
  | "hasAccounts"
  | "createAccount"
  | "updateAccount"
  | "removeAccount"
> {
  return {
    async findAccount(sub) {
      const [row] = await db.read(`${ACCOUNT.select} WHERE sub = ?`, [sub]);
      return row ? ACCOUNT.parse(row) : null;
    },

    async findAccountByLogin(login) {
      const sql = `SELECT ${ACCOUNT.columns.map((name) => `a.${name}`).join(", ")}
        FROM login l JOIN account a ON a.sub = l.sub WHERE l.login = ?`;
      const [row] = await db.read(sql, [login]);
      return row ? ACCOUNT.parse(row) : null;
    },

    async listAccounts() {
      const rows = await db.read(`${ACCOUNT.select} ORDER BY created_at, sub`, []);
      return rows.map(ACCOUNT.parse);
    },

    async hasAccounts() {
      return (await db.read("SELECT 1 AS found FROM account LIMIT 1", [])).length > 0;
    },

    async createAccount(account, logins, only_as_first = false) {
      const create = only_as_first
        ? {
            sql: `${ACCOUNT.insert_select} WHERE NOT EXISTS (SELECT 1 FROM account)`,
            args: ACCOUNT.values(account),
          }
        : ACCOUNT.insert(account);
      return changedUnlessRefused(change(create, ...insertLogins(account.sub, logins)));
    },

    async updateAccount(account, logins, before) {
      const update = ACCOUNT.update(account, before);
      const clear = { sql: "DELETE FROM login WHERE sub = ?", args: [account.sub] };
      return changedUnlessRefused(change(update, clear, ...insertLogins(account.sub, logins)));
    },

    async removeAccount(sub, now) {
      // An app of theirs ends for everybody who uses it.
      const apps = "SELECT client_id FROM client WHERE owner_sub = ?";
      const revoke = "UPDATE authorization_grant SET revoked_at = ? WHERE revoked_at IS NULL AND";
      const [removed] = await change(
        { sql: "DELETE FROM account WHERE sub = ?", args: [sub] },
        { sql: "DELETE FROM login WHERE sub = ?", args: [sub] },
        { sql: "DELETE FROM session WHERE sub = ?", args: [sub] },
        // Two statements each, and no OR: so that each has its index.
        { sql: "DELETE FROM consent WHERE sub = ?", args: [sub] },
        { sql: `DELETE FROM consent WHERE client_id IN (${apps})`, args: [sub] },
        { sql: `${revoke} sub = ?`, args: [now, sub] },
        { sql: `${revoke} client_id IN (${apps})`, args: [now, sub] },
        { sql: "DELETE FROM client WHERE owner_sub = ?", args: [sub] },
      );
      return removed?.changed === 1;
    },
  };
}

/** Only for an account that stands: a refused insert must not leave its logins behind. */
const insertLogins = (sub: string, logins: readonly string[]): Statement[] =>
  [...new Set(logins)].map((login) => ({
    sql: "INSERT INTO login (login, sub) SELECT CAST(? AS TEXT), sub FROM account WHERE sub = ?",
    args: [login, sub],
  }));

async function changedUnlessRefused(written: Promise<Outcome[]>): Promise<boolean> {
  try {
    const [first] = await written;
    return first?.changed === 1;
  } catch (error) {
    if (error instanceof NothingChanged || error instanceof AlreadyThere) return false;
    throw error;
  }
}

function signingKeys(
  db: SqlDriver,
  change: Change,
): Pick<DirectoryStore, "listSigningKeys" | "addSigningKey" | "retireSigningKey"> {
  return {
    async listSigningKeys() {
      const sql = `${SIGNING_KEY.select} ORDER BY signs_at DESC, kid`;
      return (await db.read(sql, [])).map(SIGNING_KEY.parse);
    },

    async addSigningKey(key, unless_after) {
      const sql = `${SIGNING_KEY.insert_select}
        WHERE NOT EXISTS (SELECT 1 FROM signing_key WHERE alg = ? AND signs_at > ? AND retired_at IS NULL)`;
      const args = [...SIGNING_KEY.values(key), key.alg, unless_after];
      const [added] = await change({ sql, args });
      return added?.changed === 1;
    },

    async retireSigningKey(kid, now) {
      const [retired] = await change({
        sql: "UPDATE signing_key SET retired_at = ? WHERE kid = ? AND retired_at IS NULL",
        args: [now, kid],
      });
      return retired?.changed === 1;
    },
  };
}
