/**
 * The same schema on a distributed PostgreSQL: small tables are on every node, the others are spread by their key,
 * so that each hot statement goes to one node. Citus is the one that is known.
 */

import { DatabaseError, type SqlDriver } from "../sql/driver.ts";
import { TABLES } from "../sql/tables.ts";
import { postgresDriver } from "./driver.ts";
import { POOL_LIMITS } from "./limits.ts";

/** Milliseconds: tables with rows in them are moved, which may take long. */
const PATIENCE = 6 * 3_600_000;

interface Distribution {
  table: string;
  sql: string;
}

export const CITUS: readonly Distribution[] = [
  { table: "schema_version", sql: "SELECT create_reference_table('schema_version')" },
  ...TABLES.map(({ name, distributed_by: by }) => ({
    table: name,
    sql:
      by === null
        ? `SELECT create_reference_table('${name}')`
        : `SELECT create_distributed_table('${name}', '${by}', colocate_with => 'none')`,
  })),
];

/**
 * Distributes what is not distributed yet. Nodes have to be started anew afterwards.
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
    if (!(await isDistributed(driver)))
      throw new DatabaseError(
        "the extension citus is not in this database",
        "CREATE EXTENSION citus, on a PostgreSQL that brings it",
      );
    const rows = await driver.read("SELECT logicalrelid::text AS name FROM pg_dist_partition", []);
    const there = new Set(rows.map(({ name }) => name));
    const missing = CITUS.filter(({ table }) => !there.has(table));
    for (const { sql } of missing) await driver.write(sql, []);
    return missing.map(({ table }) => table);
  } finally {
    await driver.close();
  }
}

/** Whether statements must each keep to one table's key. */
export async function isDistributed(db: Pick<SqlDriver, "read" | "dialect">): Promise<boolean> {
  const { spread } = db.dialect;
  return spread !== null && (await db.read(spread, [])).length > 0;
}
