/** `valetkey migrate` */
import type { Command } from "commander";
import { NEWEST_SCHEMA } from "../store/sql_schema.ts";
import { type CommonFlags, complete } from "./command.ts";
import { withNewDatabase } from "./database.ts";
import { print, printJson } from "./output.ts";
import { readSettings } from "./settings.ts";

export function declareMigrate(command: Command): void {
  complete(
    command.description(
      "Bring the schema of the database up to date, as every start does too; without a database, make one.",
    ),
    ["valetkey migrate --database sqlite:/var/lib/valetkey/valetkey.sqlite"],
    migrate,
  );
}

async function migrate(flags: CommonFlags): Promise<void> {
  await withNewDatabase(await readSettings(flags), async ({ applied: count }) => {
    const first = NEWEST_SCHEMA - count + 1;
    const applied = Array.from({ length: count }, (_, i) => first + i);
    if (flags.json) return printJson({ schema_version: NEWEST_SCHEMA, applied });
    for (const number of applied) print(`applied migration ${number}`);
    if (count === 0) print(`up to date (schema ${NEWEST_SCHEMA})`);
  });
}
