/** `valetkey restore` */
import type { Command } from "commander";
import { restoreDatabase } from "../store/copy/transfer.ts";
import { existingSecrets, shownDatabase } from "../store/open_store.ts";
import { type CommonFlags, complete } from "./command.ts";
import { showCopied } from "./copy.ts";
import { say, warn } from "./output.ts";
import { readSettings } from "./settings.ts";

interface RestoreFlags {
  keepGrants?: boolean;
}

export function declareRestore(command: Command): void {
  command
    .description(
      "Put a backup into a database that holds nothing yet, SQLite or PostgreSQL. People sign in again, and apps " +
        "ask them again: what was revoked after the backup must not come back to life.",
    )
    .argument("<file>", "what `valetkey backup` wrote")
    .option(
      "--keep-grants",
      "refresh tokens of before go on, those that were revoked after the backup too",
    );
  complete<RestoreFlags>(
    command,
    [
      "valetkey restore valetkey-2026-11-24.sqlite",
      "valetkey restore valetkey-2026-11-24.sqlite --database postgres://valetkey@db.example/valetkey",
    ],
    restore,
  );
}

async function restore(
  flags: RestoreFlags & CommonFlags,
  [file = ""]: readonly string[],
): Promise<void> {
  const { full, secrets } = await readSettings(flags);
  const { database } = full;
  const keep_grants = flags.keepGrants === true;
  const now = Math.floor(Date.now() / 1000);
  const copied = await restoreDatabase(
    { from: `sqlite:${file}`, to: database },
    { keep_grants, now },
  );
  showCopied(copied, flags);
  say(`restored ${file} into ${shownDatabase(database)}`);
  say(
    keep_grants
      ? "Sessions have ended. Grants go on, those that were revoked after the backup too."
      : "A new epoch has begun: sessions, codes and refresh tokens of before are refused.",
  );
  try {
    existingSecrets(database, secrets);
  } catch (error) {
    warn(`it needs the secret of before: ${error instanceof Error ? error.message : error}`);
  }
}
