/** The model test, on any database. */
import type { TestContext } from "node:test";
import fc from "fast-check";
import { type Command, command } from "./commands.ts";
import { found } from "./found.ts";
import { openWorld, runCommands } from "./run.ts";

/** A secret for tests only. */
const SECRET = Buffer.alloc(32, 5).toString("base64url");

/** @param runs number of sequences, unless `TEST_RUNS` says so; `TEST_SEED` names the first of them */
export async function checkModel(t: TestContext, database: string, runs: number): Promise<void> {
  const seed = Number(process.env.TEST_SEED ?? 20_261_124);
  const numRuns = Number(process.env.TEST_RUNS ?? runs);
  t.diagnostic(`seed ${seed}, ${numRuns} runs`);
  const world = await openWorld(database, SECRET);
  try {
    const commands = fc.array(command, { minLength: 1, maxLength: 60, size: "max" });
    await fc.assert(
      fc.asyncProperty(commands, (each) => runCommands(world, each)),
      { seed, numRuns, examples: found.map((each): [Command[]] => [each]) },
    );
  } finally {
    await world.close();
  }
}
