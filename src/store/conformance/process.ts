/** Separate processes that open the same database and race for its rows, so that the database alone orders them. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** An operation with its arguments. */
export type Call<T> = {
  [K in keyof T & string]: T[K] extends (...args: infer A) => Promise<unknown>
    ? readonly [operation: K, ...args: A]
    : never;
}[keyof T & string];

/** The results of the operations. */
export type Outcome<T> = {
  [K in keyof T]: T[K] extends (...args: never[]) => Promise<infer R> ? R : never;
}[keyof T];

export type Lanes<T> = readonly (readonly Call<T>[])[];

/** The messages to the child, and its answers. */
export type AnyLanes = readonly (readonly (readonly [operation: string, ...args: unknown[]])[])[];
export type Order = { open: string } | { lanes: AnyLanes } | { begin_at: number } | "close";
export type Answer<T> = "done" | { outcomes: Outcome<T>[][] } | { failure: string };

export interface StoreProcess<T> {
  /** Opens a database; one is open at a time. */
  open(database: string): Promise<void>;
  /**
   * Passes operations: those of a lane run one after the other, the lanes all at once. Resolves when the process is
   * ready; the returned function starts them at a time that several processes can share.
   */
  prepare(lanes: Lanes<T>): Promise<(begin_at: number) => Promise<Outcome<T>[][]>>;
  close(): Promise<void>;
  /** For example SIGKILL, or SIGSTOP and SIGCONT: a stopped process answers nothing. */
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Milliseconds until all processes know when to begin. */
const LEAD = 3;

/** @param module URL of a module whose `open(database)` returns an object with the operations and `close` */
export async function startProcess<T extends object>(module: URL): Promise<StoreProcess<T>> {
  const own = import.meta.url;
  const program = new URL(`process_program${own.slice(own.lastIndexOf("."))}`, own);
  const child = fork(program, [module.href], {
    serialization: "advanced",
    execArgv: process.execArgv.filter((flag) => !flag.startsWith("--test")),
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  const ask = async (order: Order): Promise<Answer<T>> => {
    const answer = nextAnswer<T>(child);
    await tell(child, order);
    return answer;
  };
  await nextAnswer<T>(child);
  return {
    async open(database) {
      await ask({ open: database });
    },
    async prepare(lanes) {
      await ask({ lanes });
      return async (begin_at) => {
        const answer = await ask({ begin_at });
        return typeof answer === "object" && "outcomes" in answer ? answer.outcomes : [];
      };
    },
    async close() {
      await ask("close");
    },
    signal(name) {
      child.kill(name);
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}

/** Both begin at the same moment. @returns the results by process, lane and operation */
export async function race<T>(
  processes: readonly [StoreProcess<T>, StoreProcess<T>],
  plans: readonly [Lanes<T>, Lanes<T>],
): Promise<[Outcome<T>[][], Outcome<T>[][]]> {
  const [one, two] = processes;
  const [first, second] = await Promise.all([one.prepare(plans[0]), two.prepare(plans[1])]);
  const begin_at = Date.now() + LEAD;
  return Promise.all([first(begin_at), second(begin_at)]);
}

const tell = (child: ChildProcess, order: Order): Promise<void> =>
  new Promise((resolve, reject) => {
    child.send(order, (error) => (error ? reject(error) : resolve()));
  });

/** @throws Error that the process reports, or that it has died */
function nextAnswer<T>(child: ChildProcess): Promise<Answer<T>> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null) => reject(new Error(`the process ended with ${code}`));
    child.once("exit", died);
    child.once("message", (answer: Answer<T>) => {
      child.off("exit", died);
      if (typeof answer === "object" && "failure" in answer) reject(new Error(answer.failure));
      else resolve(answer);
    });
  });
}
