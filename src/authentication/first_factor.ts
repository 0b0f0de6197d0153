/**
 * A sign-in that is half finished: the first factor was right, and a second one is to follow. It travels sealed, bound
 * to the browser, and any change of a factor or of the password voids it.
 */
import type { Context } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import type { Browser } from "../http/browser.ts";
import type { Proof } from "../oauth/assurance.ts";
import type { Person } from "../people/users.ts";
import type { Factors } from "../store/factor_store.ts";

/** Seconds. */
const LIFE = 600;
const PURPOSE = "first factor";

interface Sealed {
  sub: string;
  proof: Proof;
  /** The mark of the password, if there are marks. */
  mark: string | null;
  /** The version of the factors. */
  version: number;
  browser: string;
  expires_at: number;
}

export interface FirstFactor {
  person: Person;
  proof: Proof;
  factors: Factors;
  /** Whether nothing has changed since. */
  holds(): Promise<boolean>;
}

export async function carryFirstFactor(
  { person: { sub }, proof, factors: { version } }: Omit<FirstFactor, "holds">,
  browser: Browser,
  ctx: Context,
): Promise<string> {
  const expires_at = ctx.now + LIFE;
  const mark = await markOf(sub, ctx);
  const sealed: Sealed = { sub, proof, mark, version, browser: browser.id, expires_at };
  return seal(JSON.stringify(sealed), PURPOSE, ctx);
}

/** Null: it is not genuine, is over, began in another browser, or something has changed since. */
export async function openFirstFactor(
  carried: string | undefined,
  browser: Browser,
  ctx: Context,
): Promise<FirstFactor | null> {
  const text = unseal(carried ?? "", PURPOSE, ctx);
  if (text === null) return null;
  // The server sealed it, so its shape is known.
  const { sub, proof, mark, version, ...bound } = JSON.parse(text) as Sealed;
  if (bound.browser !== browser.id || bound.expires_at <= ctx.now) return null;
  const [person, factors] = await Promise.all([ctx.users.find(sub), ctx.store.loadFactors(sub)]);
  if (!person || person.disabled || factors.version !== version) return null;
  if ((await markOf(sub, ctx)) !== mark) return null;
  const holds = async () =>
    (await ctx.store.loadFactors(sub)).version === version && (await markOf(sub, ctx)) === mark;
  return { person, proof, factors, holds };
}

const markOf = async (sub: string, { users }: Context): Promise<string | null> =>
  (await users.passwordMark?.(sub)) ?? null;
