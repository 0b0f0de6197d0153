/** New tokens for the session: one refresh at a time, among all tabs. */
import { AuthError } from "../../errors.ts";
import type { Tokens } from "../../tokens.ts";
import { withToken } from "../access_token.ts";
import { refreshAgainIfLost } from "../refresh_token.ts";
import { revoke } from "../revocation.ts";
import { checkSamePerson } from "../same_person.ts";
import { type Need, needOf } from "../token_need.ts";
import type { App } from "./options.ts";
import type { TabHas } from "./presence.ts";
import { inTurn } from "./refresh_lock.ts";
import type { Tabs } from "./tabs.ts";
import type { Session, Vault } from "./vault.ts";

export interface Place {
  app: App;
  vault: Vault;
  tabs: Tabs;
}

/**
 * The session, refreshed unless the need is met by now.
 * @throws AuthError `no_session` after a logout, `session_over` when the provider has ended it; others end nothing
 */
export async function refreshed(place: Place, need: Need): Promise<Session> {
  // Before the lock, and kept for the refresh: a provider that is slow must not hold up other tabs.
  if (currentIn(place).refresh_token !== null) await place.app.party.server();
  return inTurn(place.app, async () => {
    const known = currentIn(place);
    // The tab that had the lock before may have told its tokens a moment ago.
    await place.tabs.catchUp(known.id);
    const session = currentIn(place);
    if (need.isMet(session)) return session;
    const done = place.tabs.announce(session);
    return exchanged(place, session, need).finally(done);
  });
}

/**
 * Repeats the refresh of a tab that went away before it could tell what it got. Some minutes later, when the next token
 * is wanted, the provider would no longer answer for the old refresh token, and end the session.
 */
export function takeOver(place: Place, { id, rev, tab }: TabHas): Promise<void> {
  return inTurn(place.app, async () => {
    await place.tabs.catchUp(id);
    const session = place.vault.current();
    if (session?.id !== id || session.rev !== rev || (await place.tabs.isOpen(tab))) return;
    await exchanged(place, session, needOf({}, place.app.resource));
  });
}

/** @throws AuthError `no_session` */
export function currentIn({ vault }: Place): Session {
  const session = vault.current();
  if (session) return session;
  throw new AuthError("no_session", "nobody is signed in on this page", {
    hint: "call login() when the person wants to sign in",
  });
}

async function exchanged(place: Place, session: Session, need: Need): Promise<Session> {
  const { app, vault, tabs } = place;
  try {
    const tokens = await asked(place, session, need);
    checkSamePerson(session.id_token, tokens.idToken);
    const next = withTokens(session, tokens, need.key);
    // Somebody has signed out during the refresh, or somebody else has signed in: its tokens end as well.
    if (vault.current()?.id !== session.id) {
      if (tokens.refreshToken !== undefined)
        await revoke(app.party, tokens.refreshToken).catch(() => {});
      return currentIn(place);
    }
    // A tab that stood still for long comes too late: what others have got meanwhile counts. Its own token is good, too.
    if (vault.offer(next)) await tabs.share(next);
    return next;
  } catch (error) {
    if (!(error instanceof AuthError) || error.code !== "session_over") throw error;
    await tabs.catchUp(session.id);
    const newest = currentIn(place);
    // Another tab had used the same refresh token.
    if (newest.refresh_token !== session.refresh_token)
      return need.isMet(newest) ? newest : exchanged(place, newest, need);
    tabs.end(session.id);
    throw error;
  }
}

/** Milliseconds. With what comes before it, and 8 seconds for the repeated request, it fits into the lock's 10. */
const SOON = 900;

async function asked({ app }: Place, session: Session, need: Need): Promise<Tokens> {
  const { refresh_token } = session;
  if (refresh_token !== null) return refreshAgainIfLost(app.party, refresh_token, need, SOON);
  throw new AuthError("sign_in_needed", "the session has no refresh token", {
    hint: "call login(); with offline_access in scope, sessions last",
  });
}

const withTokens = (session: Session, tokens: Tokens, key: string): Session => ({
  ...session,
  rev: session.rev + 1,
  id_token: tokens.idToken ?? session.id_token,
  tokens: withToken(session.tokens, key, tokens),
  refresh_token: tokens.refreshToken ?? session.refresh_token,
});
