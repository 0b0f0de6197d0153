/** The store, in SQL: written once, on any driver. */

import { isDistributed } from "./distribute.ts";
import { sqlAudit } from "./sql_audit.ts";
import { sqlClaims } from "./sql_claims.ts";
import { sqlDirectory } from "./sql_directory.ts";
import type { SqlDriver } from "./sql_driver.ts";
import { sqlGrants } from "./sql_grants.ts";
import { migrate, NEWEST_SCHEMA, schemaVersion } from "./sql_schema.ts";
import { sqlSessions } from "./sql_sessions.ts";
import { type GrantLifetimes, sqlSweep } from "./sql_sweep.ts";
import type { Store } from "./store.ts";

export function sqlStore(db: SqlDriver, lifetimes: GrantLifetimes): Store {
  let spread = false;
  return {
    ...sqlGrants(db, () => spread),
    ...sqlSessions(db),
    ...sqlClaims(db),
    ...sqlDirectory(db),
    ...sqlAudit(db),
    async migrate() {
      const applied = await migrate(db);
      spread = await isDistributed(db);
      return applied;
    },
    readSchema: async () => ({ version: await schemaVersion(db), newest: NEWEST_SCHEMA }),
    async readClock() {
      const { clock } = db.dialect;
      if (clock === null) return null;
      const [row] = await db.read(clock, []);
      return Number(row?.ms);
    },
    sweep: sqlSweep(db, lifetimes),
    close: () => db.close(),
  };
}
