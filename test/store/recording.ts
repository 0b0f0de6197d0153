/** Statements that a version of the store sends to its database and the answers, recorded to be replayed. */
import assert from "node:assert/strict";
import {
  NothingChanged,
  type Outcome,
  type Row,
  type SqlDriver,
  type Statement,
  type Values,
} from "../../src/store/sql/driver.ts";

/** An outcome, whose rows may be lists. */
type Heard = Omit<Outcome, "rows"> & { rows: (Row | Values)[] };

export interface Step {
  how: "read" | "read_values" | "write" | "transaction";
  sent: Statement[];
  /** Null: the database refused, and nothing of it happened. */
  came: Heard[] | null;
}

/** The first line of a recording; each other line is a step. */
export interface Origin {
  schema: number;
  /** Commit of the recorded code; null: it was not committed yet. */
  commit: string | null;
}
export type RecordedStep = { database: string } & Step;

export const fixtureOf = (schema: number): URL =>
  new URL(`../vectors/statements_of_schema_${schema}.jsonl`, import.meta.url);

export function recordingDriver(driver: SqlDriver): { driver: SqlDriver; steps: Step[] } {
  const steps: Step[] = [];
  async function keep<H extends Heard>(
    how: Step["how"],
    sent: readonly Statement[],
    saying: () => Promise<H[]>,
  ): Promise<H[]> {
    const step: Step = { how, sent: [...sent], came: null };
    steps.push(step);
    const came = await saying();
    step.came = came;
    return came;
  }
  const alone = <R extends Row | Values>(rows: R[]) => [{ changed: 0, rows }];
  return {
    steps,
    driver: {
      ...driver,
      async read(sql, args) {
        const saying = async () => alone(await driver.read(sql, args));
        return (await keep("read", [{ sql, args }], saying))[0]?.rows ?? [];
      },
      async readValues(sql, args) {
        const saying = async () => alone(await driver.readValues(sql, args));
        return (await keep("read_values", [{ sql, args }], saying))[0]?.rows ?? [];
      },
      async write(sql, args) {
        const saying = async () => [await driver.write(sql, args)];
        return (await keep("write", [{ sql, args }], saying))[0] ?? { changed: 0, rows: [] };
      },
      writeAll: (statements) => keep("transaction", statements, () => driver.writeAll(statements)),
    },
  };
}

/** @throws AssertionError when the database answers anything else than recorded */
export async function replay(driver: SqlDriver, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const heard = await say(driver, step).catch((error: unknown) => {
      if (error instanceof NothingChanged || step.came === null) return null;
      throw error;
    });
    const sql = step.sent[0]?.sql ?? "";
    // A name that ended twice is one row if that was in the same second of the database's clock.
    if (/^DELETE FROM (person|directory)_end /.test(sql)) continue;
    // Compared as JSON, since the recorded side is JSON.
    assert.deepEqual(JSON.parse(JSON.stringify(heard)), step.came, sql);
  }
}

async function say(driver: SqlDriver, { how, sent }: Step): Promise<Heard[]> {
  const [first = { sql: "", args: [] }] = sent;
  if (how === "read") return [{ changed: 0, rows: await driver.read(first.sql, first.args) }];
  if (how === "read_values")
    return [{ changed: 0, rows: await driver.readValues(first.sql, first.args) }];
  return how === "write" ? [await driver.write(first.sql, first.args)] : driver.writeAll(sent);
}
