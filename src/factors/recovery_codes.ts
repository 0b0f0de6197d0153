/**
 * Recovery codes: ten for each person, shown once. A code has 16 characters of Crockford's base32, which leaves out
 * letters that look like others. The first names its slot; the rest, 75 random bits, is kept as a hash.
 */
import { randomBytes } from "../crypto/hash.ts";
import { hashPassword, verifyPassword } from "../people/password.ts";
import type { RecoveryCodeRecord } from "../store/factor_store.ts";

export const RECOVERY_CODES = 10;

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const REST = 15;
const SHAPE = new RegExp(`^[0-9][${ALPHABET}]{${REST}}$`);
/** Characters of a code as typed, with dashes and spaces. */
const LONGEST = 64;

export interface NewRecoveryCodes {
  /** For the person: `XXXX-XXXX-XXXX-XXXX`. */
  codes: string[];
  /** For the store. */
  records: Omit<RecoveryCodeRecord, "sub">[];
}

/**
 * @param now seconds since the epoch
 * @throws TooBusy when too many passwords are being hashed
 */
export async function newRecoveryCodes(now: number): Promise<NewRecoveryCodes> {
  const made: NewRecoveryCodes = { codes: [], records: [] };
  // One after the other: people who sign in meanwhile get their turn.
  for (let slot = 0; slot < RECOVERY_CODES; slot += 1) {
    const rest = randomRest();
    made.records.push({ slot, hash: await hashPassword(rest), created_at: now });
    made.codes.push(inGroups(`${slot}${rest}`));
  }
  return made;
}

/** 256 is a multiple of 32, so each character is equally likely. */
const randomRest = (): string =>
  [...randomBytes(REST)].map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join("");

const inGroups = (code: string): string => code.match(/.{4}/g)?.join("-") ?? code;

/**
 * The code of these that was typed; null: none of them. Any text costs exactly one hash, whether or not its slot has a
 * code. The caller has to take the code (`useRecoveryCode`).
 * @throws TooBusy when too many passwords are being hashed
 */
export async function matchingRecoveryCode(
  codes: readonly RecoveryCodeRecord[],
  typed: string,
): Promise<RecoveryCodeRecord | null> {
  const read = readRecoveryCode(typed);
  const code = codes.find(({ slot }) => slot === read?.slot) ?? null;
  const fits = await verifyPassword(code?.hash ?? null, read?.rest ?? "");
  return fits ? code : null;
}

/** Letters in either case; I and L count as 1, and O as 0. Null: it has not the shape of a code. */
export function readRecoveryCode(typed: string): { slot: number; rest: string } | null {
  if (typed.length > LONGEST) return null;
  const text = typed
    .normalize("NFKC")
    .toUpperCase()
    .replaceAll(/[\s\p{Dash}]/gu, "");
  const code = text.replaceAll(/[IL]/g, "1").replaceAll("O", "0");
  return SHAPE.test(code) ? { slot: Number(code.charAt(0)), rest: code.slice(1) } : null;
}
