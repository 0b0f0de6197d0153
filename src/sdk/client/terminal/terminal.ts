/** `valetkey/client/terminal`: people sign in to a command-line tool, and stay signed in. */
import { bounded } from "./bounded.ts";
import { environmentSession } from "./environment.ts";
import { type Account, accountsOf, choose, findStored, worksStill } from "./find_session.ts";
import { forPerson } from "./for_person.ts";
import { needed } from "./needed.ts";
import { appOf, type TerminalOptions } from "./options.ts";
import type { Session } from "./session.ts";
import { signInHere } from "./sign_in.ts";
import { storedSession } from "./stored_session.ts";
import { isUnattended } from "./surroundings.ts";
import { terminalUi } from "./terminal_ui.ts";

export type { AuthErrorOptions, Code } from "../../errors.ts";
export { AuthError } from "../../errors.ts";
export type { User } from "../../tokens.ts";
export type { TokenOptions } from "../token_need.ts";
export type { Account } from "./find_session.ts";
export type { TerminalOptions, Ui, Way } from "./options.ts";
export type { Session } from "./session.ts";
export { workloadToken } from "./workload_token.ts";

/**
 * Signs a person in, by the way that works here. A session that works is returned without a question.
 *
 * @example
 * const session = await signIn({ app: "snaps", issuer: "https://as.example", clientId: "snaps-cli" });
 * const photos = await session.fetch("https://api.example/photos");
 * @throws AuthError `sign_in_needed` where nobody can be asked, `access_denied`, `cancelled`, `timed_out`,
 * `login_expired`, `no_way`, and what `Session.token` throws
 */
export async function signIn(o: TerminalOptions): Promise<Session> {
  const from_environment = await environmentSession(o);
  if (from_environment) return from_environment;
  const app = appOf(o);
  const find = () => worksStill(app, o);
  const session = o.force ? null : await find();
  if (session) {
    if (o.account !== undefined) await choose(app, o.account);
    return session;
  }
  if (o.interactive === "never" || isUnattended(o.ui !== undefined))
    throw await needed(app, o, { isUnattended: true });
  const { timeout = 300, signal, ui = terminalUi } = o;
  return bounded({ timeout, signal }, (stop) =>
    signInHere(app, { options: o, ui, signal: stop, find }),
  ).catch((error) => {
    throw forPerson(app.app, error);
  });
}

/**
 * The session that is there, without a question and without a request.
 * @returns null when nobody is signed in
 * @throws AuthError when sessions can't be read
 */
export async function openSession(o: TerminalOptions): Promise<Session | null> {
  const from_environment = await environmentSession(o);
  if (from_environment) return from_environment;
  const app = appOf(o);
  const stored = await findStored(app, o);
  return stored && storedSession(app, stored, o);
}

/**
 * The accounts that are signed in at this provider, that of the last sign-in first.
 * @throws AuthError when they can't be read
 */
export const accounts = async (o: TerminalOptions): Promise<Account[]> => accountsOf(appOf(o));
