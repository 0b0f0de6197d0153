/** Passwords: the rules for new ones, and Argon2id in a bounded queue, so that sign-in load can't starve the rest. */
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { hash, verify } from "@node-rs/argon2";

/** A hash of the same cost, which passwords of unknown names are compared with. The result does not count. */
export const NOBODYS_HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$h7JAfTqUSgIKgT9kXd7WRg$G5indwxWUlt/ddc1gXBSnvIsTMtfcXwwUbOPi5Ji4Vg";

/** OWASP's parameters for Argon2id: 19 MiB, 2 passes, 1 lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const SHORTEST = 10;
/** Concurrent hashes: one core is left for everything else. */
const atOnce = (processes: number): number =>
  Math.max(1, Math.floor((availableParallelism() - 1) / processes));
/** Hashes that may wait in each of two queues: about two seconds' worth. */
const WAITING = 100;

/** Too many people are signing in; `retry_after` in seconds. */
export class TooBusy extends Error {
  override readonly name = "TooBusy";
  readonly retry_after = 2;
}

export type PasswordProblem = "too_short" | "too_long" | "common";

/** Only the length and the most common passwords are checked: composition rules make passwords worse. */
export function refusePassword(password: string, longest: number): PasswordProblem | null {
  if ([...password].length < SHORTEST) return "too_short";
  if (password.length > longest) return "too_long";
  return isCommon(password.toLowerCase()) ? "common" : null;
}

type Passwords = typeof import("fxa-common-password-list");
const load = createRequire(import.meta.url);

/** The list takes 6 MB of memory: it is loaded when somebody chooses a password. */
function isCommon(password: string): boolean {
  const list: Passwords = load("fxa-common-password-list");
  return list.test(password);
}

let most = atOnce(1);

/** Divides the cores among the processes of this machine. */
export function sharePasswordsAmong(processes: number): void {
  most = atOnce(processes);
}

let running = 0;
/** People who have signed in from their browser before go first, so that a flood of strangers does not delay them. */
const known: (() => void)[] = [];
const others: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>, is_known = false): Promise<T> {
  const queue = is_known ? known : others;
  if (running >= most) {
    if (queue.length >= WAITING) throw new TooBusy("too many passwords are being checked");
    await new Promise<void>((resolve) => queue.push(resolve));
  } else running += 1;
  try {
    return await work();
  } finally {
    const next = known.shift() ?? others.shift();
    if (next) next();
    else running -= 1;
  }
}

/** The numbers of passwords that are being hashed, and that wait. */
export const passwordQueue = (): { running: number; waiting: number } => ({
  running,
  waiting: known.length + others.length,
});

/** @returns a PHC string */
export const hashPassword = (password: string): Promise<string> =>
  inTurn(() => hash(password.normalize("NFC"), COST));

/**
 * Without a hash it takes the same time, and resolves to false.
 * @param from.is_known the person has signed in from this browser before
 */
export async function verifyPassword(
  phc: string | null,
  password: string,
  { is_known }: { is_known: boolean } = { is_known: false },
): Promise<boolean> {
  const against = phc ?? NOBODYS_HASH;
  const fits = await inTurn(() => verify(against, password.normalize("NFC")), is_known);
  return fits && phc !== null;
}
