/** Ctrl-C waits for a refresh: its old token is spent, and its new one is not kept yet. */
import { SIGNALS } from "./bounded.ts";

/**
 * A signal that would end this process ends it after the work, and a second one at once. A process that listens to
 * signals itself is left alone.
 */
export async function uninterrupted<T>(work: () => Promise<T>): Promise<T> {
  let held: NodeJS.Signals | null = null;
  const leave = (): void => {
    for (const name of SIGNALS) process.off(name, hold);
    if (held !== null && process.listenerCount(held) === 0) process.kill(process.pid, held);
  };
  const hold = (name: NodeJS.Signals): void => {
    const isSecond = held !== null;
    held = name;
    if (isSecond) leave();
  };
  for (const name of SIGNALS) process.on(name, hold);
  return work().finally(leave);
}
