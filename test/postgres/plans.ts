/** Which tables a statement would read completely, as the database itself explains it. */
import pg from "pg";
import type { SqlDriver, Value } from "../../src/store/sql/driver.ts";

export async function scannedBySqlite(driver: SqlDriver, sql: string): Promise<string[]> {
  const rows = await driver.read(`EXPLAIN QUERY PLAN ${sql}`, []);
  const alias = aliasesOf(sql);
  return rows.flatMap(({ detail }) => {
    const [, name] = /^SCAN (\w+)/.exec(String(detail)) ?? [];
    // An insert that selects its own values reads a constant row.
    return name === undefined || name === "CONSTANT" ? [] : [alias.get(name) ?? name];
  });
}

const aliasesOf = (sql: string): Map<string, string> =>
  new Map(
    [...sql.matchAll(/(?:FROM|JOIN) (\w+) (\w)\b/g)].map(([, table = "", alias = ""]) => [
      alias,
      table,
    ]),
  );

interface Plan {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Cond"?: string;
  Plans?: Plan[];
}

interface Planning {
  args?: readonly Value[];
  /** With the planner's own costs; otherwise it avoids reading a whole table where it can. */
  as_it_would?: boolean;
}

export async function scannedByPostgres(
  url: string,
  sql: string,
  { args, as_it_would = false }: Planning = {},
): Promise<string[]> {
  if (/^\s*(CREATE|SELECT pg_)/.test(sql)) return [];
  let count = 0;
  const text = sql.replaceAll("?", () => {
    const value = args?.[count];
    count += 1;
    if (args === undefined) return `$${count}`;
    return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
  });
  // Without values: the generic plan.
  const how = args === undefined ? "GENERIC_PLAN, FORMAT JSON" : "FORMAT JSON";
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SET enable_seqscan = ${as_it_would ? "on" : "off"}`);
    const { rows } = await client.query<{ "QUERY PLAN": { Plan: Plan }[] }>(
      `EXPLAIN (${how}) ${text}`,
    );
    return rows.flatMap((row) => row["QUERY PLAN"].flatMap(({ Plan }) => scansOf(Plan)));
  } finally {
    await client.end();
  }
}

/** Reading a whole index is no better than reading its table. */
function scansOf(plan: Plan): string[] {
  const table = plan["Relation Name"];
  const whole =
    plan["Node Type"] === "Seq Scan" ||
    (/^Index (Only )?Scan$/.test(plan["Node Type"]) && plan["Index Cond"] === undefined);
  const own = whole && table !== undefined ? [table] : [];
  return [...own, ...(plan.Plans ?? []).flatMap(scansOf)];
}
