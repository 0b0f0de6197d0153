/** Pages that fail because the person has to sign in again, as when the provider ended the session meanwhile. */
import { AuthError, type Code } from "../../errors.ts";
import type { App } from "./app.ts";
import { isNavigation, type login } from "./login.ts";
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

/**
 * The sign-in that mends the error; null: none does. A script can't sign in: an empty answer would tell it that all is
 * well.
 */
export async function mending(
  app: App,
  request: Request,
  error: unknown,
): Promise<Parameters<typeof login>[2] | null> {
  if (!(error instanceof AuthError) || !MENDED.has(error.code)) return null;
  if (!isNavigation(request)) return null;
  const session = await app.visitOf(request).session();
  const is_over = error.code === "session_over";
  if (!is_over && session?.recovers && seconds() - session.began < YOUNG) return null;
  return signInFor(error.code);
}

/** Providers don't ask again by themselves for what the person has left out. */
export const signInFor = (code: string) => ({
  recovers: true as const,
  ...(code === "step_up_needed" && { prompt: "consent" }),
});
