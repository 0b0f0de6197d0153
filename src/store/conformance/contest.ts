/** A race of two processes, in which both make the same call many times at once. */
import assert from "node:assert/strict";
import type { Store } from "../store.ts";
import { type Call, type Lanes, race, type StoreProcess } from "./process.ts";

export type Pair = readonly [StoreProcess<Store>, StoreProcess<Store>];
/** `store`: the same database, opened by the test itself. */
export type ProcessScenarios = Readonly<
  Record<string, (pair: Pair, store: Store) => Promise<void>>
>;

/** A list of `count` values. */
export const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** Each process runs the call `each` times at once. @returns the number of outcomes equal to `won` */
export async function contest(
  pair: Pair,
  call: (i: number) => Call<Store>,
  { each, won = true }: { each: number; won?: unknown },
): Promise<number> {
  const lanes = (from: number): Lanes<Store> => times(each, (i) => [call(from + i)]);
  const outcomes = (await race(pair, [lanes(0), lanes(each)])).flat(2);
  assert.equal(outcomes.length, each * 2);
  return outcomes.filter((outcome) => outcome === won).length;
}
