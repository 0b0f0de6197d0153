/** A plain PostgreSQL that is taken for one whose tables are spread over nodes. */
import { POSTGRES, postgresDriver } from "../../src/store/postgres.ts";
import type { SqlDriver } from "../../src/store/sql_driver.ts";

export const spreadingDriver = (url: string): SqlDriver => ({
  ...postgresDriver(url),
  dialect: { ...POSTGRES, spread: "SELECT 1 AS found" },
});
