/**
 * The same schema on a distributed PostgreSQL. Rows of one person lie at one place, and all tables of places are
 * colocated: a transaction about one person commits on one node. The directory stays on the coordinator as plain tables.
 * Citus is the extension that is known.
 */
import { DatabaseError, type SqlDriver } from "../sql/driver.ts";
import { TABLES } from "../sql/tables.ts";
import { postgresDriver } from "./driver.ts";
import { POOL_LIMITS } from "./limits.ts";

/** Milliseconds: tables with rows in them are moved, which may take long. */
const PATIENCE = 6 * 3_600_000;

interface Distribution {
  table: string;
  /** The second statement removes what the first one has copied to the nodes. */
  sql: readonly string[];
}

const SPREAD = TABLES.filter(({ distributed_by }) => distributed_by !== null);

export const CITUS: readonly Distribution[] = SPREAD.map(({ name, distributed_by: by }) => {
  // The first table of a column makes a group, and the others join it.
  const first = SPREAD.find(({ distributed_by }) => distributed_by === by)?.name;
  const group = first === name ? "none" : first;
  return {
    table: name,
    sql: [
      `SELECT create_distributed_table('${name}', '${by}', colocate_with => '${group}')`,
      `SELECT truncate_local_data_after_distributing_table('${name}')`,
    ],
  };
});

/**
 * Distributes what is not distributed yet. Nodes have to be restarted afterwards.
 * @returns the names of those tables
 * @throws DatabaseError when Citus is not there
 */
export async function distributeOverCitus(url: string): Promise<string[]> {
  const driver = postgresDriver(url, {
    ...POOL_LIMITS,
    connections: 1,
    statement_timeout: PATIENCE,
  });
  try {
    const missing = await undistributed(driver);
    if (missing === null)
      throw new DatabaseError(
        "the extension citus is not in this database",
        "CREATE EXTENSION citus, on a PostgreSQL that brings it",
      );
    for (const { sql } of missing) for (const each of sql) await driver.write(each, []);
    return missing.map(({ table }) => table);
  } finally {
    await driver.close();
  }
}

/** What is still to be distributed; null: the extension is not there. */
export async function undistributed(
  db: Pick<SqlDriver, "read" | "dialect">,
): Promise<readonly Distribution[] | null> {
  if (!(await isDistributed(db))) return null;
  const rows = await db.read("SELECT logicalrelid::text AS name FROM pg_dist_partition", []);
  const there = new Set(rows.map(({ name }) => name));
  return CITUS.filter(({ table }) => !there.has(table));
}

/** Whether a transaction must keep to one person's place. */
export async function isDistributed(db: Pick<SqlDriver, "read" | "dialect">): Promise<boolean> {
  const { spread } = db.dialect;
  return spread !== null && (await db.read(spread, [])).length > 0;
}
