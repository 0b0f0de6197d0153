/** A PostgreSQL for the benchmark, which loses nothing that it has confirmed. */
import { startOwnPostgres } from "../../../test/support/postgres.ts";
import { endWithParent } from "../child.ts";

// Whoever presses Ctrl-C means all of us: it ends when the benchmark has ended, and not before it is stopped.
process.on("SIGINT", () => {});

const postgres = await startOwnPostgres([
  "fsync=on",
  "synchronous_commit=on",
  "full_page_writes=on",
  "shared_buffers=512MB",
  // No check point in the middle of a run, for whichever side has bad luck.
  "max_wal_size=8GB",
  "checkpoint_timeout=1h",
]);

process.on("message", async () => process.send?.(await postgres.newDatabase()));
endWithParent(() => postgres.stop());
