/** Time that a test lets pass: for the issuer, and for the app, the API and the SDKs in the same process. */

export interface TestClock {
  /** Milliseconds since the epoch, for the issuer. */
  now(): number;
  /** Moves `Date` of this process, which all issuers and SDKs read. */
  advance(seconds: number): void;
  /** Moves this issuer alone, to the start of a later second: the next one, or so many after it. */
  leaveSecond(more: number): void;
  /** Takes back what this clock has moved `Date` by. */
  reset(): void;
}

export function createClock(): TestClock {
  let advanced = 0;
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  return {
    now,
    advance(seconds) {
      advanced += seconds * 1000;
      moveDate(seconds * 1000);
    },
    leaveSecond(more) {
      ahead += 1000 - (now() % 1000) + more * 1000;
    },
    reset() {
      moveDate(-advanced);
      advanced = 0;
    },
  };
}

/** Milliseconds by which `Date` is ahead. */
let moved = 0;
/** Null: `Date` was never moved. */
let installed: { original: DateConstructor; replacement: DateConstructor } | null = null;

function moveDate(ms: number): void {
  moved += ms;
  // A test runner with a clock of its own may have replaced it since.
  const isOurs = installed !== null && globalThis.Date === installed.replacement;
  if (moved !== 0 && !isOurs) {
    const original = globalThis.Date;
    installed = { original, replacement: movedDate(original) };
    globalThis.Date = installed.replacement;
  }
  if (moved === 0 && isOurs && installed) globalThis.Date = installed.original;
}

function movedDate(real: DateConstructor): DateConstructor {
  const now = (): number => real.now() + moved;
  return new Proxy(real, {
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
    apply: () => new real(now()).toString(),
    construct: (target, given, as) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, as),
  });
}
