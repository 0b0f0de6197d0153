/**
 * A plain PostgreSQL that answers like a Citus of several nodes: its catalogs and functions are in the schema of the
 * test, which is searched before the system's. Rows stay where they are.
 */
import pg from "pg";
import type { TestPostgres } from "./postgres.ts";

const SHARDS = 32;

export interface FakeCitus {
  url: string;
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** The node that the catalog names for a place, from 1 on. */
  nodeOf(place: number): number;
}

export async function fakeCitus(
  postgres: Pick<TestPostgres, "newDatabase">,
  { nodes }: { nodes: number },
): Promise<FakeCitus> {
  const plain = new URL(await postgres.newDatabase());
  const [, schema = ""] = /search_path=(\w+)/.exec(plain.searchParams.get("options") ?? "") ?? [];
  plain.search = `?options=-c%20search_path%3D${schema}%2Cpg_catalog`;
  const url = plain.href;
  const query = async (sql: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  await query(`
    CREATE TABLE pg_extension (extname text);
    INSERT INTO pg_extension VALUES ('citus');
    CREATE TABLE pg_dist_partition (logicalrelid regclass PRIMARY KEY, by_column text, with_table text);
    CREATE TABLE pg_dist_placement (shardid bigint, groupid int);
    INSERT INTO pg_dist_placement SELECT i, 1 + i % ${nodes} FROM generate_series(0, ${SHARDS - 1}) i;
    CREATE FUNCTION get_shard_id_for_distribution_column(regclass, int) RETURNS bigint
      LANGUAGE sql AS 'SELECT ($2 % ${SHARDS})::bigint';
    CREATE FUNCTION create_distributed_table(regclass, text, colocate_with text) RETURNS void
      LANGUAGE sql AS 'INSERT INTO pg_dist_partition VALUES ($1, $2, $3)';
    CREATE FUNCTION truncate_local_data_after_distributing_table(name regclass) RETURNS void
      LANGUAGE plpgsql AS $$ BEGIN
        PERFORM 1 FROM pg_dist_partition WHERE logicalrelid = name;
        IF NOT FOUND THEN RAISE '% is not distributed', name; END IF;
        EXECUTE 'TRUNCATE ' || name;
      END $$`);
  return { url, query, nodeOf: (place) => 1 + ((place % SHARDS) % nodes) };
}
