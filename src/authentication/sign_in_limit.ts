/** Wrong passwords make a network wait, never an account, so that a stranger's guesses lock nobody out. */
import type { Context } from "../context.ts";
import { type CounterKind, counterSlot } from "../http/counter_slot.ts";
import { UNKNOWN_ADDRESS } from "../http/message.ts";
import { networkOf } from "../http/network.ts";
import { commandHint } from "../oauth/hint.ts";
import { keepsPeople } from "../people/built_in_users.ts";
import { findCandidate } from "../people/judge_password.ts";
import { foldLogin } from "../people/login.ts";
import type { Person } from "../people/users.ts";

const WAIT = 2;
const LONGEST_WAIT = 60;
/**
 * An account has a name and perhaps an address. A person who errs with one of them has to wait before the account as a
 * whole does.
 */
const LOGINS_OF_ONE = 2;

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
      /** The mark of the judged password, if the people's store has marks. */
      mark: string | null;
      /** Whether the judged password is still in force. */
      holds: () => Promise<boolean>;
    }
  | { problem: "wrong" }
  | { problem: "throttled"; seconds: number };

interface Counter {
  slot: number;
  free: number;
  longest_wait: number;
}

/**
 * Judges a login and password. The try is counted before the password is checked, so that parallel tries get no further
 * than sequential ones.
 * @throws TooBusy when too many passwords are being checked; such a try does not count
 */
export async function tryPassword(attempt: Try, ctx: Context): Promise<Verdict> {
  const { person, judge } = await findCandidate(attempt.login, ctx.users);
  const is_known = person !== null && attempt.known.includes(person.sub);
  const { of_address, of_login, of_account } = countersFor({ ...attempt, person, is_known }, ctx);
  const counted: Counter[] = [];
  // A person who has signed in from this browser before does not wait because of others in the network.
  for (const counter of is_known || !of_address ? [of_login] : [of_address, of_login]) {
    const result = await count(counter, ctx);
    if (!result.counted) {
      await forgive(counted, ctx);
      return { problem: "throttled", seconds: Math.max(1, result.wait_until - ctx.now) };
    }
    counted.push(counter);
  }
  // Other names of the same account share this count. A wait would reveal that they belong together, so the answer is
  // that of a wrong password, as for two unknown names.
  const silenced = !(await count(of_account, ctx)).counted;
  if (!silenced) counted.push(of_account);

  const asked = silenced ? null : person;
  const { fits, mark } = await judge(attempt.password, { as_nobody: !asked, is_known }).catch(
    async (error: unknown) => {
      // The try revealed nothing about the password, so it is taken back if the database allows it.
      await forgive(counted, ctx).catch(() => {});
      throw error;
    },
  );
  // Only the right password gets here, so strangers learn nothing from the time.
  if (fits && asked?.disabled) logDisabled(asked, ctx);
  if (!fits || !asked || asked.disabled) return { problem: "wrong" };
  if (of_address) await forgive(counted.includes(of_address) ? [of_address] : [], ctx);
  for (const { slot, free } of [of_login, of_account])
    await ctx.store.forgiveTries(slot, { all: true, free });
  const markNow = async () => (await ctx.users.passwordMark?.(asked.sub)) ?? null;
  return { person: asked, mark, holds: async () => (await markNow()) === mark };
}

function logDisabled({ sub }: Person, { log, event_id, users }: Context): void {
  const hint = keepsPeople(users) ? commandHint("user enable", sub) : {};
  log.info("account is disabled", { event_id, sub, ...hint });
}

function countersFor(
  { login, person, address, is_known }: Try & { person: Person | null; is_known: boolean },
  ctx: Context,
): { of_address: Counter | null; of_login: Counter; of_account: Counter } {
  const { account, address: of_network } = ctx.settings.sign_in_limits;
  const has_network = address !== UNKNOWN_ADDRESS;
  // Without addresses all visitors count as one: a stranger must not make all others wait long, or a known browser wait
  // at all.
  const strict = has_network || is_known;
  const who = `${has_network ? networkOf(address) : ""} ${is_known && !has_network ? "known" : ""}`;
  const rules = strict
    ? { free: account, longest_wait: LONGEST_WAIT }
    : { free: of_network, longest_wait: WAIT };
  const name = foldLogin(login) ?? login;
  const slotOf = (kind: CounterKind, of: string) => counterSlot(kind, `${of} ${who}`, ctx);
  return {
    of_address: has_network
      ? { slot: slotOf("sign_in_address", ""), free: of_network, longest_wait: LONGEST_WAIT }
      : null,
    of_login: { slot: slotOf("sign_in", name), ...rules },
    // A name that nobody has is counted as an account too, so that it costs as many statements. Its counters are of a
    // kind of their own: typed names fill up no counter of a person.
    of_account: {
      slot: person ? slotOf("sign_in_account", person.sub) : slotOf("sign_in_nobody", name),
      free: rules.free * LOGINS_OF_ONE,
      longest_wait: rules.longest_wait,
    },
  };
}

function count({ slot, free, longest_wait }: Counter, { store, now, settings }: Context) {
  const { window } = settings.sign_in_limits;
  return store.countTry(slot, { now, window, wait: WAIT, free, longest_wait });
}

async function forgive(counters: readonly Counter[], { store }: Context): Promise<void> {
  for (const { slot, free } of counters) await store.forgiveTries(slot, { all: false, free });
}
