/** Limits new accounts for each network, since each one adds a row. */
import type { Context } from "../context.ts";
import { spend } from "../http/budget.ts";
import { networkOf } from "../http/network.ts";

const AN_HOUR = 3600;
const MOST = 20;

/**
 * Whether the network may learn once more if a name is taken, without creating an account. The limit keeps strangers
 * from asking for long lists of names.
 */
export async function mayAskForName(address: string, ctx: Context): Promise<boolean> {
  const kind = "sign_up_name";
  const budget = { kind, name: networkOf(address), most: MOST, window: AN_HOUR } as const;
  return (await spend([budget], ctx)) === 0;
}

/** @returns seconds to wait, or null when the network may create an account now */
export async function countSignUp(address: string, ctx: Context): Promise<number | null> {
  const budget = {
    kind: "sign_up",
    name: networkOf(address),
    most: MOST,
    window: AN_HOUR,
  } as const;
  return (await spend([budget], ctx)) || null;
}
