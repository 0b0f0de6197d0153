/** Limits new accounts for each network, since each one adds a row. */
import type { Context } from "../context.ts";
import { spend } from "../http/budget.ts";
import { networkOf } from "../http/network.ts";

const AN_HOUR = 3600;
const MOST = 20;

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
