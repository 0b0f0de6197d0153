/** Changes on the account pages are limited: each may be a row, an event, and an empty cache on every node. */
import type { Context } from "../context.ts";
import { counterSlot } from "../http/counter_slot.ts";
import type { HttpRequest } from "../http/message.ts";
import { networkOf } from "../http/network.ts";
import { PageError } from "../http/page.ts";

const A_MINUTE = 60;
/** Changes in a minute: more than a person makes by hand. */
const OF_PERSON = 60;
const OF_NETWORK = 600;

/** @throws PageError 429 when the person, or all from this network together, changed too much in a short time */
export async function countChange(
  sub: string,
  { address }: HttpRequest,
  ctx: Context,
): Promise<void> {
  const rules = { now: ctx.now, window: A_MINUTE, wait: A_MINUTE, longest_wait: A_MINUTE };
  for (const [name, free] of [
    [`person ${sub}`, OF_PERSON],
    [`network ${networkOf(address)}`, OF_NETWORK],
  ] as const) {
    const slot = counterSlot("account_change", name, ctx);
    const { counted, wait_until } = await ctx.store.countTry(slot, { ...rules, free });
    if (counted) continue;
    const retry_after = Math.max(1, wait_until - ctx.now);
    throw new PageError("too_many", { status: 429, detail: "too many changes", retry_after });
  }
}
