/** New accounts are limited for each network: a visitor adds a row with each. */
import type { Context } from "../context.ts";
import { hmacSha256 } from "../crypto/hash.ts";
import { networkOf } from "../http/network.ts";

const AN_HOUR = 3600;
const MOST = 20;
const SLOTS = 2 ** 20;

/** @returns seconds to wait, or null when the network may create an account now */
export async function countSignUp(address: string, ctx: Context): Promise<number | null> {
  const text = `sign-up ${networkOf(address)}`;
  const slot = hmacSha256(ctx.secrets.current.counter, text).readUInt32BE(0) % SLOTS;
  const rules = { now: ctx.now, window: AN_HOUR, free: MOST, wait: AN_HOUR, longest_wait: AN_HOUR };
  const { counted, wait_until } = await ctx.store.countTry(slot, rules);
  return counted ? null : Math.max(1, wait_until - ctx.now);
}
