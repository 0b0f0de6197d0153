/** The processes of a benchmark: one per part, each on a core of its own if the system supports it. */
import { fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Material, ScenarioName } from "./scenarios.ts";

/** Messages to a server process between runs. */
export type Question =
  | { ask: "material"; scenario: ScenarioName; seconds: number }
  | { ask: "usage" };

export interface Usage {
  /** CPU time of all threads, since the start. */
  cpu_us: number;
  rss: number;
}

export interface Child {
  pid: number;
  ask<T>(question: object): Promise<T>;
  stop(): Promise<void>;
}

export interface ChildOptions {
  /** Null: any free core. */
  core: number | null;
  args?: string[];
  /** Options of node itself. */
  options?: string[];
  env?: Record<string, string>;
}

export const isPinned: boolean =
  availableParallelism() > 1 && spawnSync("taskset", ["-c", "0", "true"]).status === 0;

/** Milliseconds: making a million grants takes a minute, and a process that takes much longer is stuck. */
const PATIENCE = 400_000;
const LATEST_END = 20_000;

export function startChild(
  file: string,
  { core, args = [], options = [], env = {} }: ChildOptions,
): Child {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const pin = isPinned && core !== null;
  const before = pin ? ["-c", String(core), process.execPath] : [];
  const child = fork(path, args, {
    ...(pin && { execPath: "taskset" }),
    execArgv: [...before, ...options],
    env: { ...process.env, NODE_ENV: "production", ...env },
  });
  const ended = once(child, "exit");
  return {
    pid: child.pid ?? 0,
    async ask(question) {
      child.send(question);
      const died = ended.then(([code]) => Promise.reject(new Error(`${file} ended with ${code}`)));
      const answered = once(child, "message", { signal: AbortSignal.timeout(PATIENCE) });
      const [answer] = await Promise.race([answered, died]);
      return answer;
    },
    async stop() {
      if (child.connected) child.disconnect();
      const late = setTimeout(() => child.kill("SIGKILL"), LATEST_END);
      await ended;
      clearTimeout(late);
    },
  };
}

/** The other side, in a server process. */
export function answerQuestions(server: {
  material(scenario: ScenarioName, seconds: number): Promise<Material>;
  close(): Promise<void>;
}): void {
  process.on("message", async (question: Question) => {
    process.send?.(
      question.ask === "usage"
        ? usage()
        : await server.material(question.scenario, question.seconds),
    );
  });
  // No process stays behind, even when the benchmark is interrupted.
  endWithParent(() => server.close());
}

/** The parent may even have ended before this process started. */
export function endWithParent(close: () => Promise<void>): void {
  const end = async (): Promise<void> => {
    await close();
    process.exit();
  };
  if (process.connected) process.on("disconnect", end);
  else void end();
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpu_us: user + system, rss: process.memoryUsage.rss() };
}
