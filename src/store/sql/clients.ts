/** Clients, in SQL. */
import { clientName } from "../../oauth/ended.ts";
import { awaitsLogo } from "../awaits_logo.ts";
import type { ClientRecord, LogoRecord } from "../records.ts";
import type { Alongside, DirectoryStore, Ends } from "../store.ts";
import { withDirectory } from "./alongside.ts";
import type { Directory } from "./directory_writes.ts";
import type { SqlDriver, Statement, Value } from "./driver.ts";
import { endedClient, endsOf } from "./endings.ts";
import { spendToken } from "./initial_access_tokens.ts";
import { pageAfter } from "./page.ts";
import { sqlRecord } from "./record.ts";

const CLIENT = sqlRecord<ClientRecord>({
  table: "client",
  key: ["client_id"],
  columns: {
    client_id: "text",
    metadata: "json",
    secrets: "json",
    created_by: "text",
    owner_sub: "text",
    trusted: "flag",
    require_pkce: "flag",
    set_by_operator: "json",
    resource: "text",
    created_at: "integer",
    disabled_at: "integer",
    ends_before: "integer",
    logo: "text",
    sector: "text",
    registration_hash: "text",
  },
});

const LOGO = sqlRecord<LogoRecord>({
  table: "client_logo",
  key: ["client_id"],
  columns: {
    client_id: "text",
    hash: "text",
    media_type: "text",
    picture: "text",
    fetched_at: "integer",
  },
});
const REPLACE_LOGO = ` ON CONFLICT (client_id) DO UPDATE SET hash = excluded.hash,
  media_type = excluded.media_type, picture = excluded.picture, fetched_at = excluded.fetched_at`;

const BEGAN = "SELECT created_at FROM client WHERE client_id = ?";

const removeLogo = (client_id: string): Statement => ({
  sql: "DELETE FROM client_logo WHERE client_id = ?",
  args: [client_id],
});

/** As the sweep does it (sweep_clients.ts): nobody agreed to the client, so that no event is worth keeping. */
const removeUnused = (client_id: string): Statement[] => [
  {
    sql: "DELETE FROM client WHERE client_id = ? AND expires_at IS NOT NULL AND kept_at IS NULL",
    args: [client_id],
    must_change: true,
  },
  removeLogo(client_id),
  { sql: "DELETE FROM directory_event WHERE client_id = ?", args: [client_id] },
];

/** A job with the id of a waiting one replaces it. */
const replacingJobs = (alongside: Alongside): Statement[] => [
  ...(alongside.jobs ?? []).map(({ job_id }) => ({
    sql: "DELETE FROM directory_job WHERE job_id = ?",
    args: [job_id],
  })),
  ...withDirectory(alongside),
];

/**
 * The end is no member of the record: uses move it, and a change of the client must neither fail by such a move nor
 * undo it.
 */
const endAt = (client_id: string, expires_at: number): Statement => ({
  sql: "UPDATE client SET expires_at = ? WHERE client_id = ?",
  args: [expires_at, client_id],
});

/** The statements beside the change of a client. */
function besides(
  { client_id, created_at, logo }: ClientRecord,
  { ends, ...alongside }: { ends?: Ends | undefined } & Alongside,
  { endClients, forgetConsents, listNames }: Directory,
): Statement[] {
  const ended = { client_id, created_at };
  return [
    ...(logo === null ? [removeLogo(client_id)] : []),
    ...(ends?.consents ? forgetConsents(client_id) : []),
    ...(ends?.grants || ends?.consents ? endClients([ended], ends) : []),
    ...replacingJobs(alongside),
    ...(ends?.grants || ends?.access_tokens ? listNames([clientName(client_id)]) : []),
  ];
}

type Clients =
  | ("findClient" | "listClients" | "createClient" | "keepClient" | "updateClient" | "removeClient")
  | ("findLogo" | "storeLogo");

