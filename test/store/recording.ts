/** What a version of the store says to its database and what it hears, kept to be said again. */
import assert from "node:assert/strict";
import {
  NothingChanged,
  type Outcome,
  type SqlDriver,
  type Statement,
} from "../../src/store/sql/driver.ts";

export interface Step {
  how: "read" | "write" | "transaction";
  sent: Statement[];
  /** Null: the database refused, and nothing of it happened. */
  came: Outcome[] | null;
}

/** The first line of a recording; each other one is a step. */
export interface Origin {
  schema: number;
  /** Of the code that spoke; null: it was not committed yet. */
  commit: string | null;
}
export type RecordedStep = { database: string } & Step;

export const fixtureOf = (schema: number): URL =>
  new URL(`../vectors/statements_of_schema_${schema}.jsonl`, import.meta.url);

export function recordingDriver(driver: SqlDriver): { driver: SqlDriver; steps: Step[] } {
  const steps: Step[] = [];
  async function keep(how: Step["how"], sent: readonly Statement[]): Promise<Outcome[]> {
    const step: Step = { how, sent: [...sent], came: null };
    steps.push(step);
    const came = await say(driver, step);
    step.came = came;
    return came;
  }
  return {
    steps,
    driver: {
      ...driver,
      read: async (sql, args) => (await keep("read", [{ sql, args }]))[0]?.rows ?? [],
      write: async (sql, args) =>
        (await keep("write", [{ sql, args }]))[0] ?? { changed: 0, rows: [] },
      writeAll: (statements) => keep("transaction", statements),
    },
  };
}

/** @throws AssertionError when the database answers anything else than it did */
export async function replay(driver: SqlDriver, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const heard = await say(driver, step).catch((error: unknown) => {
      if (error instanceof NothingChanged || step.came === null) return null;
      throw error;
    });
    // As JSON, which is how the other side was kept.
    assert.deepEqual(JSON.parse(JSON.stringify(heard)), step.came, step.sent[0]?.sql ?? "");
  }
}

async function say(driver: SqlDriver, { how, sent }: Step): Promise<Outcome[]> {
  const [first = { sql: "", args: [] }] = sent;
  if (how === "read") return [{ changed: 0, rows: await driver.read(first.sql, first.args) }];
  return how === "write" ? [await driver.write(first.sql, first.args)] : driver.writeAll(sent);
}
