/** The stored session that an app means, and whether it will do. */
import { AuthError } from "../../errors.ts";
import { nowInSeconds } from "../access_token.ts";
import type { App, TerminalOptions } from "./options.ts";
import type { Session } from "./session.ts";
import type { Stored } from "./stored.ts";
import { prefixOf, storedSession } from "./stored_session.ts";

/**
 * The session of the account, or of the last sign-in. When that has ended or was signed out, no other one takes its
 * place: the person would act under another name without knowing it.
 * @returns null when there is none that lasts
 * @throws AuthError when it can't be read
 */
export async function findStored(app: App, { account }: TerminalOptions): Promise<Stored | null> {
  const prefix = prefixOf(app);
  const found = (await app.storage.list()).find(({ name, is_current }) =>
    account === undefined ? is_current && name.startsWith(prefix) : name === prefix + account,
  );
  return found === undefined || found.has_ended ? null : app.storage.read(found.name);
}

/** Somebody who is signed in, by the name of the account. */
export interface Account {
  account: string;
  /** It is used unless an account is named. */
  current: boolean;
}

/** All who are signed in at this provider, that of the last sign-in first. @throws AuthError when it can't be read */
export async function accountsOf({
  storage,
  party,
}: Pick<App, "storage" | "party">): Promise<Account[]> {
  const prefix = prefixOf({ party });
  return (await storage.list())
    .filter(({ name, has_ended }) => name.startsWith(prefix) && !has_ended)
    .map(({ name, is_current }) => ({ account: name.slice(prefix.length), current: is_current }));
}

/**
 * Makes an account the one that is used unless another one is named. A disk that can't be written changes nothing: the
 * session works all the same.
 */
export async function choose(app: App, account: string): Promise<void> {
  const name = prefixOf(app) + account;
  const found = (await app.storage.list()).find((each) => each.name === name);
  if (found && !found.is_current)
    await app.storage.change((writing) => writing.choose(name)).catch(() => {});
}

/**
 * The session, if it gives a token and is what the app asks for.
 * @returns null when a sign-in is needed
 * @throws AuthError when it can't be told
 */
export async function worksStill(app: App, options: TerminalOptions): Promise<Session | null> {
  try {
    const stored = await findStored(app, options);
    if (!stored || !isEnough(stored, options)) return null;
    const session = storedSession(app, stored, options);
    await session.token();
    return session;
  } catch (error) {
    if (error instanceof AuthError && !error.retryable && MENDED.has(error.code)) return null;
    throw error;
  }
}

/** Errors that a sign-in mends. A file that can't be read is found by the sign-in again. */
const MENDED: ReadonlySet<string> = new Set([
  ...["no_session", "session_over", "sign_in_needed", "step_up_needed"],
  ...["keychain_unavailable", "storage_unreadable"],
]);

function isEnough(stored: Stored, options: TerminalOptions): boolean {
  const asked = new Set(stored.scope.split(" "));
  const hasScope = (options.scope ?? "").split(" ").every((each) => each === "" || asked.has(each));
  return hasScope && hasLevel(stored, options);
}

/**
 * Whether the sign-in was as strong and is as fresh as the app asks for.
 * @param slack seconds that the sign-in itself may have taken
 */
export function hasLevel(
  { secrets: { acr, auth_time } }: Stored,
  { acr: levels, maxAge }: TerminalOptions,
  slack = 0,
): boolean {
  const isStrong = levels === undefined || (acr !== null && levels.includes(acr));
  const isFresh =
    maxAge === undefined ||
    (auth_time !== null && nowInSeconds() - auth_time < Math.max(maxAge, slack));
  return isStrong && isFresh;
}