export function sqlClients(db: SqlDriver, directory: Directory): Pick<DirectoryStore, Clients> {
  const { change, endClients, forgetConsents, listNames } = directory;
  return {
    async findClient(client_id) {
      const [row] = await db.readValues(`${CLIENT.select} WHERE client_id = ?`, [client_id]);
      return row ? CLIENT.parse(row) : null;
    },

    async listClients(page) {
      const { where, args, tail } = pageAfter(page, { created_at: "ASC", client_id: "ASC" });
      const [only, value] = filterOf(page);
      const sql = `${CLIENT.select} WHERE ${only}${where} ${tail}`;
      return (await db.readValues(sql, [value, ...args])).map(CLIENT.parse);
    },

    createClient(client, { owner_stands = false, expires_at, spends, ...alongside } = {}) {
      const once = " ON CONFLICT (client_id) DO NOTHING";
      const insert = owner_stands
        ? {
            sql: `${CLIENT.insert_select}
              WHERE EXISTS (SELECT 1 FROM account WHERE sub = ? AND disabled_at IS NULL)${once}`,
            args: [...CLIENT.values(client), client.owner_sub],
          }
        : CLIENT.insert(client, once);
      return change(
        // With an owner, the version keeps the removal of the account away until this has committed. A new client needs
        // no other: no cache holds its absence, and one registration must not empty every node's cache.
        owner_stands ? ["clients"] : [],
        [
          { ...insert, must_change: true },
          ...(spends ? [spendToken(spends)] : []),
          ...(expires_at === undefined ? [] : [endAt(client.client_id, expires_at)]),
          // A removed client may have had this id, and its job may still wait.
          ...forgetConsents(client.client_id),
          ...withDirectory(alongside),
        ],
      );
    },

    async keepClient(client_id, { now, until }) {
      // The end is in no record, so no version rises.
      const sql =
        "UPDATE client SET expires_at = ?, kept_at = ? WHERE client_id = ? AND expires_at < ?";
      await db.write(sql, [until, now, client_id, until]);
    },

    updateClient(client, { before, ends: given, ...alongside } = {}) {
      const ends = endsOf(client, before, given);
      const update = CLIENT.update(endedClient(client, ends), before);
      const others = besides(client, { ends, ...alongside }, directory);
      return change(["clients"], [update, ...others]);
    },

    async removeClient(client_id, now, { forget_unused = false, ...alongside } = {}) {
      if (forget_unused && (await change(["clients"], removeUnused(client_id)))) return true;
      const [client] = await db.read(BEGAN, [client_id]);
      if (!client) return false;
      const ended = { client_id, created_at: Number(client.created_at) };
      const endings = endClients([ended], { now, grants: true, consents: true });
      const sql = "DELETE FROM client WHERE client_id = ?";
      const remove = { sql, args: [client_id], must_change: true };
      const others = [
        ...endings,
        ...withDirectory(alongside),
        ...listNames([clientName(client_id)]),
      ];
      return change(["clients"], [remove, removeLogo(client_id), ...others]);
    },
    ...sqlLogos(db, change),
  };
}

const sqlLogos = (
  db: SqlDriver,
  change: Directory["change"],
): Pick<DirectoryStore, "findLogo" | "storeLogo"> => ({
  async findLogo(client_id) {
    const [row] = await db.readValues(`${LOGO.select} WHERE client_id = ?`, [client_id]);
    return row ? LOGO.parse(row) : null;
  },

  storeLogo(client, logo) {
    const update = CLIENT.update({ ...client, logo: logo.hash }, client);
    const kinds = awaitsLogo(client) ? [] : (["clients"] as const);
    return change(kinds, [update, LOGO.insert(logo, REPLACE_LOGO)]);
  },
});

/** One condition at most, on the first column of an index. */
function filterOf(page: Parameters<DirectoryStore["listClients"]>[0]): [string, Value] {
  if ("created_by" in page) return ["created_by = ?", page.created_by];
  return page.owner_sub === undefined ? ["created_at >= ?", 0] : ["owner_sub = ?", page.owner_sub];
}
