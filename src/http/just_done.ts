/**
 * The change that a form has just made, in the address of the page that follows it. It is sealed, so that no link can
 * claim a change.
 */
import type { Context } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";

/** Seconds for which a page may tell it. */
const JUST_NOW = 60;

const purposeFor = (whom: string): string => `just done by ${whom}`;

/**
 * @param what without a space
 * @param whom the `sub` of the person, or the id of the browser where they have signed out
 */
export const sealDone = (what: string, whom: string, ctx: Context): string =>
  seal(`${what} ${ctx.now + JUST_NOW}`, purposeFor(whom), ctx);

/** Null: this person has not just done it, or longer ago. */
export function openDone(sealed: string | undefined, whom: string, ctx: Context): string | null {
  const [what = null, until] = unseal(sealed ?? "", purposeFor(whom), ctx)?.split(" ") ?? [];
  return Number(until) > ctx.now ? what : null;
}
