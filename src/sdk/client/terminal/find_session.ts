/** The stored session that an app means, and whether it will do. */
import { AuthError } from "../../errors.ts";
import { nowInSeconds } from "../access_token.ts";
import type { App, TerminalOptions } from "./options.ts";
import type { Session } from "./session.ts";
import type { Stored } from "./stored.ts";
import { prefixOf, storedSession } from "./stored_session.ts";

/**
 * The session of the account, or of the last sign-in. When that has ended, no other one takes its place: the person
 * would act under another name without knowing it.
 * @returns null when there is none that lasts
 * @throws AuthError when it can't be read
 */
export async function findStored(app: App, { account }: TerminalOptions): Promise<Stored | null> {
  const prefix = prefixOf(app);
  const found = (await app.storage.list()).find(({ name }) =>
    account === undefined ? name.startsWith(prefix) : name === prefix + account,
  );
  return found === undefined || found.has_ended ? null : app.storage.read(found.name);
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
