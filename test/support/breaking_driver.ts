/** Breaks each kind of transaction at each of its statements before it runs; the broken ones must leave no trace. */
import assert from "node:assert/strict";
import type { Outcome, Row, SqlDriver, Statement } from "../../src/store/sql/driver.ts";

/** Statements that always fail, by the kind of failure. */
export type Faults = Readonly<Record<string, Statement>>;

const SIMPLE = {
  "a statement that the database refuses": { sql: "SELECT x FROM nowhere", args: [] },
} satisfies Faults;
const FAULTS = {
  ...SIMPLE,
  "a row that is there already": {
    sql: "INSERT INTO schema_version (id, version) VALUES (1, 1)",
    args: [],
  },
  "a row that is not as expected": {
    sql: "UPDATE schema_version SET version = version WHERE id = 0",
    args: [],
    must_change: true,
  },
} satisfies Faults;

const SQLITE = {
  faults: FAULTS,
  schema: "SELECT type, name, sql FROM sqlite_master",
  tables: "SELECT name FROM sqlite_master WHERE type = 'table'",
  rowsOf: null,
};
const POSTGRES = {
  faults: {
    ...FAULTS,
    "a connection that ends": { sql: "SELECT pg_terminate_backend(pg_backend_pid())", args: [] },
    "a transaction that met another": {
      sql: "DO $$ BEGIN RAISE 'met another' USING ERRCODE = '40001'; END $$",
      args: [],
    },
  },
  schema: "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
  tables: "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
  /** All tables in one query, as the round trips take the time. */
  rowsOf: (table: string) =>
    `SELECT '${table}' AS name, row_to_json(t)::text AS row FROM ${table} t`,
};

export interface Breakage {
  /** Every kind of transaction so far, and the number of its breakages; 0: not broken yet. */
  places: Map<string, number>;
  /** Called for each write, of one statement or more. */
  wrote(): void;
}

export function breakingDriver(driver: SqlDriver, { places, wrote }: Breakage): SqlDriver {
  const { faults, ...queries } = driver.dialect.clock === null ? SQLITE : POSTGRES;
  // One at a time, so that a difference between two snapshots has one cause.
  let last: Promise<unknown> = Promise.resolve();
  function alone<T>(work: () => Promise<T>): Promise<T> {
    wrote();
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  }

  async function everything(): Promise<unknown> {
    const tables = (await driver.read(queries.tables, [])).map(({ name }) => String(name));
    const schema = await driver.read(queries.schema, []);
    return [tables.sort(), ...[...schema, ...(await rowsIn(tables))].map(asText).sort()];
  }

  async function rowsIn(tables: readonly string[]): Promise<Row[]> {
    const { rowsOf } = queries;
    if (rowsOf)
      return tables.length === 0 ? [] : driver.read(tables.map(rowsOf).join(" UNION ALL "), []);
    const rows: Row[] = [];
    for (const name of tables)
      for (const row of await driver.read(`SELECT * FROM ${name}`, [])) rows.push({ name, ...row });
    return rows;
  }

  async function breakAtEach(statements: readonly Statement[]): Promise<number> {
    const before = await everything();
    // Changing the schema is slow, and one process does it alone.
    const changes_schema = statements.some(({ patient }) => patient);
    const ways = Object.entries<Statement>(changes_schema ? SIMPLE : faults);
    let broken = 0;
    for (let at = 0; at <= statements.length; at += 1)
      for (const [name, fault] of ways) {
        const where = `${name}, ${at} of ${statements.length}: ${statements[at]?.sql ?? "the end"}`;
        await assert.rejects(driver.writeAll(statements.toSpliced(at, 0, fault)), Error, where);
        assert.deepEqual(await everything(), before, where);
        broken += 1;
      }
    return broken;
  }

  return {
    ...driver,
    write: (sql, args) => alone(() => driver.write(sql, args)),
    writeAll: (statements) =>
      alone(async (): Promise<Outcome[]> => {
        const kind = kindOf(statements);
        if (statements.length < 2 || (places.get(kind) ?? 0) > 0)
          return driver.writeAll(statements);
        places.set(kind, 0);
        const broken = await breakAtEach(statements);
        const outcomes = await driver.writeAll(statements);
        // If the transaction fails by itself, the statements after that point have not been tested.
        places.set(kind, broken);
        return outcomes;
      }),
  };
}

const asText = (row: Row): string => JSON.stringify(row);

/** The same statement several times in a row counts once. */
const kindOf = (statements: readonly Statement[]): string =>
  statements
    .map(({ sql }) => sql.replaceAll(/\s+/g, " "))
    .filter((sql, i, all) => sql !== all[i - 1])
    .join("; ");
