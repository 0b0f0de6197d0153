/** `valetkey backup` */
import type { Command } from "commander";
import { backupPostgres } from "../store/copy/transfer.ts";
import { keyFileOf, parseDatabase } from "../store/open_store.ts";
import { backupSqlite } from "../store/sqlite/backup.ts";
import { type CommonFlags, complete } from "./command.ts";
import { withDatabase } from "./database.ts";
import { print, printJson, say } from "./output.ts";
import { withProgress } from "./progress.ts";
import { readSettings, type Settings } from "./settings.ts";

export function declareBackup(command: Command): void {
  command
    .description(
      "Copy the database to a new file, also while the server runs. The server's secret is not in it. " +
        "A PostgreSQL becomes a SQLite file; `valetkey restore` puts it back into either.",
    )
    .argument("<file>", "what to write; it must not be there yet");
  complete(command, ["valetkey backup valetkey-$(date +%F).sqlite"], backUp);
}

async function backUp(flags: CommonFlags, [file = ""]: readonly string[]): Promise<void> {
  const settings = await readSettings(flags);
  const { database } = settings.full;
  const address = parseDatabase(database);
  const backup = await withDatabase(settings, () =>
    withProgress(
      async (watch) =>
        address.kind === "sqlite"
          ? { bytes: await backupSqlite(address.path, file, watch), at_one_moment: true }
          : backupPostgres(database, file, watch),
      flags,
    ),
  );
  const key_file = keyFileFor(settings);
  if (flags.json) printJson({ file, ...backup, holds_secret: false, key_file });
  else print(file);
  if (!backup.at_one_moment) {
    say("warning: the database is distributed, and each node was read at a moment of its own.");
    say(
      "Writes during the backup may be in it in part: stop the servers for a backup of one moment.",
    );
  }
  const where = key_file ?? "the secret that VALETKEY_SECRET or --secret-file gives";
  say(`The secret is not in it: keep a copy of ${where} in another place.`);
  say("Without it the backup is of no use; with it and the backup, everything can be read.");
}

function keyFileFor({ full, secrets }: Settings): string | null {
  const address = parseDatabase(full.database);
  const own = address.kind === "sqlite" && secrets.secret === undefined;
  return own ? keyFileOf(address.path) : null;
}
