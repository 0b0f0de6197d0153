/**
 * The same schema on a distributed PostgreSQL. Rows of one person lie at one place, and all tables of places are
 * colocated: a transaction about one person commits on one node. The directory stays on the coordinator as plain
 * tables. The extension is Citus.
 */
import { unwatched, type Watch } from "../progress.ts";
import { DatabaseError, type SqlDriver } from "../sql/driver.ts";
import { TABLES } from "../sql/tables.ts";
import { postgresDriver } from "./driver.ts";
import { POOL_LIMITS } from "./limits.ts";
import { PLACES_BY_NODE } from "./node_gates.ts";

/** Milliseconds: tables with rows in them are moved, which may take long. */
const PATIENCE = 6 * 3_600_000;

/** The statements that distribute one table. */
export interface Distribution {
  table: string;
  sql: readonly string[];
}

const SPREAD = TABLES.filter(({ is_spread }) => is_spread).map(({ name }) => name);

/** The first table makes a group, and the others join it. */
const distribute = (table: string): string =>
  `SELECT create_distributed_table('${table}', 'place', colocate_with => '${table === SPREAD[0] ? "none" : SPREAD[0]}')`;

/** Removes the rows that were copied to the nodes from the coordinator, where nothing reads them any more. */
const clear = (table: string): string =>
  `SELECT truncate_local_data_after_distributing_table('${table}')`;

/** All statements, for a database in which nothing is distributed. */
export const CITUS: readonly Distribution[] = SPREAD.map((table) => ({
  table,
  sql: [distribute(table), clear(table)],
}));

/**
 * Distributes the tables that are not distributed yet; an interrupted run can be repeated. Nodes have to be restarted
 * afterwards.
 * @returns the names of the tables that were changed
 * @throws DatabaseError when the extension Citus is missing
 */
export async function distributeOverCitus(
  url: string,
  watch: Watch = unwatched,
): Promise<string[]> {
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
    for (const [done, { table, sql }] of missing.entries()) {
      watch({ what: `distributing ${table}`, unit: "tables", done, total: missing.length });
      for (const each of sql) await driver.write(each, []);
    }
    return missing.map(({ table }) => table);
  } finally {
    await driver.close();
  }
}

/** The number of places on each node, as the database reports it; empty: it does not report it. */
export async function placesByNode(url: string): Promise<{ node: number; places: number }[]> {
  const driver = postgresDriver(url, { ...POOL_LIMITS, connections: 1 });
  try {
    const rows = await driver.read(PLACES_BY_NODE, []).catch(() => []);
    return rows.map(({ node, places }) => ({
      node: Number(node),
      places: String(places).split(",").length,
    }));
  } finally {
    await driver.close();
  }
}

/** The tables that are not distributed yet; null: the extension is missing. */
export async function undistributed(
  db: Pick<SqlDriver, "read" | "dialect">,
): Promise<readonly Distribution[] | null> {
  if (!(await isDistributed(db))) return null;
  const rows = await db.read("SELECT logicalrelid::text AS name FROM pg_dist_partition", []);
  const there = new Set(rows.map(({ name }) => name));
  const missing: Distribution[] = [];
  for (const each of CITUS)
    if (!there.has(each.table)) missing.push(each);
    else if (await hasLeftovers(each.table, db))
      missing.push({ table: each.table, sql: [clear(each.table)] });
  return missing;
}

/**
 * Whether rows from before the distribution are left on the coordinator. A query would go to the nodes, so the size of
 * the file is looked at.
 */
async function hasLeftovers(table: string, db: Pick<SqlDriver, "read">): Promise<boolean> {
  const sql = `SELECT pg_relation_size('${table}'::regclass)::bigint AS bytes`;
  return Number((await db.read(sql, []))[0]?.bytes) > 0;
}

/** Whether a transaction must keep to one person's place. */
export async function isDistributed(db: Pick<SqlDriver, "read" | "dialect">): Promise<boolean> {
  const { spread } = db.dialect;
  return spread !== null && (await db.read(spread, [])).length > 0;
}
