/** Pages that fail because the person has to sign in again, as when the provider ended the session meanwhile. */
import { AuthError, type Code } from "../../errors.ts";
import type { App } from "./app.ts";
import { isNavigation } from "./login.ts";
import { seconds } from "./session.ts";

/** Errors of `token` and `fetch` that a sign-in mends. */
const MENDED: ReadonlySet<Code> = new Set<Code>([
  "no_session",
  "session_over",
  "sign_in_needed",
  "step_up_needed",
]);

/** Seconds. If the session is younger, the sign-in did not help: another one would lead here again. */
const YOUNG = 10;

/** Whether a new sign-in mends the error. A script can't sign in: an empty answer would tell it that all is well. */
export async function isMended(app: App, request: Request, error: unknown): Promise<boolean> {
  if (!(error instanceof AuthError) || !MENDED.has(error.code)) return false;
  if (!isNavigation(request)) return false;
  const session = await app.visitOf(request).session();
  return !session?.recovers || seconds() - session.began >= YOUNG;
}
