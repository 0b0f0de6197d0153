/** What a conformance test is: a sentence, and what must hold on a fresh store, or on two nodes of one. */
import type { Store } from "../store.ts";

export type Scenarios = Readonly<Record<string, (store: Store) => Promise<void>>>;
/** Two stores on one database, as two processes have them. */
export type RacingScenarios = Readonly<Record<string, (one: Store, two: Store) => Promise<void>>>;

/** Starts `count` operations at once. */
export const atOnce = <T>(count: number, operation: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => operation(i)));

export const trueOnes = (outcomes: readonly unknown[]): number =>
  outcomes.filter((outcome) => outcome === true).length;
