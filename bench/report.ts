/** What came out: a table to read, and JSON to compare. */
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { isPinned } from "./child.ts";
import { SCENARIOS } from "./scenarios.ts";

export interface Measurement {
  scenario: string;
  server: "floor" | "valetkey";
  requests: number;
  requests_per_second: number;
  /** Of all threads of the server, for each request. */
  cpu_us: number;
  /** 1: the server had one core for itself, and used all of it. Less: it waited for the disk, or others ran too. */
  cpu_share: number;
  /** Bytes, after the run. */
  rss: number;
}

export interface Machine {
  cpu: string;
  cores: number;
  memory_gb: number;
  system: string;
  node: string;
  /** Median time of a 4 KB write that reaches the disk, in microseconds. */
  fsync_us: number;
  pinned: boolean;
  /** Processes that wanted to run in the minute before. */
  load: number;
}

export function describeMachine(folder: string): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 1e9),
    system: `${type()} ${release()}`,
    node: process.version,
    fsync_us: Math.round(measureFsync(join(folder, "fsync"))),
    pinned: isPinned,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

function measureFsync(path: string): number {
  const file = openSync(path, "w");
  const times = Array.from({ length: 50 }, () => {
    writeSync(file, Buffer.alloc(4096));
    const begin = performance.now();
    fsyncSync(file);
    return (performance.now() - begin) * 1000;
  });
  closeSync(file);
  rmSync(path);
  return median(times);
}

export function printReport(machine: Machine, measurements: readonly Measurement[]): void {
  const { cpu, cores, memory_gb, system, node, fsync_us, pinned, load } = machine;
  console.log(`\n${cpu}, ${cores} cores, ${memory_gb} GB, ${system}, Node ${node}`);
  console.log(`fsync ${fsync_us} us; server and load ${pinned ? "on a core each" : "not pinned"}`);
  if (load > cores / 4) console.log(`the machine was busy before (load ${load}): take a quiet one`);
  const space = " ".repeat(40);
  console.log(
    `\n${space}| floor${" ".repeat(27)}| valetkey${" ".repeat(31)}| of the floor's\n` +
      `${"".padEnd(40)}| ${HEAD}| ${HEAD}   RSS   | req/s   CPU`,
  );
  for (const { name, title } of SCENARIOS) {
    const [floor, own] = (["floor", "valetkey"] as const).map((server) =>
      summarise(measurements.filter((one) => one.scenario === name && one.server === server)),
    );
    if (!floor || !own) continue;
    const speed = percent(own.rate.median / floor.rate.median);
    const cost = (own.cpu.median / floor.cpu.median).toFixed(2);
    const memory = `${Math.round(own.rss / 1e6)} MB`.padStart(7);
    console.log(
      `${title.padEnd(40)}| ${columns(floor)}| ${columns(own)}${memory} | ${speed}  ${cost} x`,
    );
  }
  console.log(
    "\nreq/s: median (minimum - maximum); CPU: microseconds a request, and how busy it was",
  );
}

const HEAD = "req/s                 CPU  busy ";

interface Spread {
  min: number;
  median: number;
  max: number;
}
interface Summary {
  rate: Spread;
  cpu: Spread;
  share: Spread;
  rss: number;
}

function summarise(runs: readonly Measurement[]): Summary | null {
  if (runs.length === 0) return null;
  return {
    rate: spread(runs.map((run) => run.requests_per_second)),
    cpu: spread(runs.map((run) => run.cpu_us)),
    share: spread(runs.map((run) => run.cpu_share)),
    rss: Math.max(...runs.map((run) => run.rss)),
  };
}

function columns({ rate, cpu, share }: Summary): string {
  const range = `(${Math.round(rate.min)} - ${Math.round(rate.max)})`;
  const rates = `${String(Math.round(rate.median)).padStart(5)} ${range.padEnd(15)}`;
  return `${rates} ${cpu.median.toFixed(0).padStart(4)} ${percent(share.median)} `;
}

const spread = (values: number[]): Spread => ({
  min: Math.min(...values),
  median: median(values),
  max: Math.max(...values),
});

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`.padStart(5);
