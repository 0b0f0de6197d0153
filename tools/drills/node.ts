/** `valetkey start`, as a process of its own: started, watched, killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Config } from "../../src/config.ts";
import { wire } from "./ask.ts";
import type { Place } from "./place.ts";

export interface NodeOptions {
  place: Pick<Place, "folder" | "database">;
  port: number;
  config: Config;
  /** The checkout to run; left out: this one. */
  root?: string;
  /** Modules that are loaded first. */
  preload?: readonly string[];
  env?: Record<string, string>;
  metrics_port?: number;
}

export interface RunningNode {
  readonly pid: number;
  readonly origin: string;
  /** Milliseconds from the start of the process until it said that it was ready. */
  readonly ready_ms: number;
  readonly child: ChildProcess;
  /** The last warnings and errors of its log. */
  readonly troubles: string[];
  isUp(): boolean;
  /** Kills it at once. */
  kill(): Promise<void>;
  /** Stops it gracefully. @returns the exit code */
  stop(): Promise<number>;
}

/** A secret for drills only, shared by the nodes of one database. */
export const SECRET = Buffer.alloc(32, 7).toString("base64url");
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const READY_EVERY = 10;
const PATIENCE = 30_000;

export const environment = (): Record<string, string | undefined> => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("VALETKEY_")),
  ),
  VALETKEY_SECRET: SECRET,
});

/** The arguments of Node and of the command line; the configuration becomes a file. */
export function commandLine(
  { place, config, root = ROOT, preload = [] }: Omit<NodeOptions, "port">,
  command: readonly string[],
): string[] {
  const file = join(place.folder, "drill.config.json");
  writeFileSync(file, JSON.stringify(config));
  const loads = preload.flatMap((module) => ["--import", module]);
  const settings = ["--database", place.database, "--config", file];
  return [...loads, join(root, "src/cli/main.ts"), ...command, ...settings];
}

/** No server stays behind, however a drill ends. */
const children = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** Resolves when `/readyz` says 200. */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { port, metrics_port, env = {} } = options;
  const metrics = metrics_port === undefined ? [] : ["--metrics", `127.0.0.1:${metrics_port}`];
  const args = commandLine(options, ["start", "--port", String(port), ...metrics]);
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: options.place.folder,
    env: { ...environment(), ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  children.add(child);
  child.once("exit", () => children.delete(child));
  const ended = once(child, "exit");
  const troubles = watch(child);
  const origin = `http://127.0.0.1:${port}`;
  const isUp = (): boolean => child.exitCode === null && child.signalCode === null;
  await untilReady(origin, { isUp, troubles });
  return {
    pid: child.pid ?? 0,
    origin,
    ready_ms: performance.now() - began,
    child,
    troubles,
    isUp,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async stop() {
      child.kill("SIGTERM");
      const [code] = await ended;
      return Number(code ?? -1);
    },
  };
}

/** CPU milliseconds so far; null if the system does not report them. */
export function cpuOf({ pid }: RunningNode): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? [];
    // In hundredths of a second, as Linux counts everywhere.
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return null; // no Linux
  }
}

/** Reads all output, so that the process never blocks, and keeps little of it. */
function watch(child: ChildProcess): string[] {
  const kept: string[] = [];
  const keep = (line: string): void => {
    kept.push(line.slice(0, 600));
    if (kept.length > 50) kept.shift();
  };
  if (child.stdout)
    createInterface(child.stdout).on("line", (line) => {
      if (!line.startsWith('{"level":"info"')) keep(line);
    });
  if (child.stderr) createInterface(child.stderr).on("line", keep);
  return kept;
}

async function untilReady(
  origin: string,
  { isUp, troubles }: { isUp(): boolean; troubles: string[] },
): Promise<void> {
  const probe = wire(origin, { keep_alive: false, timeout: PATIENCE });
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) {
    if (!isUp()) throw new Error(`the server ended at its start:\n${troubles.join("\n")}`);
    const answer = await probe.ask({ path: "/readyz" }).catch(() => null);
    if (answer?.status === 200 || answer?.status === 404) return;
    await sleep(READY_EVERY);
  }
  throw new Error(`the server was not ready within 30 s:\n${troubles.join("\n")}`);
}
