/** Faults that a test asks for: slow answers, failures and lost answers. */

export interface Faults {
  /** Delays each answer by so many milliseconds from now on; 0: no longer. */
  slow(ms: number): void;
  /**
   * Answers the next requests to a path with a status, as a broken proxy does, and nothing of them reaches the server.
   * @param path below the issuer, without query, such as `/token`
   * @param times 1; `Infinity`: until it is called again, 0: no longer
   */
  fail(path: string, status: number, times?: number): void;
  /** The next request to a path is carried out, and its connection breaks before the answer. */
  loseAnswer(path: string): void;
}

/** What happens to one request. */
export interface Fate {
  /** Milliseconds. */
  delay: number;
  /** Null: the server answers. */
  status: number | null;
  lost: boolean;
}

/** A whole address would never match. */
function check(path: string): void {
  if (!/^\/[^?#]*$/.test(path))
    throw new Error(`${path} is no path below the issuer, such as /token`);
}

export function createFaults(): Faults & { next(path: string): Fate } {
  let delay = 0;
  const failing = new Map<string, { status: number; times: number }>();
  const losing = new Map<string, number>();
  return {
    slow(ms) {
      delay = ms;
    },
    fail(path, status, times = 1) {
      check(path);
      failing.set(path, { status, times });
    },
    loseAnswer(path) {
      check(path);
      losing.set(path, (losing.get(path) ?? 0) + 1);
    },
    next(path) {
      const failure = failing.get(path);
      if (failure && failure.times > 0) {
        failure.times -= 1;
        return { delay, status: failure.status, lost: false };
      }
      const lost = losing.get(path) ?? 0;
      if (lost > 0) losing.set(path, lost - 1);
      return { delay, status: null, lost: lost > 0 };
    },
  };
}
