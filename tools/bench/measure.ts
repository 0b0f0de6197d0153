/** One run: a server, the load, and the cost for the server. */
import { readFileSync } from "node:fs";
import type { Child, Question, Usage } from "./child.ts";
import type { Order, Outcome } from "./load.ts";
import { endedPath, type Material, type ScenarioName } from "./scenarios.ts";

export interface Run {
  requests: number;
  requests_per_second: number;
  /** CPU time of all threads of the server, for each request. */
  cpu_us: number;
  /** 1: the server used all of one core. Less: it waited for the disk, or other processes ran too. */
  cpu_share: number;
  /** Milliseconds to an answer, with one request in flight on each connection. */
  p50: number;
  p99: number;
  /** Peak memory during the run, in bytes. */
  rss: number;
}

export interface RunOptions {
  scenario: ScenarioName;
  server: Child;
  load: Child;
  seconds: number;
  connections: number;
  awake: boolean;
}

/** @returns null when the server does not support the scenario */
export async function measure(options: RunOptions): Promise<Run | null> {
  const { scenario, server, load, ...rest } = options;
  const { seconds } = options;
  const ask = <T>(question: Question): Promise<T> => server.ask(question);
  const material = await ask<Material>({ ask: "material", scenario, seconds });
  const unchanged = UNCHANGED[scenario];
  if (unchanged !== undefined) {
    material.etag ??= await etagOf(unchanged(material), material.port);
    if (material.etag === null) return null;
  }
  const before = await ask<Usage>({ ask: "usage" });
  const memory = watchMemory(server.pid);
  const outcome = await load.ask<Outcome>({ scenario, material, ...rest } satisfies Order);
  const peak = memory.stop();
  const after = await ask<Usage>({ ask: "usage" });
  if ("failure" in outcome) throw new Error(`${scenario}: ${outcome.failure}`);
  const cpu_us = after.cpu_us - before.cpu_us;
  return {
    requests: outcome.requests,
    requests_per_second: outcome.requests / outcome.seconds,
    cpu_us: cpu_us / outcome.requests,
    cpu_share: cpu_us / 1e6 / outcome.seconds,
    ...outcome.latency,
    rss: Math.max(peak, after.rss),
  };
}

/** Requests for what the client has already, and their addresses. */
const UNCHANGED: Readonly<Partial<Record<ScenarioName, (material: Material) => string>>> = {
  jwks_unchanged: () => "/jwks",
  ended_unchanged: endedPath,
};

async function etagOf(path: string, port: number): Promise<string | null> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  await response.arrayBuffer();
  return response.headers.get("etag");
}

const LOOK_EVERY = 100;

/** Peak memory of the processes together, in bytes; 0 if the system does not report it. */
export function watchMemory(...pids: number[]): { stop(): number } {
  let peak = 0;
  const look = (): void => {
    peak = Math.max(
      peak,
      pids.reduce((sum, pid) => sum + residentBytes(pid), 0),
    );
  };
  look();
  const timer = setInterval(look, LOOK_EVERY);
  return {
    stop() {
      clearInterval(timer);
      look();
      return peak;
    },
  };
}

function residentBytes(pid: number): number {
  try {
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
