/** The processes of a benchmark: one per part, each on a core of its own where the system can do that. */
import { fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Material } from "./scenarios.ts";

/** What a server process is asked between runs. */
export type Question = { ask: "material"; scenario: string; seconds: number } | { ask: "usage" };

export interface Usage {
  /** Of all threads, since the start. */
  cpu_us: number;
  rss: number;
}

export interface Child {
  ask<T>(question: object): Promise<T>;
  stop(): Promise<void>;
}

export const isPinned: boolean =
  availableParallelism() > 1 && spawnSync("taskset", ["-c", "0", "true"]).status === 0;

export function startChild(
  file: string,
  { core, args = [], options = [] }: { core: number; args?: string[]; options?: string[] },
): Child {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const pinned = isPinned && { execPath: "taskset" };
  const before = isPinned ? ["-c", String(core), process.execPath] : [];
  const child = fork(path, args, { ...pinned, execArgv: [...before, ...options] });
  const ended = once(child, "exit");
  return {
    async ask(question) {
      child.send(question);
      const died = ended.then(([code]) => Promise.reject(new Error(`${file} ended with ${code}`)));
      const [answer] = await Promise.race([once(child, "message"), died]);
      return answer;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** The other side of it, in a server process. */
export function answerQuestions(server: {
  material(scenario: string, seconds: number): Promise<Material>;
  close(): Promise<void>;
}): void {
  process.on("message", async (question: Question) => {
    process.send?.(
      question.ask === "usage"
        ? usage()
        : await server.material(question.scenario, question.seconds),
    );
  });
  // Also when the benchmark is interrupted: nothing stays behind.
  process.on("disconnect", async () => {
    await server.close();
    process.exit();
  });
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpu_us: user + system, rss: process.memoryUsage.rss() };
}
