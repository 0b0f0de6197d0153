/**
 * Slots of the counters in the database (`countTry`): a truncated MAC of the counted name, so that the table is
 * bounded.
 */
import type { Context } from "../context.ts";
import { hmacSha256 } from "../crypto/hash.ts";

const SLOTS = 2 ** 20;
/** Each kind has slots of its own, so that a collision of names affects only its kind. */
const KINDS = [
  "sign_in",
  "sign_up",
  "account_change",
  "device",
  "sign_in_account",
  "sign_in_address",
  "sign_up_name",
  "registration",
  "registration_change",
  "mail_hour",
  "mail_day",
  "mail_address",
  "mail_network",
  "mail_code",
  "mail_notice",
  "second_factor",
  "sign_in_nobody",
] as const;
export type CounterKind = (typeof KINDS)[number];

export const counterSlot = (
  kind: CounterKind,
  name: string,
  { secrets }: Pick<Context, "secrets">,
): number =>
  KINDS.indexOf(kind) * SLOTS +
  (hmacSha256(secrets.current.counter, `${kind} ${name}`).readUInt32BE(0) % SLOTS);
