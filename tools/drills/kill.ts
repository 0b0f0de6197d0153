/** Kills the process at random moments, and starts the next one on the same database. */
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../test/support/postgres.ts";
import { checkRows, checkTokens } from "./check.ts";
import { type Drill, type DrillRun, type Figures, HONEST, type Scale } from "./drill.ts";
import { newLedger } from "./ledger.ts";
import { startLoad } from "./load.ts";
import { cpuOf, startNode } from "./node.ts";
import { config, seed } from "./seed.ts";

/** Milliseconds under load before the next kill, at least and at most. */
const ALIVE = { least: 10, most: 250 };
const ROUNDS = { sqlite: 1000, postgres: 200 };
const QUICK = 25;
const roundsOf = ({ quick, rounds }: Scale, kind: keyof typeof ROUNDS): number =>
  rounds ?? (quick ? QUICK : ROUNDS[kind]);

export const kill: Drill = {
  name: "kill",
  title: "kill -9 at random moments under load, 1,000 times on SQLite, 200 on PostgreSQL",
  databases: ["sqlite", "postgres"],
  lines: (scale, kind) => [
    { figure: "rounds", says: "as often as said", at_least: roundsOf(scale, kind) },
    ...HONEST,
    { figure: "damaged", says: "the database is sound at the end", at_most: 0 },
    { figure: "ready_median_ms", says: "it is ready again within 2 s", at_most: 2000 },
    {
      figure: "ready_cpu_p99_ms",
      says: "and 99 of 100 starts need less than 2 s of a processor, whatever else runs there",
      at_most: 2000,
    },
    { figure: "refreshes", says: "there was load", at_least: 1 },
  ],
  run,
};

async function run({ place, tell, ...scale }: DrillRun): Promise<Figures> {
  const total = roundsOf(scale, place.kind);
  const port = await freePort();
  const settings = config(`http://127.0.0.1:${port}`);
  const seeded = await seed({ database: place.database, config: settings });
  const ledger = newLedger();
  const ready: number[] = [];
  const cpu: number[] = [];
  let node = await startNode({ place, port, config: settings });
  const load = startLoad(seeded, { ledger });
  try {
    for (let round = 1; round <= total; round += 1) {
      await sleep(ALIVE.least + Math.random() * (ALIVE.most - ALIVE.least));
      await node.kill();
      node = await startNode({ place, port, config: settings });
      ready.push(node.ready_ms);
      cpu.push(cpuOf(node) ?? node.ready_ms);
      await checkRows(ledger, place);
      if (round % 50 === 0) tell(`killed ${round} times`);
    }
    await load.stop();
    await checkRows(ledger, place);
    await checkTokens(ledger, seeded);
  } finally {
    await load.stop();
    await node.stop();
  }
  for (const line of ledger.odd) tell(line);
  const sound = await place.integrity();
  for (const values of [ready, cpu]) values.sort((a, b) => a - b);
  return {
    ...ledger.figures,
    rounds: ready.length,
    damaged: sound === "ok" ? 0 : 1,
    ready_median_ms: at(ready, 0.5),
    ready_p99_ms: at(ready, 0.99),
    ready_max_ms: at(ready, 1),
    ready_cpu_p99_ms: at(cpu, 0.99),
  };
}

const at = (sorted: readonly number[], share: number): number =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
