/** The account of this browser that a transaction is about. */
import type { Context } from "../context.ts";
import type { HttpRequest } from "../http/message.ts";
import { type Account, selectAccount } from "../oauth/select_account.ts";
import type { Person } from "../people/users.ts";
import { accountKey, lastAccount } from "../sessions/last_account.ts";
import { type AskedSession, markUsed, sessionsFor } from "../sessions/session.ts";
import type { ClientRecord } from "../store/records.ts";
import { subjectFor } from "../tokens/subject.ts";
import type { Transaction } from "./transaction.ts";

export interface AccountOf {
  /** All sessions of this browser. */
  sessions: readonly AskedSession[];
  /** The session of the account that the transaction is about. Null: the person has to sign in, or to choose. */
  session: AskedSession | null;
  /** The person has to choose one of several accounts first. */
  must_select: boolean;
  /** The person that the request names; `NOBODY` when they are not signed in here. */
  hinted_sub: string | null;
}

/**
 * No person has this `sub`. The name that the client used would not do: a pairwise client must not find out whether a
 * person has a `sub` that it knows from elsewhere.
 */
const NOBODY = "";

export async function accountOf(
  { asked, hinted_sub: hint, account_sub }: Transaction,
  client: ClientRecord,
  { request, ctx }: { request: HttpRequest; ctx: Context },
): Promise<AccountOf> {
  const sessions = await sessionsFor(asked.client_id, request, ctx);
  const find = (matches: (sub: string) => boolean): AskedSession | null =>
    sessions.find(({ person }) => matches(person.sub)) ?? null;
  const hinted = hint === null ? null : find((sub) => subjectFor(client, sub, ctx) === hint);
  const hinted_sub = hint === null ? null : (hinted?.person.sub ?? NOBODY);
  // Only a choice between several needs the account of the last answer.
  const last = sessions.length > 1 ? lastAccount(asked.client_id, request, ctx) : null;
  const selected = selectAccount({
    asked,
    hinted_sub,
    chosen_sub: account_sub,
    accounts: sessions.map(({ person }) => accountOfPerson(person)),
    last_sub: find((sub) => accountKey(sub) === last)?.person.sub ?? null,
  });
  const session = selected.account === "selected" ? find((sub) => sub === selected.sub) : null;
  if (session) await markUsed(session, request, ctx);
  return { sessions, session, must_select: selected.account === "several", hinted_sub };
}

/** The names that a hint of a client may use for this person. */
export const accountOfPerson = (person: Person): Account => ({
  sub: person.sub,
  logins: loginsOf(person),
});

function loginsOf({ username, claims: { email } }: Person): string[] {
  return typeof email === "string" ? [username, email] : [username];
}
