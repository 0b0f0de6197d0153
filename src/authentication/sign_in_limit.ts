/** Wrong passwords make a network wait, never an account: a stranger's guesses lock nobody out. */
import type { Context } from "../context.ts";
import { counterSlot } from "../http/counter_slot.ts";
import { networkOf } from "../http/network.ts";
import { foldLogin } from "../people/login.ts";
import type { Person } from "../people/users.ts";

const WAIT = 2;
const LONGEST_WAIT = 60;

export interface Try {
  login: string;
  password: string;
  address: string;
  /** People who have signed in from this browser before. */
  known: readonly string[];
}
export type Verdict =
  | {
      person: Person;
      /** What named the password that was judged, where the people's store names it. */
      mark: string | null;
      /** Whether the password that was judged is still the one in force. */
      holds: () => Promise<boolean>;
    }
  | { problem: "wrong" }
  | { problem: "throttled"; seconds: number };

/**
 * Judges a login and password. The try is counted before the password is looked at, so that no more get through
 * at once than one after the other.
 * @throws TooBusy when too many passwords are being checked; a try that fails like this does not count
 */
export async function tryPassword(attempt: Try, ctx: Context): Promise<Verdict> {
  const person = await ctx.users.findByLogin(attempt.login);
  const network = networkOf(attempt.address);
  const account = person ? `sub ${person.sub}` : `login ${foldLogin(attempt.login) ?? "-"}`;
  const { account: free_account, address: free_address, window } = ctx.settings.sign_in_limits;
  const rules = { now: ctx.now, window, wait: WAIT, longest_wait: LONGEST_WAIT };
  const of_account = {
    slot: counterSlot("sign_in", `account ${account} ${network}`, ctx),
    free: free_account,
  };
  const of_address = {
    slot: counterSlot("sign_in", `address ${network}`, ctx),
    free: free_address,
  };
  // Somebody who signs in here as usual does not wait for what others in the house do.
  const counters =
    person && attempt.known.includes(person.sub) ? [of_account] : [of_address, of_account];

  const counted: typeof counters = [];
  for (const counter of counters) {
    const { slot, free } = counter;
    const result = await ctx.store.countTry(slot, { ...rules, free });
    if (!result.counted) {
      await forgive(counted);
      return { problem: "throttled", seconds: Math.max(1, result.wait_until - ctx.now) };
    }
    counted.push(counter);
  }

  const markNow = async (sub: string) => (await ctx.users.passwordMark?.(sub)) ?? null;
  const mark = person && (await markNow(person.sub));
  const fits = await verify(person, attempt.password).catch(async (error: unknown) => {
    // Nothing was learnt about the password: the try does not count, if the database lets us say so.
    await forgive(counted).catch(() => {});
    throw error;
  });
  if (!fits || !person || person.disabled) return { problem: "wrong" };
  await forgive(counted.filter((counter) => counter !== of_account));
  await ctx.store.forgiveTries(of_account.slot, { all: true, free: of_account.free });
  const { sub } = person;
  return { person, mark, holds: async () => (await markNow(sub)) === mark };

  async function forgive(some: typeof counters): Promise<void> {
    for (const { slot, free } of some) await ctx.store.forgiveTries(slot, { all: false, free });
  }
  function verify(who: Person | null, password: string): Promise<boolean> {
    return ctx.users.verifyPassword(who, password);
  }
}
