/** Limits changes on the account pages: each may add a row and an event, and empty a cache on every node. */
import type { Context } from "../context.ts";
import { spend } from "../http/budget.ts";
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
  const change = { kind: "account_change", window: A_MINUTE } as const;
  const retry_after = await spend(
    [
      { ...change, name: `person ${sub}`, most: OF_PERSON },
      { ...change, name: `network ${networkOf(address)}`, most: OF_NETWORK },
    ],
    ctx,
  );
  if (retry_after > 0)
    throw new PageError("too_many", { status: 429, detail: "too many changes", retry_after });
}
