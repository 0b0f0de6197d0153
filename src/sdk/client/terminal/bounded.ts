/** A sign-in ends in time, and by Ctrl-C, with everything cleaned up. */
import { AuthError } from "../../errors.ts";

export interface Bounds {
  /** Seconds. */
  timeout: number;
  /** The caller's. */
  signal: AbortSignal | undefined;
}

/** They end a process that does not listen. */
export const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Milliseconds: a timer that is set for longer fires at once. */
const LONGEST = 2 ** 31 - 1;
/** As the shell tells of a program that Ctrl-C has ended. */
const INTERRUPTED = 130;

/**
 * @param work cleans up when its signal is aborted, and throws the reason
 * @throws AuthError `timed_out`, `cancelled`. After Ctrl-C, the process exits unless the app listens to the signal
 */
export async function bounded<T>(
  { timeout, signal }: Bounds,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let interrupted: NodeJS.Signals | null = null;
  const late = setTimeout(
    () => controller.abort(timedOut(timeout)),
    Math.min(timeout * 1000, LONGEST),
  );
  const cancel = (): void => controller.abort(cancelled());
  const interrupt = (name: NodeJS.Signals): void => {
    interrupted = name;
    cancel();
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  signal?.addEventListener("abort", cancel);
  if (signal?.aborted) cancel();
  try {
    controller.signal.throwIfAborted();
    return await work(controller.signal);
  } finally {
    clearTimeout(late);
    signal?.removeEventListener("abort", cancel);
    for (const name of SIGNALS) process.off(name, interrupt);
    if (interrupted !== null && process.listenerCount(interrupted) === 0) process.exit(INTERRUPTED);
  }
}

const cancelled = (): AuthError =>
  new AuthError("cancelled", "the sign-in was stopped", { hint: "call again when it is wanted" });

const timedOut = (timeout: number): AuthError =>
  new AuthError("timed_out", `nobody signed in within ${timeout} s`, {
    hint: "run it again",
    retryable: true,
  });
