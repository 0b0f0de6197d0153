/** Selects the account that an authorization request is about, when a browser holds several (OIDC Core §3.1.2.1). */
import type { Asked } from "./authorization_request.ts";

export interface Account {
  sub: string;
  /** The user name and the e-mail address, which a `login_hint` may name. */
  logins: readonly string[];
}

export interface Selection {
  asked: Pick<Asked, "prompt" | "login_hint">;
  /** The person that an `id_token_hint` names. */
  hinted_sub: string | null;
  /** The account that the person chose for this request, on a page or by signing in. */
  chosen_sub: string | null;
  /** The signed-in accounts of this browser. */
  accounts: readonly Account[];
  /** The account of this browser that the client was last answered for. */
  last_sub: string | null;
}

export type Selected =
  | { account: "selected"; sub: string }
  /** No person is signed in, or not the one that the request names. */
  | { account: "none" }
  /** The person has to choose one. */
  | { account: "several" };

/**
 * A choice of the person comes first, then a hint of the client. A silent request then takes the account of the
 * client's last answer. Any other request asks, since nobody wants to continue with the wrong account.
 */
export function selectAccount(selection: Selection): Selected {
  const { asked, hinted_sub, chosen_sub, accounts, last_sub } = selection;
  const [only, ...more] = accounts;
  if (!only) return { account: "none" };
  const select = (account: Account | undefined): Selected =>
    account ? { account: "selected", sub: account.sub } : { account: "several" };
  const find = (sub: string | null) => accounts.find((each) => each.sub === sub);
  // The chosen account was signed out meanwhile. Another one must not take its place without a word.
  if (chosen_sub !== null) return select(find(chosen_sub));
  if (asked.prompt.includes("select_account")) return { account: "several" };
  if (hinted_sub !== null) return find(hinted_sub) ? select(find(hinted_sub)) : { account: "none" };
  const hinted = findByLogin(asked.login_hint, accounts);
  if (hinted || more.length === 0) return select(hinted ?? only);
  return asked.prompt.includes("none") ? select(find(last_sub)) : { account: "several" };
}

/** Null when no account has this name or address, or several do. */
export function findByLogin(
  login_hint: string | null,
  accounts: readonly Account[],
): Account | null {
  const wanted = login_hint?.toLowerCase();
  const found = accounts.filter(({ logins }) =>
    logins.some((login) => login.toLowerCase() === wanted),
  );
  return found.length === 1 ? (found[0] ?? null) : null;
}
