/** Collects facts from the database and its files. It only reads, and does not migrate. */
import { statSync } from "node:fs";
import { secretIdOf } from "../../crypto/seal.ts";
import type { ServerSecrets } from "../../crypto/server_secret.ts";
import { openSigningKey, type SigningKeyRecord, sealedUnder } from "../../crypto/signing_key.ts";
import { BACKCHANNEL_LOGOUT } from "../../sessions/client_sessions.ts";
import {
  existingSecrets,
  keyFileOf,
  openExistingDriver,
  parseDatabase,
  shownDatabase,
} from "../../store/open_store.ts";
import type { SqlDriver } from "../../store/sql/driver.ts";
import { NEWEST_SCHEMA, schemaVersion } from "../../store/sql/schema.ts";
import { sqlStore } from "../../store/sql/store.ts";
import type { Store } from "../../store/store.ts";
import { explain } from "../errors.ts";
import type { Settings } from "../settings.ts";
import type { PasskeyCount } from "./check_passkeys.ts";
import type { KnownClient } from "./first_minutes.ts";

export interface DatabaseFacts {
  /** The address without a password. */
  shown: string;
  /** Milliseconds for one query. */
  round_trip_ms: number;
  schema: { version: number; newest: number };
  /** Milliseconds that its clock is ahead of this computer's; null: it has no clock of its own. */
  clock_offset_ms: number | null;
  /** Seconds since the epoch, by its clock. */
  now: number;
  files: readonly FileFacts[];
  postgres: PostgresFacts | null;
  keys: readonly KeyFacts[];
  /** Ids of the secrets that the oldest and the newest grants depend on. */
  used_secrets: readonly string[];
  /** Id of the secret that seals the salt of pairwise subjects; null: there is no salt yet. */
  salt_secret: string | null;
  /** A client that begins at the authorization endpoint; null: there is none. */
  client: KnownClient | null;
  /** Messages to apps about ended sessions that have failed and will be repeated. */
  logouts: LogoutFacts;
  /** By the domain that they are bound to. */
  passkeys: readonly PasskeyCount[];
}

export interface LogoutFacts {
  waiting: number;
  /** Of one of them; null: none waits. */
  error: string | null;
}

export interface FileFacts {
  kind: "database" | "log" | "key";
  path: string;
  bytes: number;
  /** Permissions as for `chmod`; null: this system has none. */
  mode: number | null;
}
export interface PostgresFacts {
  version: number;
  bytes: number;
  max_connections: number;
  connections: number;
}
export interface KeyFacts extends SigningKeyRecord {
  /** Id of the secret that seals it. */
  secret_id: string;
  /** Whether the given secret opens it; null: no secret was given. */
  opens: boolean | null;
}
/** The reason why there are no facts, and a hint. */
export interface Failure {
  failed: string;
  hint: string | null;
}

/** Queries, of whose times the median counts. */
const ROUNDS = 5;
/** Grants to read, the oldest and the newest: reading all would be a burden. */
const SOME = 1000;

export async function inspectDatabase(
  { full }: Settings,
  secrets: ServerSecrets | null,
): Promise<DatabaseFacts | Failure> {
  try {
    const db = await openExistingDriver(full.database);
    try {
      return await inspectOpened(db, full, secrets);
    } finally {
      await db.close();
    }
  } catch (error) {
    const { message, hint } = explain(error);
    return { failed: message, hint };
  }
}

/** The secret of the database, or the reason why there is none. */
export function secretsFor({ full, secrets }: Settings): ServerSecrets | Failure {
  try {
    return existingSecrets(full.database, secrets);
  } catch (error) {
    const { message, hint } = explain(error);
    return { failed: message, hint };
  }
}

async function inspectOpened(
  db: SqlDriver,
  { database, lifetimes }: Settings["full"],
  secrets: ServerSecrets | null,
): Promise<DatabaseFacts> {
  const address = parseDatabase(database);
  const version = await schemaVersion(db);
  const clock = await inspectClock(db);
  const store = sqlStore(db, lifetimes);
  const records = version > 0 ? await store.listSigningKeys() : [];
  const salt = version > 0 ? await store.findSubjectSalt() : null;
  return {
    shown: shownDatabase(database),
    schema: { version, newest: NEWEST_SCHEMA },
    ...clock,
    files: address.kind === "sqlite" ? filesOf(address.path) : [],
    postgres: address.kind === "postgres" ? await inspectPostgres(db) : null,
    keys: records.map((record) => keyFacts(record, secrets)),
    used_secrets: version > 0 ? await usedSecrets(db) : [],
    salt_secret: salt === null ? null : secretIdOf(salt),
    client: version === NEWEST_SCHEMA ? await findClient(store) : null,
    passkeys: version > 0 ? await passkeysIn(db) : [],
    logouts: version > 0 ? await logoutsOf(db) : { waiting: 0, error: null },
  };
}

