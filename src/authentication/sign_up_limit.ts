/** New accounts are limited for each network: a visitor adds a row with each. */
import type { Context } from "../context.ts";
import { counterSlot } from "../http/counter_slot.ts";
import { networkOf } from "../http/network.ts";

const AN_HOUR = 3600;
const MOST = 20;

/** @returns seconds to wait, or null when the network may create an account now */
export async function countSignUp(address: string, ctx: Context): Promise<number | null> {
  const slot = counterSlot("sign_up", networkOf(address), ctx);
  const rules = { now: ctx.now, window: AN_HOUR, free: MOST, wait: AN_HOUR, longest_wait: AN_HOUR };
  const { counted, wait_until } = await ctx.store.countTry(slot, rules);
  return counted ? null : Math.max(1, wait_until - ctx.now);
}
