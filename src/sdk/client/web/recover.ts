/** Pages that fail because the person has to sign in again, as when the provider ended the session meanwhile. */
import { AuthError, type Code } from "../../errors.ts";
import { type Session, seconds } from "./session.ts";

/** Errors of `token` and `fetch` that a sign-in mends. */
const MENDED = ["no_session", "session_over", "sign_in_needed", "step_up_needed"] as const;

const isOne = (code: Code | string): code is (typeof MENDED)[number] =>
  MENDED.some((each) => each === code);

/** Whether a sign-in mends the error. */
export const isMended = (error: unknown): error is AuthError =>
  error instanceof AuthError && isOne(error.code);

/** The error that led to `/auth/login?recovers=…`. */
export function errorNamed(code: string): AuthError | undefined {
  if (!isOne(code)) return undefined;
  return new AuthError(code, "the page needs a sign-in, and one a moment ago did not help", {
    hint: "look at the scopes and the resource that the page asks for, and at what the person allowed",
  });
}

/** Seconds. */
const YOUNG = 10;

/** Whether the session is of such a sign-in, a moment ago: the sign-in did not help, and another one would lead here again. */
export const isInVain = (session: Session | null, { code }: AuthError): boolean =>
  code !== "session_over" && session?.recovers === true && seconds() - session.began < YOUNG;

/** Providers don't ask again by themselves for what the person has left out. */
export const promptFor = (error: AuthError | undefined): { prompt?: "consent" } =>
  error?.code === "step_up_needed" ? { prompt: "consent" } : {};
