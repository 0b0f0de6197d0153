/** The schema, as numbered migrations. Each is applied once, in order, and is never changed afterwards. */
import { DatabaseError, type Dialect, type SqlDriver, type Statement } from "./driver.ts";

type Migration = (dialect: Dialect) => string[];

/** No index contains a column that hot operations change, so that such updates stay in their page. */
const MIGRATIONS: readonly Migration[] = [
  (dialect) => [...directory(dialect), ...people(dialect), ...others(dialect)],
];

/** Small and rarely written: clients, accounts, keys, and the events and jobs about them. */
const directory: Migration = (dialect) => [...records(dialect), ...factors(dialect)];

const records: Migration = ({ integer: int, table_options: options }) => [
  `CREATE TABLE server_state (name TEXT PRIMARY KEY, value ${int} NOT NULL)${options}`,
  ...["epoch", "clients", "people", "keys"].map(
    (name) => `INSERT INTO server_state (name, value) VALUES ('${name}', 1)`,
  ),

  `CREATE TABLE client (
    client_id TEXT PRIMARY KEY, metadata TEXT NOT NULL, secrets TEXT NOT NULL, created_by TEXT NOT NULL,
    owner_sub TEXT, trusted ${int} NOT NULL, require_pkce ${int} NOT NULL,
    set_by_operator TEXT NOT NULL, resource TEXT,
    created_at ${int} NOT NULL, disabled_at ${int}, ends_before ${int}, logo TEXT, sector TEXT,
    registration_hash TEXT, expires_at ${int}, kept_at ${int})${options}`,
  `CREATE TABLE client_logo (
    client_id TEXT PRIMARY KEY, hash TEXT NOT NULL, media_type TEXT NOT NULL, picture TEXT NOT NULL,
    fetched_at ${int} NOT NULL)${options}`,
  "CREATE INDEX client_by_owner ON client (owner_sub, created_at, client_id)",
  "CREATE INDEX client_by_origin ON client (created_by, created_at, client_id)",
  "CREATE INDEX client_by_age ON client (created_at, client_id)",
  "CREATE INDEX client_by_end ON client (expires_at, client_id)",
  `CREATE TABLE initial_access_token (
    token_id TEXT PRIMARY KEY, hash TEXT NOT NULL, note TEXT, uses_left ${int} NOT NULL,
    created_at ${int} NOT NULL, expires_at ${int} NOT NULL)${options}`,
  "CREATE INDEX initial_access_token_by_age ON initial_access_token (created_at, token_id)",
  "CREATE INDEX initial_access_token_by_end ON initial_access_token (expires_at)",

  `CREATE TABLE account (
    sub TEXT PRIMARY KEY, username TEXT NOT NULL, login_email TEXT, claims TEXT NOT NULL,
    password_hash TEXT, is_admin ${int} NOT NULL, created_at ${int} NOT NULL, disabled_at ${int},
    ends_before ${int}, sessions_end_before ${int})${options}`,
  "CREATE INDEX account_by_age ON account (created_at, sub)",
  `CREATE TABLE login (login TEXT PRIMARY KEY, sub TEXT NOT NULL)${options}`,
  "CREATE INDEX login_by_sub ON login (sub)",

  `CREATE TABLE signing_key (
    kid TEXT PRIMARY KEY, alg TEXT NOT NULL, public_jwk TEXT NOT NULL, sealed_private_jwk TEXT NOT NULL,
    created_at ${int} NOT NULL, signs_at ${int} NOT NULL, retired_at ${int})${options}`,

  `CREATE TABLE subject_salt (id ${int} PRIMARY KEY, sealed TEXT NOT NULL)${options}`,

  `CREATE TABLE directory_event (${eventColumns(int)}, PRIMARY KEY (audit_id))${options}`,
  ...eventIndexes("directory_event"),
  `CREATE TABLE directory_job (${jobColumns(int)}, PRIMARY KEY (job_id))${options}`,
  ...jobIndexes("directory_job"),
  `CREATE TABLE directory_end (
    ended_at ${int} NOT NULL, name TEXT NOT NULL, PRIMARY KEY (ended_at, name))${options}`,
];

/** The factors of people, who may be kept elsewhere. */
const factors: Migration = ({ integer: int, table_options: options, hot_table_options: hot }) => [
  `CREATE TABLE factor_state (sub TEXT PRIMARY KEY, version ${int} NOT NULL, user_handle TEXT)${hot}`,
  `CREATE TABLE passkey (
    credential_id TEXT PRIMARY KEY, sub TEXT NOT NULL, public_key TEXT NOT NULL, alg ${int} NOT NULL,
    sign_count ${int} NOT NULL, backup_eligible ${int} NOT NULL, backed_up ${int} NOT NULL,
    transports TEXT NOT NULL, aaguid TEXT NOT NULL, rp_id TEXT NOT NULL, name TEXT NOT NULL,
    created_at ${int} NOT NULL, used_at ${int})${hot}`,
  "CREATE INDEX passkey_by_sub ON passkey (sub)",
  `CREATE TABLE totp (
    totp_id TEXT PRIMARY KEY, sub TEXT NOT NULL, sealed_secret TEXT NOT NULL, secret_id TEXT NOT NULL,
    name TEXT NOT NULL, last_step ${int} NOT NULL, created_at ${int} NOT NULL, used_at ${int})${hot}`,
  "CREATE INDEX totp_by_sub ON totp (sub)",
  "CREATE INDEX totp_by_secret ON totp (secret_id, totp_id)",
  `CREATE TABLE recovery_code (
    sub TEXT NOT NULL, slot ${int} NOT NULL, hash TEXT NOT NULL, created_at ${int} NOT NULL,
    PRIMARY KEY (sub, slot))${options}`,
];

