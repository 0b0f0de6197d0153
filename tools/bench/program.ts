/** Valetkey as people run it: the built package, `valetkey start`, a process of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isPinned } from "./child.ts";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Builds it beside the databases, as it would be published, and leaves the checkout alone. */
export function buildPackage(folder: string): string {
  const home = join(folder, "package");
  const dist = join(home, "dist");
  mkdirSync(home);
  cpSync(join(ROOT, "package.json"), join(home, "package.json"));
  symlinkSync(join(ROOT, "node_modules"), join(home, "node_modules"));
  const options = ["-p", "tsconfig.build.json", "--outDir", dist];
  const { stdout } = spawnSync(join(ROOT, "node_modules/.bin/tsc"), options, {
    cwd: ROOT,
    encoding: "utf8",
  });
  const main = join(dist, "src/cli/main.js");
  // A type error somewhere is no reason not to measure, as long as there is something to run.
  if (!existsSync(main)) throw new Error(`tsc: ${stdout}`);
  for (const assets of globSync(join(ROOT, "{src,demo}/**/assets")))
    cpSync(assets, join(dist, relative(ROOT, assets)), { recursive: true });
  return main;
}

export interface Program {
  port: number;
  /** Of the process that was started and of those that it started. */
  pids(): number[];
  stop(): Promise<void>;
}

export interface ProgramOptions {
  main: string;
  database: string;
  config: string;
  port: number;
  /** Null: on whichever is free. */
  core: number | null;
  flags?: string[];
}

/** Does not wait for anything. */
export function startProgram(options: ProgramOptions): Program {
  const { main, database, config, port, core, flags = [] } = options;
  const places = ["--database", database, "--config", config, "--port", String(port)];
  const command = [process.execPath, main, "start", ...places, ...flags];
  const pinned = isPinned && core !== null ? ["taskset", "-c", String(core), ...command] : command;
  const [program = "", ...args] = pinned;
  const child = spawn(program, args, { stdio: "ignore" });
  const kill = (): boolean => child.kill();
  process.once("exit", kill);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    port,
    pids: () => [child.pid ?? 0, ...childrenOf(child)],
    async stop() {
      kill();
      await ended;
      process.off("exit", kill);
    },
  };
}

export function hasFlag(main: string, flag: string): boolean {
  const { stdout } = spawnSync(process.execPath, [main, "start", "--help"], { encoding: "utf8" });
  return stdout.includes(flag);
}

function childrenOf({ pid }: ChildProcess): number[] {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return list.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Microseconds that a process has used so far; 0 where the system does not tell. */
export function cpuOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    // In hundredths of a second, by user and by system.
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  } catch {
    return 0;
  }
}
