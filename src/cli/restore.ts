/** `valetkey restore` */
import type { Command } from "commander";
import { restoreDatabase } from "../store/copy/transfer.ts";
import { existingSecrets, shownDatabase } from "../store/open_store.ts";
import { type CommonFlags, complete } from "./command.ts";
import { showCopied } from "./copy.ts";
import { say, warn } from "./output.ts";
import { withProgress } from "./progress.ts";
import { readSettings } from "./settings.ts";

interface RestoreFlags {
  keepGrants?: boolean;
}

export function declareRestore(command: Command): void {
  command
    .description(
      "Restore a backup into an empty database, SQLite or PostgreSQL. People sign in again, and apps " +
        "ask them again: grants that were revoked after the backup must not become valid again.",
    )
    .argument("<file>", "a file that `valetkey backup` wrote")
    .option(
      "--keep-grants",
      "earlier refresh tokens stay valid, those that were revoked after the backup too",
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
  const transfer = { from: `sqlite:${file}`, to: database };
  const copied = await withProgress(
    (watch) => restoreDatabase(transfer, { keep_grants, now, watch }),
    flags,
  );
  showCopied(copied, flags);
  say(`restored ${file} into ${shownDatabase(database)}`);
  say(
    keep_grants
      ? "Sessions have ended. Grants go on, those that were revoked after the backup too."
      : "A new epoch has begun: earlier sessions, codes and refresh tokens are refused.",
  );
  try {
    existingSecrets(database, secrets);
  } catch (error) {
    warn(
      `it needs the secret of the old database: ${error instanceof Error ? error.message : error}`,
    );
  }
}
