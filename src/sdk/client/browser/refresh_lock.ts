/** One refresh at a time, among all tabs of the app. */
import type { App } from "./options.ts";

/** Milliseconds. A tab that stands still inside its refresh must not hold up the others for longer. */
const PATIENCE = 10_000;

/**
 * `work` under the lock of this app, or without it after 10 seconds. Nothing is stolen: the tab that has the lock keeps
 * it, and whoever comes later finds out by `rev`.
 */
export async function inTurn<T>({ page, name }: App, work: () => Promise<T>): Promise<T> {
  let isHere = false;
  const signal = AbortSignal.timeout(PATIENCE);
  const turn = (): Promise<T> => {
    isHere = true;
    return work();
  };
  try {
    return await page.navigator.locks.request(`${name} refresh`, { signal }, turn);
  } catch (error) {
    if (isHere || !signal.aborted) throw error;
    return work();
  }
}
