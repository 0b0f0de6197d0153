/** Ids that are used once, and counters of tries. */

export interface SingleUseStore {
  /**
   * True for the first to claim `id` until it expires, on all nodes together.
   * @param claim.ends the name of an access token that ends by the claim, and is listed with it
   */
  claimOnce(
    kind: string,
    id: string,
    claim: { now: number; expires_at: number; ends?: string },
  ): Promise<boolean>;
  isClaimed(kind: string, id: string): Promise<boolean>;
  /**
   * Counts a try before it is judged, in one write. `counted: false`: the slot has to wait until `wait_until`, and the
   * try does not prolong this wait.
   */
  countTry(slot: number, rules: CounterRules): Promise<{ counted: boolean; wait_until: number }>;
  /** Takes back one try with the wait that it began, or all of them. */
  forgiveTries(slot: number, how: { all: boolean; free: number }): Promise<void>;
}

export interface CounterRules {
  now: number;
  /** Seconds after which a count starts anew. */
  window: number;
  /** From this many failures on, the slot waits: `wait` seconds, doubling to `longest_wait`. */
  free: number;
  wait: number;
  longest_wait: number;
}
