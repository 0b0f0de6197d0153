/** Keeps the copy of an issuer's list of ended tokens recent, while tokens are being checked. */
import type { BoundedFetch } from "../fetch.ts";
import { seconds } from "../kept.ts";
import { type EndedNames, endedNames } from "./ended_names.ts";

/** Milliseconds that a request waits for the list. */
const PATIENCE = 1000;
/** Seconds without a request after which the list is not followed any longer. */
const IDLE = 60;
const AN_HOUR = 3600;

export interface EndedList extends Pick<EndedNames, "isEnded"> {
  /**
   * Waits for an answer, if the last one is too old and the issuer is not known to be away.
   * @returns seconds since the last answer
   */
  refresh(): Promise<number>;
}

/**
 * @param address of the list; null: the issuer has none
 * @param every seconds between two looks
 */
export function endedList(
  address: () => Promise<string | null>,
  { every, fetch }: { every: number; fetch: BoundedFetch },
): EndedList {
  const { update, isEnded } = endedNames(fetch);
  let fresh_at = Number.NEGATIVE_INFINITY;
  let tried_at = Number.NEGATIVE_INFINITY;
  let used_at = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;

  async function ask(): Promise<void> {
    const began = seconds();
    tried_at = began;
    const endpoint = await address();
    if (endpoint !== null) await update(endpoint);
    // The metadata is read again after an hour.
    fresh_at = endpoint === null ? began + AN_HOUR : began;
  }

  function askOnce(): Promise<void> {
    asking ??= ask()
      .catch(() => {})
      .finally(() => {
        asking = null;
        later();
      });
    return asking;
  }

  /** The next look, so that no request has to wait for it. */
  function later(): void {
    const now = seconds();
    if (timer !== null || fresh_at > now || now - used_at > IDLE) return;
    timer = setTimeout(() => {
      timer = null;
      void askOnce();
    }, every * 1000);
    // The program may end meanwhile.
    if (typeof timer === "object" && "unref" in timer) timer.unref();
  }

  return {
    isEnded,
    async refresh() {
      const now = seconds();
      used_at = now;
      if (now - fresh_at <= every + PATIENCE / 2000) return Math.max(0, now - fresh_at);
      // After a failure, requests go on without waiting until it is time to try again.
      const waits = asking !== null ? now - tried_at < PATIENCE / 1000 : now - tried_at >= every;
      if (waits) await within(PATIENCE, askOnce());
      return Math.max(0, seconds() - fresh_at);
    },
  };
}

/** Resolves with the promise, or after these milliseconds without it. */
function within(ms: number, promise: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void promise.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
