/** `valetkey migrate` */
import { type Command, InvalidArgumentError } from "commander";
import { planMigration } from "../store/migration_plan.ts";
import { parseDatabase } from "../store/open_store.ts";
import { distributeOverCitus, placesByNode } from "../store/postgres/distribute.ts";
import { NEWEST_SCHEMA } from "../store/sql/schema.ts";
import { type CommonFlags, complete } from "./command.ts";
import { withNewDatabase } from "./database.ts";
import { UsageError } from "./errors.ts";
import { print, printJson, say } from "./output.ts";
import { withProgress } from "./progress.ts";
import { readSettings } from "./settings.ts";

interface MigrateFlags {
  plan?: boolean;
  distribute?: "citus";
}

export function declareMigrate(command: Command): void {
  command
    .description(
      "Bring the schema of the database up to date, as every start does too; without a database, make one.",
    )
    .option("--plan", "print the SQL and change nothing")
    .option(
      "--distribute <system>",
      "citus: spread the tables over the nodes of a distributed PostgreSQL",
      parseSystem,
    );
  complete<MigrateFlags>(
    command,
    [
      "valetkey migrate --database sqlite:/var/lib/valetkey/valetkey.sqlite",
      "valetkey migrate --database postgres://valetkey@db.example/valetkey --plan",
    ],
    migrate,
  );
}

function parseSystem(text: string): "citus" {
  if (text !== "citus") throw new InvalidArgumentError("citus is the one that is known");
  return text;
}

async function migrate({ plan, distribute, ...flags }: MigrateFlags & CommonFlags): Promise<void> {
  const settings = await readSettings(flags);
  const { database } = settings.full;
  const address = parseDatabase(database);
  if (distribute && address.kind !== "postgres")
    throw new UsageError("--distribute is for PostgreSQL", "see valetkey migrate --help");
  if (plan) return showPlan(database, { distribute: distribute !== undefined, flags });
  const { count, tables } = await withProgress(async (watch) => {
    watch({ what: "bringing the schema up to date", unit: "tables", done: 0, total: null });
    const count = await withNewDatabase(settings, async ({ applied }) => applied);
    const spread = distribute !== undefined && address.kind === "postgres";
    return { count, tables: spread ? await distributeOverCitus(address.url, watch) : [] };
  }, flags);
  const first = NEWEST_SCHEMA - count + 1;
  const applied = Array.from({ length: count }, (_, i) => first + i);
  if (flags.json) {
    const distributed = distribute ? { distributed: tables } : {};
    return printJson({ schema_version: NEWEST_SCHEMA, applied, ...distributed });
  }
  for (const number of applied) print(`applied migration ${number}`);
  for (const table of tables) print(`distributed ${table}`);
  if (distribute && address.kind === "postgres") await tellNodes(address.url);
  if (tables.length > 0) say("Start every node anew: a running one does not know of it.");
  if (count + tables.length === 0) print(`up to date (schema ${NEWEST_SCHEMA})`);
}

/** Reports whether requests can avoid waiting for a silent node. */
async function tellNodes(url: string): Promise<void> {
  const nodes = await placesByNode(url);
  for (const { node, places } of nodes) say(`node ${node} holds ${places} of the places of people`);
  if (nodes.length === 0)
    say(
      "warning: the database does not tell which node holds what: a silent one will hold up all.",
    );
}

async function showPlan(
  database: string,
  { distribute, flags }: { distribute: boolean; flags: CommonFlags },
): Promise<void> {
  const { from, sql } = await planMigration(database, { distribute });
  if (flags.json) printJson({ from, to: NEWEST_SCHEMA, sql });
  else if (sql.length === 0) say(`up to date (schema ${NEWEST_SCHEMA}): nothing to run`);
  else for (const each of sql) print(each);
}
