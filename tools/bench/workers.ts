/** `valetkey start --workers N`: the gain of a second process for requests without writes. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../test/support/postgres.ts";
import { judged, MEMORY_MB, TWO_WORKERS } from "./aims.ts";
import { type Child, startChild } from "./child.ts";
import { type Prepared, prepareDatabase } from "./database.ts";
import type { Outcome } from "./load.ts";
import { count, table } from "./markdown.ts";
import { watchMemory } from "./measure.ts";
import type { Options } from "./options.ts";
import { cpuOf, hasFlag, startProgram } from "./program.ts";
import { firstAnswer } from "./start.ts";
import { median } from "./statistics.ts";

export interface WorkersRun {
  workers: number;
  requests_per_second: number;
  /** CPU time of all processes of the server, for each request. */
  cpu_us: number;
  /** Bytes of the largest process. */
  rss: number;
}

const SCENARIO = "client_credentials";

/** On all cores, which the load shares: on few cores the second worker has less than one core. */
export async function measureWorkers(
  folder: string,
  main: string,
  { runs, seconds, connections }: Options,
): Promise<WorkersRun[]> {
  if (!hasFlag(main, "--workers")) {
    process.stderr.write("workers: skipped, valetkey start has no --workers\n");
    return [];
  }
  const own = join(folder, "workers");
  mkdirSync(own);
  const prepared = await prepareDatabase(own);
  const load = startChild("load.ts", { core: null });
  const all: WorkersRun[] = [];
  try {
    for (let run = 1; run <= runs; run += 1)
      for (const workers of [1, 2]) {
        process.stderr.write(`${workers} workers, run ${run} of ${runs}\n`);
        all.push(await measure({ main, workers, seconds, connections }, prepared, load));
      }
  } finally {
    await load.stop();
  }
  return all;
}

async function measure(
  task: { main: string; workers: number; seconds: number; connections: number },
  { database, config, materialFor }: Prepared,
  load: Child,
): Promise<WorkersRun> {
  const { main, workers, seconds, connections } = task;
  const port = await freePort();
  const flags = ["--workers", String(workers)];
  const program = startProgram({ main, database, config, port, core: null, flags });
  try {
    const material = materialFor(port);
    await firstAnswer(port, SCENARIO, material);
    const order = { scenario: SCENARIO, material, connections, awake: false };
    // A first run warms up, and waits for every worker.
    await load.ask<Outcome>({ ...order, seconds: seconds / 2 });
    const pids = program.pids();
    const used = (): number => pids.reduce((sum, pid) => sum + cpuOf(pid), 0);
    const before = used();
    const watches = pids.map((pid) => watchMemory(pid));
    const outcome = await load.ask<Outcome>({ ...order, seconds });
    const rss = Math.max(...watches.map((watch) => watch.stop()));
    if ("failure" in outcome) throw new Error(outcome.failure);
    const cpu_us = (used() - before) / outcome.requests;
    return { workers, requests_per_second: outcome.requests / outcome.seconds, cpu_us, rss };
  } finally {
    await program.stop();
  }
}

export function workersTable(all: readonly WorkersRun[]): string[] {
  if (all.length === 0) return [];
  const of = (workers: number, key: keyof WorkersRun): number =>
    median(all.filter((one) => one.workers === workers).map((one) => one[key]));
  const twice = (value: number): string => `${value.toFixed(2)} ×`;
  const rows = [1, 2].map((workers) => [
    String(workers),
    count(of(workers, "requests_per_second")),
    workers === 1
      ? ""
      : judged(of(2, "requests_per_second") / of(1, "requests_per_second"), TWO_WORKERS, twice),
    `${count(of(workers, "cpu_us"))} µs`,
    workers === 1 ? "" : twice((2 * of(1, "cpu_us")) / of(2, "cpu_us")),
    judged(of(workers, "rss") / 1e6, MEMORY_MB, (value) => `${count(value)} MB`),
  ]);
  const head = [
    "workers, client_credentials",
    "requests a second",
    "of one",
    "CPU each",
    "of one, with a core each (by CPU)",
    "memory of the largest",
  ];
  return [`### Workers\n\n${table(head, rows)}`];
}
