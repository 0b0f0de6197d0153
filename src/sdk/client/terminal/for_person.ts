/** Errors whose hint is for developers of web apps, with one for the person at the terminal. */
import { AuthError, withHint } from "../../errors.ts";

/** What another sign-in mends. */
const AGAIN: ReadonlySet<string> = new Set([
  ...["access_denied", "login_expired", "login_elsewhere", "session_over"],
]);

/** @returns other errors as they are */
export function forPerson<E>(app: string, error: E): E | AuthError {
  if (!(error instanceof AuthError) || error.retryable || !AGAIN.has(error.code)) return error;
  return withHint(error, `run ${app} login`);
}
