/** Runs Valetkey as people do: the built package, `valetkey start`, a process of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isPinned } from "./child.ts";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Builds the package beside the databases, as it would be published, and leaves the checkout unchanged. */
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
  // A type error is no reason not to measure, if the build has output.
  if (!existsSync(main)) throw new Error(`tsc: ${stdout}`);
  for (const assets of globSync(join(ROOT, "{src,demo}/**/assets")))
    cpSync(assets, join(dist, relative(ROOT, assets)), { recursive: true });
  return main;
}

export interface Program {
  port: number;
  /** Ids of the process and its children. */
  pids(): number[];
  stop(): Promise<void>;
}

export interface ProgramOptions {
  main: string;
  database: string;
  config: string;
  port: number;
  /** Null: any free core. */
  core: number | null;
  flags?: string[];
}

/** Starts the program without waiting until it is ready. */
export function startProgram(options: ProgramOptions): Program {
  const { main, database, config, port, core, flags = [] } = options;
  const places = ["--database", database, "--config", config, "--port", String(port)];
  // Pages answer under the address that the load uses.
  const issuer = ["--issuer", `http://127.0.0.1:${port}`];
  const command = [process.execPath, main, "start", ...places, ...issuer, ...flags];
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

/** CPU microseconds of a process so far; 0 if the system does not report them. */
export function cpuOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    // User and system time, in hundredths of a second.
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  } catch {
    return 0;
  }
}
