/** Writes that need no transaction in common, on a database where one keeps to a single place. */
import type { SqlDriver, Statement } from "./driver.ts";

/** A statement that inserts what may be there already. */
export interface Placed extends Statement {
  /** Null: it belongs to the directory. */
  place: number | null;
}

/** One transaction; on a distributed database one for each place. */
export async function writeApart(
  db: SqlDriver,
  statements: readonly Placed[],
  is_spread: boolean,
): Promise<void> {
  const parts = is_spread
    ? [...Map.groupBy(statements, ({ place }) => place).values()]
    : [statements];
  for (const part of parts) if (part.length > 0) await db.writeAll(part);
}
