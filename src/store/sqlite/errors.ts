/** What SQLite says, told apart: what may pass by itself, and what is wrong with the file or the statement. */
import { DatabaseError, DatabaseUnavailable } from "../sql/driver.ts";

const LATER = /locked|busy|full|disk i\/o|unable to open|not open|readonly/i;

const DAMAGED = /malformed|not a database/i;

/** What may pass by itself is told apart from what is wrong with the statement. */
export function explainSqlite(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (LATER.test(error.message)) return new DatabaseUnavailable(error.message, { cause: error });
  if (DAMAGED.test(error.message))
    return new DatabaseError(
      `the database is damaged: ${error.message}`,
      "stop the server and put back a backup (`valetkey backup` makes one)",
      { cause: error },
    );
  return error;
}
