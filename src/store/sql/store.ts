/** The store, in SQL: written once, on any driver. */

import { isDistributed } from "../postgres/distribute.ts";
import type { Store } from "../store.ts";
import { sqlAudit } from "./audit.ts";
import { sqlClientSessions } from "./client_sessions.ts";
import { sqlDirectory } from "./directory.ts";
import { directoryWrites } from "./directory_writes.ts";
import type { SqlDriver } from "./driver.ts";
import { sqlEndedTokens } from "./ended_tokens.ts";
import { sqlFactors } from "./factors.ts";
import { sqlGrantWalks } from "./grant_walks.ts";
import { sqlGrants } from "./grants.ts";
import { sqlInitialAccessTokens } from "./initial_access_tokens.ts";
import { sqlJobs } from "./jobs.ts";
import { migrate, NEWEST_SCHEMA, schemaVersion } from "./schema.ts";
import { sqlSessions } from "./sessions.ts";
import { sqlSingleUse } from "./single_use.ts";
import { type GrantLifetimes, sqlSweep } from "./sweep.ts";
import { sqlTransactions } from "./transactions.ts";

export function sqlStore(db: SqlDriver, lifetimes: GrantLifetimes): Store {
  let spread = false;
  return {
    ...sqlGrants(db, () => spread),
    ...sqlGrantWalks(db, () => spread),
    ...sqlSessions(db),
    ...sqlClientSessions(db),
    ...sqlEndedTokens(db),
    ...sqlSingleUse(db),
    ...sqlDirectory(db, () => spread),
    ...sqlFactors(db),
    ...sqlInitialAccessTokens(db),
    ...sqlJobs(db, () => spread),
    ...sqlAudit(db, () => spread),
    ...sqlTransactions(db),
    async migrate() {
      const applied = await migrate(db);
      spread = await isDistributed(db);
      if (spread) await db.learnNodes?.();
      return applied;
    },
    readSchema: async () => ({ version: await schemaVersion(db), newest: NEWEST_SCHEMA }),
    async readClock() {
      const { clock } = db.dialect;
      if (clock === null) return null;
      const [row] = await db.read(clock, []);
      return Number(row?.ms);
    },
    sweep: sqlSweep(
      db,
      lifetimes,
      directoryWrites(db, () => spread),
    ),
    close: () => db.close(),
  };
}
