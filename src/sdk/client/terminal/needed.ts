/** `sign_in_needed`: nobody can be asked, or nobody is signed in as the app expects. */
import { AuthError } from "../../errors.ts";
import { accountsOf } from "./find_session.ts";
import type { App, TerminalOptions } from "./options.ts";

/** Says who is signed in instead. @param isUnattended nobody can be asked here */
export async function needed(
  app: App,
  { account, force = false }: TerminalOptions,
  { isUnattended }: { isUnattended: boolean },
): Promise<AuthError> {
  const accounts = await accountsOf(app).catch(() => []);
  const all = accounts.map((each) => each.account).join(", ");
  const hint = hintFor(app, isUnattended);
  if (force && all !== "")
    return error(
      `a new sign-in to ${app.app} was asked for (force), and nobody can be asked here`,
      hint,
    );
  if (all === "") return error(`nobody is signed in to ${app.app} here`, hint);
  if (account !== undefined)
    return error(`${account} is not signed in to ${app.app} here; signed in: ${all}`, hint);
  return error(
    `no account of ${app.app} is the current one; signed in: ${all}`,
    `name one, or ${hint}`,
  );
}

const error = (what: string, hint: string): AuthError =>
  new AuthError("sign_in_needed", what, { hint });

const hintFor = ({ app, prefix }: App, isUnattended: boolean): string =>
  isUnattended
    ? `run ${app} login in a terminal, or set ${prefix}_TOKEN, or ${prefix}_CLIENT_ID with ${prefix}_CLIENT_SECRET`
    : `run ${app} login`;