/** One of the oldest clients of an operator. */
async function findClient(store: Pick<Store, "listClients">): Promise<KnownClient | null> {
  const clients = await store.listClients({ created_by: "operator", limit: 50 });
  for (const { client_id, disabled_at, metadata } of clients) {
    const [redirect_uri] = metadata.redirect_uris;
    const asks = metadata.grant_types.includes("authorization_code");
    if (disabled_at === null && asks && redirect_uri !== undefined)
      return { client_id, redirect_uri };
  }
  return null;
}

async function inspectClock(
  db: SqlDriver,
): Promise<Pick<DatabaseFacts, "round_trip_ms" | "clock_offset_ms" | "now">> {
  const taken: number[] = [];
  let offset: number | null = null;
  for (let round = 0; round < ROUNDS; round += 1) {
    const sent = performance.now();
    const [row] = await db.read(db.dialect.clock ?? "SELECT 1", []);
    taken.push(performance.now() - sent);
    if (db.dialect.clock !== null) offset = Math.round(Number(row?.ms) - Date.now());
  }
  taken.sort((a, b) => a - b);
  const now = Math.floor((Date.now() + (offset ?? 0)) / 1000);
  return { round_trip_ms: taken[ROUNDS >> 1] ?? 0, clock_offset_ms: offset, now };
}

async function inspectPostgres(db: SqlDriver): Promise<PostgresFacts> {
  const [row] = await db.read(
    `SELECT current_setting('server_version_num')::int AS version,
       pg_database_size(current_database())::bigint AS bytes,
       current_setting('max_connections')::int AS max_connections,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int AS connections`,
    [],
  );
  return {
    version: Number(row?.version) / 10_000,
    bytes: Number(row?.bytes),
    max_connections: Number(row?.max_connections),
    connections: Number(row?.connections),
  };
}

function filesOf(path: string): FileFacts[] {
  const named: [FileFacts["kind"], string][] = [
    ["database", path],
    ["log", `${path}-wal`],
    ["key", keyFileOf(path)],
  ];
  return named.flatMap(([kind, file]) => {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (!stats) return [];
    const mode = process.platform === "win32" ? null : stats.mode & 0o777;
    return [{ kind, path: file, bytes: stats.size, mode }];
  });
}

function keyFacts(record: SigningKeyRecord, secrets: ServerSecrets | null): KeyFacts {
  const secret_id = sealedUnder(record);
  return { ...record, secret_id, opens: secrets && openSigningKey(record, { secrets }) !== null };
}

async function passkeysIn(db: SqlDriver): Promise<PasskeyCount[]> {
  const sql = `SELECT rp_id, count(*) AS passkeys, count(DISTINCT sub) AS people FROM passkey GROUP BY rp_id`;
  return (await db.read(sql, [])).map(({ rp_id, passkeys, people }) => ({
    rp_id: String(rp_id),
    passkeys: Number(passkeys),
    people: Number(people),
  }));
}

async function logoutsOf(db: SqlDriver): Promise<LogoutFacts> {
  const [row] = await db.read(
    "SELECT count(*) AS waiting, max(error) AS error FROM person_job WHERE kind = ? AND error IS NOT NULL",
    [BACKCHANNEL_LOGOUT],
  );
  return { waiting: Number(row?.waiting), error: row?.error == null ? null : String(row.error) };
}

/** Reads both ends by primary key, which begins with the time, so that no scan is needed. */
async function usedSecrets(db: SqlDriver): Promise<string[]> {
  const ids = new Set<string>();
  for (const order of ["ASC", "DESC"]) {
    const rows = await db.read(
      `SELECT DISTINCT secret_id FROM (SELECT secret_id FROM authorization_grant
        ORDER BY grant_id ${order} LIMIT ${SOME}) AS some_grants`,
      [],
    );
    for (const { secret_id } of rows) ids.add(String(secret_id));
  }
  return [...ids];
}
