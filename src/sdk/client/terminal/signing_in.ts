/** What all ways to sign in have in common. */
import type { Tokens } from "../../tokens.ts";
import type { Party } from "../party.ts";
import type { TerminalOptions, Ui } from "./options.ts";
import type { Session } from "./session.ts";

export interface SigningIn {
  app: string;
  party: Party;
  options: TerminalOptions;
  /** To ask for. */
  scope: string;
  ui: Ui;
  /** Ends the sign-in: its reason is the error. */
  signal: AbortSignal;
  /** Keeps the tokens of a sign-in that has succeeded. */
  complete(tokens: Tokens): Promise<Session>;
}

/** Rejects with the reason of the signal. */
export function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/** Waits for something that can't be stopped, unless the sign-in is. */
export const unlessStopped = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  Promise.race([work, stopped(signal)]);
