/** `valetkey copy` */
import type { Command } from "commander";
import type { CopiedTable } from "../store/copy/copy_rows.ts";
import { copyDatabase } from "../store/copy/transfer.ts";
import { parseDatabase, shownDatabase } from "../store/open_store.ts";
import { type CommonFlags, complete } from "./command.ts";
import { UsageError } from "./errors.ts";
import { printJson, printTable, say } from "./output.ts";
import { withProgress } from "./progress.ts";

interface CopyFlags {
  from?: string;
  to?: string;
}

export function declareCopy(command: Command): void {
  command
    .description(
      "Move everything to another database, such as from SQLite to PostgreSQL. The source is only read, the target " +
        "must be empty, and both are compared at the end. Stop the servers first. After an interruption, run it again.",
    )
    .option("--from <address>", "sqlite:FILE or postgres://…")
    .option("--to <address>", "sqlite:FILE or postgres://…");
  complete<CopyFlags>(
    command,
    [
      "valetkey copy --from sqlite:valetkey.sqlite --to postgres://valetkey@db.example/valetkey",
      "valetkey copy --from postgres://valetkey@db.example/valetkey --to sqlite:copy.sqlite",
    ],
    copy,
  );
}

async function copy({ from, to, ...flags }: CopyFlags & CommonFlags): Promise<void> {
  if (from === undefined || to === undefined)
    throw new UsageError("--from and --to are needed", "see valetkey copy --help");
  for (const each of [from, to]) parseDatabase(each);
  if (from === to) throw new UsageError("--from and --to are the same", null);
  const copied = await withProgress((watch) => copyDatabase({ from, to }, watch), flags);
  showCopied(copied, flags);
  say(`copied ${shownDatabase(from)} to ${shownDatabase(to)}, and compared all rows`);
  say("The secret is not copied: start the server on the new database with the same secret.");
}

export function showCopied(copied: readonly CopiedTable[], { json }: CommonFlags): void {
  if (json) printJson({ tables: copied });
  else
    printTable(
      ["table", "rows", "written", "checksum"],
      copied.map(({ table, rows, written, checksum }) => [
        table,
        `${rows}`,
        `${written}`,
        checksum,
      ]),
    );
}
