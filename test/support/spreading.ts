/** A driver that treats a plain PostgreSQL as one whose tables are spread over nodes. */
import { POSTGRES, postgresDriver } from "../../src/store/postgres/driver.ts";
import { POOL_LIMITS } from "../../src/store/postgres/limits.ts";
import type { SqlDriver } from "../../src/store/sql/driver.ts";

export const spreadingDriver = (url: string, limits = POOL_LIMITS): SqlDriver => ({
  ...postgresDriver(url, limits),
  dialect: { ...POSTGRES, spread: "SELECT 1 AS found" },
});