/**
 * All rows of one person are at one place. The place is last in the keys: ids grow with time, so that new rows go to
 * the end of a table.
 */
const people: Migration = ({ integer: int, table_options: options, hot_table_options: hot }) => [
  `CREATE TABLE session (
    session_id TEXT NOT NULL, place ${int} NOT NULL, secret_hash TEXT NOT NULL, sub TEXT NOT NULL,
    proofs TEXT NOT NULL, proved_at ${int} NOT NULL, signed_in_for TEXT, user_agent TEXT NOT NULL,
    network TEXT NOT NULL, created_at ${int} NOT NULL, seen_at ${int} NOT NULL, expires_at ${int} NOT NULL,
    PRIMARY KEY (session_id, place))${hot}`,
  "CREATE INDEX session_by_sub ON session (sub)",
  "CREATE INDEX session_by_end ON session (expires_at)",

  `CREATE TABLE client_session (
    session_id TEXT NOT NULL, client_id TEXT NOT NULL, place ${int} NOT NULL, sub TEXT NOT NULL,
    sent_sub TEXT NOT NULL, sent_sid TEXT NOT NULL, check_at ${int} NOT NULL,
    PRIMARY KEY (session_id, client_id, place))${options}`,
  "CREATE INDEX client_session_by_sub ON client_session (sub)",
  "CREATE INDEX client_session_by_check ON client_session (check_at)",

  `CREATE TABLE consent (
    sub TEXT NOT NULL, client_id TEXT NOT NULL, place ${int} NOT NULL, agreed TEXT NOT NULL,
    refused TEXT NOT NULL, waived TEXT NOT NULL, seen TEXT NOT NULL, version TEXT NOT NULL, since ${int} NOT NULL, used_at ${int} NOT NULL,
    PRIMARY KEY (sub, client_id, place))${hot}`,
  "CREATE INDEX consent_by_client ON consent (client_id)",

  `CREATE TABLE authorization_grant (
    grant_id TEXT NOT NULL, place ${int} NOT NULL, client_id TEXT NOT NULL, sub TEXT NOT NULL,
    session_id TEXT, salt TEXT NOT NULL, secret_id TEXT NOT NULL, replaced_key TEXT NOT NULL,
    generation ${int} NOT NULL, advanced_at ${int} NOT NULL,
    used_at ${int} NOT NULL, access_epoch ${int} NOT NULL, code_expires_at ${int} NOT NULL,
    created_at ${int} NOT NULL, expires_at ${int} NOT NULL, revoked_at ${int}, check_at ${int} NOT NULL,
    fixed TEXT NOT NULL, PRIMARY KEY (grant_id, place))${hot}`,
  "CREATE INDEX grant_by_person ON authorization_grant (sub, client_id)",
  "CREATE INDEX grant_by_check ON authorization_grant (check_at, grant_id)",

  `CREATE TABLE person_event (${eventColumns(int)}, place ${int} NOT NULL, PRIMARY KEY (audit_id, place))${options}`,
  ...eventIndexes("person_event"),

  `CREATE TABLE person_job (${jobColumns(int)}, place ${int} NOT NULL, PRIMARY KEY (job_id, place))${options}`,
  ...jobIndexes("person_job"),

  // Rows are read and removed by their time.
  `CREATE TABLE person_end (
    ended_at ${int} NOT NULL, name TEXT NOT NULL, place ${int} NOT NULL,
    PRIMARY KEY (ended_at, name, place))${options}`,
];

/** Rows whose own key determines their place: requests that wait for an answer, used ids, counters. */
const others: Migration = ({ integer: int, hot_table_options: hot }) => [
  `CREATE TABLE stored_transaction (
    id TEXT NOT NULL, place ${int} NOT NULL, kind TEXT NOT NULL, client_id TEXT NOT NULL, sub TEXT, sealed TEXT NOT NULL,
    state TEXT NOT NULL, next_poll_at ${int} NOT NULL, poll_interval ${int} NOT NULL, expires_at ${int} NOT NULL,
    PRIMARY KEY (id, place))${hot}`,
  "CREATE INDEX stored_transaction_by_end ON stored_transaction (expires_at)",

  `CREATE TABLE claimed_id (
    id TEXT NOT NULL, place ${int} NOT NULL, expires_at ${int} NOT NULL, PRIMARY KEY (id, place))${hot}`,
  "CREATE INDEX claimed_id_by_end ON claimed_id (expires_at)",

  `CREATE TABLE sign_in_counter (
    slot ${int} NOT NULL, place ${int} NOT NULL, failures ${int} NOT NULL, wait ${int} NOT NULL,
    wait_until ${int} NOT NULL, expires_at ${int} NOT NULL, PRIMARY KEY (slot, place))${hot}`,
  "CREATE INDEX sign_in_counter_by_end ON sign_in_counter (expires_at)",
];

