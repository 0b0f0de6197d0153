/** Transfers of a whole database: a copy to another database, a restored backup, a backup of PostgreSQL. */
import { closeSync, linkSync, openSync, rmSync, statSync } from "node:fs";
import { parseDatabase, shownDatabase } from "../database_address.ts";
import { isDistributed } from "../postgres/distribute.ts";
import { postgresDriver } from "../postgres/driver.ts";
import { unwatched, type Watch } from "../progress.ts";
import { DatabaseError, type SqlDriver, type Statement } from "../sql/driver.ts";
import { COPY_MARK, migrate, schemaVersion } from "../sql/schema.ts";
import { backupTaken, cannotBackUp } from "../sqlite/backup.ts";
import { sqliteDriver } from "../sqlite/driver.ts";
import { type CopiedTable, copyRows } from "./copy_rows.ts";
import { openSnapshot } from "./snapshot.ts";

interface Transfer {
  from: string;
  to: string;
}
interface Filling {
  watch: Watch;
  skipped?: readonly string[];
  /** Run in the transaction in which the target becomes a database of its own. */
  last?: readonly Statement[];
}

/**
 * Copies everything into an empty database. After an interruption it can be called again.
 * @throws DatabaseError when the target is in use, or the source can't be read
 */
export const copyDatabase = async (
  transfer: Transfer,
  watch: Watch = unwatched,
): Promise<CopiedTable[]> => (await fill(transfer, { watch })).copied;

/**
 * Restores a backup into an empty database. A new epoch begins: earlier codes, refresh tokens and sealed values are
 * refused, since some of them may have been revoked after the backup. Sessions are not restored.
 * @param keep_grants grants stay valid, those that were revoked after the backup included
 */
export async function restoreDatabase(
  transfer: Transfer,
  { keep_grants, now, watch = unwatched }: { keep_grants: boolean; now: number; watch?: Watch },
): Promise<CopiedTable[]> {
  // The epoch is the time in seconds, not the next number: the same backup, restored twice, must get two different
  // epochs.
  const epoch: Statement = {
    sql: `UPDATE server_state SET value = CASE WHEN name = 'epoch' AND value < ? THEN ? ELSE value + 1 END
          WHERE name NOT LIKE 'secret %' AND name NOT LIKE 'access_token_life %'`,
    args: [now, now],
  };
  const filling = { watch, skipped: ["session"], last: keep_grants ? [] : [epoch] };
  return (await fill(transfer, filling)).copied;
}

export interface Backup {
  bytes: number;
  /** False: the database is distributed, and its nodes were read at different moments. */
  at_one_moment: boolean;
}

/** Writes a PostgreSQL database to a SQLite file, which appears when it is complete. */
export async function backupPostgres(
  from: string,
  file: string,
  watch: Watch = unwatched,
): Promise<Backup> {
  if (statSync(file, { throwIfNoEntry: false })) throw backupTaken(file);
  const unfinished = `${file}.${process.pid}.unfinished`;
  try {
    try {
      closeSync(openSync(unfinished, "wx", 0o600));
    } catch (cause) {
      throw cannotBackUp(file, cause);
    }
    const { is_distributed } = await fill({ from, to: `sqlite:${unfinished}` }, { watch });
    linkSync(unfinished, file);
    return { bytes: statSync(file).size, at_one_moment: !is_distributed };
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST")
      throw backupTaken(file);
    throw cause;
  } finally {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(unfinished + suffix, { force: true });
  }
}

async function fill(
  { from, to }: Transfer,
  { watch, skipped = [], last = [] }: Filling,
): Promise<{ copied: CopiedTable[]; is_distributed: boolean }> {
  const source = await openSnapshot(from);
  try {
    const target = openTarget(to);
    try {
      await mark(target, { from, to });
      const copied = await copyRows(source, target, { skipped, watch });
      await target.writeAll([...last, { sql: `DROP TABLE ${COPY_MARK}`, args: [] }]);
      return { copied, is_distributed: await isDistributed(source) };
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

function openTarget(database: string): SqlDriver {
  const address = parseDatabase(database);
  if (address.kind === "postgres") return postgresDriver(address.url);
  if (address.path === ":memory:")
    throw new DatabaseError("a database in memory ends with this command", "name a file");
  return sqliteDriver(address.path);
}

/**
 * While the mark exists, no server starts on this database. Rows are written only to a database that is empty or has
 * the mark.
 */
async function mark(target: SqlDriver, { from, to }: Transfer): Promise<void> {
  const source = shownDatabase(from);
  if ((await target.read(target.dialect.tableExists, [COPY_MARK])).length > 0) {
    const [row] = await target.read(`SELECT source FROM ${COPY_MARK} WHERE id = 1`, []);
    if (row?.source === source) return;
    throw new DatabaseError(
      `a copy of ${row?.source} into ${shownDatabase(to)} is not finished`,
      "finish that copy, or name an empty database",
    );
  }
  if ((await schemaVersion(target)) > 0) await assertEmpty(target, to);
  await migrate(target);
  await target.writeAll([
    { sql: `CREATE TABLE ${COPY_MARK} (id BIGINT PRIMARY KEY, source TEXT NOT NULL)`, args: [] },
    { sql: `INSERT INTO ${COPY_MARK} (id, source) VALUES (1, ?)`, args: [source] },
  ]);
}

async function assertEmpty(target: SqlDriver, to: string): Promise<void> {
  for (const table of ["account", "client", "signing_key", "authorization_grant"])
    if ((await target.read(`SELECT 1 AS found FROM ${table} LIMIT 1`, [])).length > 0)
      throw new DatabaseError(
        `${shownDatabase(to)} is in use already`,
        "name an empty one; an old one has to be moved away first",
      );
}
