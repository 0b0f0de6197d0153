/** A PostgreSQL for the benchmark, with durable commits. */
import { startOwnPostgres } from "../../../test/support/postgres.ts";
import { endWithParent } from "../child.ts";

// Ctrl-C reaches all processes: this one ignores it, and ends when the benchmark stops it.
process.on("SIGINT", () => {});

const postgres = await startOwnPostgres([
  "fsync=on",
  "synchronous_commit=on",
  "full_page_writes=on",
  "shared_buffers=512MB",
  // No checkpoint in the middle of a run, which would slow down one side by chance.
  "max_wal_size=8GB",
  "checkpoint_timeout=1h",
]);

process.on("message", async () => process.send?.(await postgres.newDatabase()));
endWithParent(() => postgres.stop());
