/**
 * Limits of mail that visitors ask for. They count addresses as they are typed, whether or not they belong to an account,
 * so that they tell nothing about accounts.
 */
import type { Context } from "../context.ts";
import { type Budget, spend } from "../http/budget.ts";
import { UNKNOWN_ADDRESS } from "../http/message.ts";
import { networkOf } from "../http/network.ts";
import { foldLogin } from "../people/login.ts";

const HOUR = 3600;
const DAY = 86_400;

export interface MailAsked {
  /** As typed. */
  to: string;
  /** The IP address of the visitor. */
  address: string;
  /** The person of this address, if they have signed in from this browser before. */
  known_sub: string | null;
}

/**
 * Takes one mail from the budgets.
 * @returns seconds to wait; 0: the mail may be sent
 */
export const spendMail = (asked: MailAsked, ctx: Context): Promise<number> =>
  spend(budgetsOf(asked), ctx);

function budgetsOf({ to, address, known_sub }: MailAsked): Budget[] {
  // A browser of the person has a budget of its own: strangers use up theirs, and can't keep the owner out.
  if (known_sub !== null) return pair(`known ${known_sub}`);
  const name = foldLogin(to) ?? to;
  const of_address: Budget = { kind: "mail_address", name, most: 30, window: DAY };
  // Without addresses all visitors count as one, and must not make each other wait.
  if (address === UNKNOWN_ADDRESS) return [...pair(name), of_address];
  const network = networkOf(address);
  const of_network: Budget = { kind: "mail_network", name: network, most: 20, window: HOUR };
  return [of_network, ...pair(`${name} ${network}`), of_address];
}

const pair = (name: string): Budget[] => [
  { kind: "mail_hour", name, most: 5, window: HOUR },
  { kind: "mail_day", name, most: 10, window: DAY },
];
