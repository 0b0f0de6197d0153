/** Writes that need no common transaction. On a distributed database a transaction keeps to a single place. */
import type { SqlDriver, Statement } from "./driver.ts";

/** An insert whose row may exist already. */
export interface Placed extends Statement {
  /** Null: the row belongs to the directory. */
  place: number | null;
}

/** Writes in one transaction; on a distributed database in one for each place. */
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
