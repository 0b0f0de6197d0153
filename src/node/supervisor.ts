/** Keeps a number of worker processes alive. It does not know the content of their messages. */
import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";
import type { Log } from "../context.ts";
import type { ToPrimary, ToWorker } from "./worker_messages.ts";

/** Milliseconds. A worker that lived longer did not end for a reason that would also end the next one. */
const LONG_LIFE = 10_000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;
/** Milliseconds after which workers that have not stopped are killed, so that everything ends within 10 s. */
const PATIENCE = 9600;

export interface Member {
  /** From 1 on. A replacement has the number of the worker that ended. */
  readonly number: number;
  readonly pid: number | undefined;
  post(message: ToWorker, socket?: Socket): void;
}

export interface SupervisorOptions {
  /** The program of a worker. */
  entry: URL;
  count: number;
  log: Log;
  begun(member: Member): void;
  heard(member: Member, message: ToPrimary): void;
  /**
   * Called after the worker's last message.
   * @returns whether to replace it
   */
  ended(member: Member): boolean;
}

export interface Supervisor {
  members(): Member[];
  /** The number of workers that ended unexpectedly. */
  deaths(): number;
  /** Tells all workers to stop; resolves when none is left. */
  stop(): Promise<void>;
  /** Kills all workers without waiting for their work. */
  kill(): Promise<void>;
}

/** The first worker that ends is replaced at once; after workers that ended early, the pause grows. */
export const pauseBefore = (short_lives: number): number =>
  short_lives < 2 ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (short_lives - 2));

export function startSupervisor({
  entry,
  count,
  log,
  begun,
  heard,
  ended,
}: SupervisorOptions): Supervisor {
  const alive = new Map<Member, ChildProcess>();
  const pauses = new Set<NodeJS.Timeout>();
  let stopping = false;
  let deaths = 0;
  let empty: (() => void) | null = null;

  function begin(number: number, short_lives: number): void {
    const began = performance.now();
    const child = fork(entry);
    const member = memberOf(child, number);
    alive.set(member, child);
    child.on("message", (message: ToPrimary) => heard(member, message));
    child.on("error", (error) => log.error("worker", { worker: number, why: error.message }));
    // The later of two events: the process has ended, and all its messages were received.
    child.once("close", (code, signal) => {
      alive.delete(member);
      const replaced = ended(member);
      if (alive.size === 0) empty?.();
      if (stopping || !replaced) return;
      deaths += 1;
      const short = performance.now() - began < LONG_LIFE ? short_lives + 1 : 0;
      const ms = pauseBefore(short);
      log.error("worker ended", { worker: number, pid: child.pid, code, signal, again_in_ms: ms });
      later(ms, () => begin(number, short));
    });
    begun(member);
  }

  function later(ms: number, run: () => void): void {
    const pause = setTimeout(() => {
      pauses.delete(pause);
      run();
    }, ms);
    pauses.add(pause);
  }

  async function end(tell: (member: Member, child: ChildProcess) => void): Promise<void> {
    stopping = true;
    for (const pause of pauses) clearTimeout(pause);
    if (alive.size === 0) return;
    const none = new Promise<void>((resolve) => (empty = resolve));
    for (const [member, child] of alive) tell(member, child);
    const late = setTimeout(() => {
      for (const child of alive.values()) child.kill("SIGKILL");
    }, PATIENCE);
    await none;
    clearTimeout(late);
  }

  for (let number = 1; number <= count; number += 1) begin(number, 0);
  return {
    members: () => [...alive.keys()],
    deaths: () => deaths,
    stop: () => end((member) => member.post({ kind: "stop" })),
    kill: () => end((_, child) => child.kill("SIGKILL")),
  };
}

/** A message to a worker that ends meanwhile is lost; its end is reported anyway. */
const memberOf = (child: ChildProcess, number: number): Member => ({
  number,
  pid: child.pid,
  post(message, socket) {
    if (child.connected) child.send(message, socket, { keepOpen: true }, () => {});
  },
});
