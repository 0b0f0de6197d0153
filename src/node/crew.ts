/** Keeps a number of worker processes alive. What they say and are told is not known here. */
import cluster, { type Worker } from "node:cluster";
import { fileURLToPath } from "node:url";
import type { Log } from "../context.ts";
import type { ToPrimary, ToWorker } from "./worker_messages.ts";

/** Milliseconds: who lived longer has not ended for a reason that stands in the way of the next one. */
const LONG_LIFE = 10_000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;
/** What has not stopped by itself by then is killed, so that all ends within 10 s. */
const PATIENCE = 9600;

export interface Member {
  readonly number: number;
  post(message: ToWorker): void;
}

export interface CrewOptions {
  /** The program of a worker. */
  entry: URL;
  count: number;
  log: Log;
  /** A process was begun, one of the first or one that replaces another. `alone`: there is no other at the moment. */
  begun(member: Member, alone: boolean): void;
  heard(member: Member, message: ToPrimary): void;
  /** @returns whether another one is to take its place */
  ended(number: number): boolean;
}

export interface Crew {
  members(): Member[];
  /** How many have ended that should not have. */
  deaths(): number;
  /** Tells all of them to stop; resolves when none is left. */
  stop(): Promise<void>;
  /** Without waiting for anything that they do. */
  kill(): Promise<void>;
}

/** The first one to end is replaced at once, one that ends right after its beginning ever later. */
export const pauseBefore = (short_lives: number): number =>
  short_lives < 2 ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (short_lives - 2));

export function startCrew({ entry, count, log, begun, heard, ended }: CrewOptions): Crew {
  // In turn, so that a few connections that stay open are spread evenly; the kernel's choice favours one process.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({ exec: fileURLToPath(entry), args: [] });
  const alive = new Map<Worker, Member>();
  const pauses = new Set<NodeJS.Timeout>();
  let stopping = false;
  let deaths = 0;
  let empty: (() => void) | null = null;

  function begin(number: number, short_lives: number): void {
    const began = performance.now();
    const worker = cluster.fork();
    const member: Member = {
      number,
      post(message) {
        if (worker.isConnected()) worker.send(message, () => {});
      },
    };
    alive.set(worker, member);
    worker.on("message", (message: ToPrimary) => heard(member, message));
    worker.on("error", () => {});
    worker.once("exit", (code, signal) => {
      alive.delete(worker);
      const replaced = ended(number);
      if (alive.size === 0) empty?.();
      if (stopping || !replaced) return;
      deaths += 1;
      const short = performance.now() - began < LONG_LIFE ? short_lives + 1 : 0;
      const ms = pauseBefore(short);
      log.error("worker ended", { worker: number, code, signal, again_in_ms: ms });
      later(ms, () => begin(number, short));
    });
    begun(member, alive.size === 1);
  }

  function later(ms: number, run: () => void): void {
    const pause = setTimeout(() => {
      pauses.delete(pause);
      run();
    }, ms);
    pauses.add(pause);
  }

  async function end(tell: (worker: Worker, member: Member) => void): Promise<void> {
    stopping = true;
    for (const pause of pauses) clearTimeout(pause);
    if (alive.size === 0) return;
    const none = new Promise<void>((resolve) => (empty = resolve));
    for (const [worker, member] of alive) tell(worker, member);
    const late = setTimeout(() => {
      for (const worker of alive.keys()) worker.process.kill("SIGKILL");
    }, PATIENCE);
    await none;
    clearTimeout(late);
  }

  for (let number = 1; number <= count; number += 1) begin(number, 0);
  return {
    members: () => [...alive.values()],
    deaths: () => deaths,
    stop: () => end((_, member) => member.post({ kind: "stop" })),
    kill: () => end((worker) => worker.process.kill("SIGKILL")),
  };
}
