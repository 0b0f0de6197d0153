/**
 * Budgets that all nodes share in the database: a number of uses in a window, and then a wait. For rare requests that
 * guess or fill something up; frequent requests are limited in memory (`rate_limit.ts`).
 */
import type { Context } from "../context.ts";
import { type CounterKind, counterSlot } from "./counter_slot.ts";

export interface Budget {
  kind: CounterKind;
  /** The owner of the budget, such as a network. */
  name: string;
  most: number;
  /** Seconds. */
  window: number;
}

/**
 * Takes one use from each budget, or nothing at all.
 * @returns seconds to wait; 0: the uses were taken
 */
export async function spend(budgets: readonly Budget[], ctx: Context): Promise<number> {
  const spent: Budget[] = [];
  for (const budget of budgets) {
    const { kind, name, most: free, window } = budget;
    const rules = { now: ctx.now, window, free, wait: window, longest_wait: window };
    const { counted, wait_until } = await ctx.store.countTry(counterSlot(kind, name, ctx), rules);
    if (!counted) {
      await refund(spent, ctx);
      return Math.max(1, wait_until - ctx.now);
    }
    spent.push(budget);
  }
  return 0;
}

/** Gives one use back to each budget. */
export async function refund(budgets: readonly Budget[], ctx: Context): Promise<void> {
  for (const { kind, name, most: free } of budgets)
    await ctx.store.forgiveTries(counterSlot(kind, name, ctx), { all: false, free });
}