const eventColumns = (int: string): string =>
  `audit_id TEXT NOT NULL, at ${int} NOT NULL, event TEXT NOT NULL, actor TEXT NOT NULL, actor_id TEXT,
    via TEXT NOT NULL, sub TEXT, client_id TEXT, event_id TEXT, address TEXT, before TEXT NOT NULL, after TEXT NOT NULL,
    details TEXT NOT NULL, expires_at ${int} NOT NULL`;

const eventIndexes = (table: string): string[] => [
  `CREATE INDEX ${table}_by_sub ON ${table} (sub, audit_id)`,
  `CREATE INDEX ${table}_by_client ON ${table} (client_id, audit_id)`,
  `CREATE INDEX ${table}_by_end ON ${table} (expires_at)`,
];

const jobColumns = (int: string): string =>
  `job_id TEXT NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL, due_at ${int} NOT NULL,
    leased_until ${int} NOT NULL, lease_no ${int} NOT NULL, attempts ${int} NOT NULL, error TEXT,
    expires_at ${int} NOT NULL`;

const jobIndexes = (table: string): string[] => [
  `CREATE INDEX ${table}_by_due ON ${table} (due_at, job_id)`,
  `CREATE INDEX ${table}_by_end ON ${table} (expires_at)`,
];

/** A table that exists while rows are copied into this database. */
export const COPY_MARK = "unfinished_copy";

/** The schema that this version of Valetkey works on. */
export const NEWEST_SCHEMA = MIGRATIONS.length;

/**
 * Applies the missing migrations, each in one transaction with the step of the version number.
 * @returns the number of applied migrations
 * @throws DatabaseError when a much newer version of Valetkey has changed the schema
 */
export async function migrate(db: SqlDriver): Promise<number> {
  const before = await schemaVersion(db);
  // While nodes are replaced one by one, nodes of the previous version go on, and may be restarted. So each migration
  // leaves alone everything that the previous version uses.
  if (before === NEWEST_SCHEMA + 1) return 0;
  if (before > NEWEST_SCHEMA)
    throw new DatabaseError(
      `the database has schema ${before}, this version of valetkey knows ${NEWEST_SCHEMA}`,
      "use the newer version that wrote it, or another database",
    );
  if (before > 0 && (await db.read(db.dialect.tableExists, [COPY_MARK])).length > 0)
    throw new DatabaseError(
      "the copy into this database is not finished",
      "run the same `valetkey copy` or `valetkey restore` again: it resumes",
    );
  for (let version = before; version < NEWEST_SCHEMA; version += 1) await apply(db, version);
  return NEWEST_SCHEMA - before;
}

/** The statements that `migrate` would run on a database at this version. */
export const pendingStatements = (version: number, dialect: Dialect): Statement[] =>
  MIGRATIONS.slice(version).flatMap((_, i) => statementsOf(version + i, dialect));

/** 0: there is no schema of ours yet. */
export async function schemaVersion(db: Pick<SqlDriver, "read" | "dialect">): Promise<number> {
  const [table] = await db.read(db.dialect.tableExists, ["schema_version"]);
  if (!table) return 0;
  const [row] = await db.read("SELECT version FROM schema_version WHERE id = 1", []);
  return Number(row?.version ?? 0);
}

async function apply(db: SqlDriver, version: number): Promise<void> {
  try {
    await db.writeAll(statementsOf(version, db.dialect));
  } catch (error) {
    // Another process that started at the same moment was faster, and has made this step.
    if ((await schemaVersion(db)) <= version) throw error;
  }
}

/** The step of the version number comes first and requires this version, so that each migration is applied once. */
function statementsOf(version: number, dialect: Dialect): Statement[] {
  const { integer: int, table_options: options, migration_start } = dialect;
  const step: Statement[] =
    version === 0
      ? [
          plain(
            `CREATE TABLE schema_version (id ${int} PRIMARY KEY, version ${int} NOT NULL)${options}`,
          ),
          plain("INSERT INTO schema_version (id, version) VALUES (1, 1)"),
        ]
      : [
          {
            sql: "UPDATE schema_version SET version = ? WHERE id = 1 AND version = ?",
            args: [version + 1, version],
            must_change: true,
          },
        ];
  return [
    ...migration_start.map(plain),
    ...step,
    ...(MIGRATIONS[version]?.(dialect) ?? []).map(plain),
  ];
}

const plain = (sql: string): Statement => ({ sql, args: [], patient: true });
