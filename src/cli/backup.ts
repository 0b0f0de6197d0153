/** `valetkey backup` */
import type { Command } from "commander";
import { keyFileOf, parseDatabase } from "../store/open_store.ts";
import { backupSqlite } from "../store/sqlite_backup.ts";
import { type CommonFlags, complete } from "./command.ts";
import { withDatabase } from "./database.ts";
import { CliError } from "./errors.ts";
import { print, printJson, say } from "./output.ts";
import { readSettings } from "./settings.ts";

export function declareBackup(command: Command): void {
  command
    .description(
      "Copy the database to a new file, also while the server runs. The server's secret is not in it.",
    )
    .argument("<file>", "what to write; it must not be there yet");
  complete(command, ["valetkey backup valetkey-$(date +%F).sqlite"], backUp);
}

async function backUp(flags: CommonFlags, [file = ""]: readonly string[]): Promise<void> {
  const settings = await readSettings(flags);
  const address = parseDatabase(settings.full.database);
  if (address.kind !== "sqlite") throw new CliError("of PostgreSQL, pg_dump makes backups");
  const { path } = address;
  await withDatabase(settings, async () => {
    const bytes = await backupSqlite(path, file);
    const given = settings.secrets.secret !== undefined;
    if (flags.json)
      printJson({ file, bytes, holds_secret: false, key_file: given ? null : keyFileOf(path) });
    else print(file);
    const where = given
      ? "the secret that VALETKEY_SECRET or --secret-file gives"
      : keyFileOf(path);
    say(`The secret is not in it: keep a copy of ${where} in another place.`);
    say("Without it the backup is of no use; with it and the backup, everything can be read.");
  });
}
