/** `valetkey/client/browser`: people sign in to a single-page app, and its tokens stay in memory. */
import { onceAtATime } from "../../once.ts";
import type { User } from "../../tokens.ts";
import { fetchWithToken } from "../fetch_with_token.ts";
import { needOf, type TokenOptions } from "../token_need.ts";
import { sessionFromCallback } from "./callback.ts";
import { type LoginOptions, login } from "./login.ts";
import { type LogoutOptions, logout } from "./logout.ts";
import { onePerPage } from "./one_per_page.ts";
import { type App, appOf, type BrowserAuthOptions } from "./options.ts";
import { thisPage } from "./page.ts";
import { currentIn, type Place, refreshed, takeOver } from "./refresh.ts";
import { markOf, setMark } from "./signed_in_mark.ts";
import { openTabs } from "./tabs.ts";
import { createVault, type Session } from "./vault.ts";

export type { AuthErrorOptions, Code } from "../../errors.ts";
export { AuthError } from "../../errors.ts";
export type { BrowserAuthOptions, LoginOptions, LogoutOptions, TokenOptions, User };

/** Who is signed in on this page, and access tokens for them. */
export interface BrowserAuth {
  /**
   * The person, once that is known: after a callback of the provider, from another tab, or after a reload. Wait for it
   * before the app draws itself or starts its router: it changes the address of the page back to where the person was.
   * It never settles while the page is left for the provider.
   * @throws AuthError the sign-in that just came back did not work: `access_denied`, `login_expired`, and what a
   * provider or a network can do wrong, also when a page is reloaded
   */
  readonly ready: Promise<User | null>;
  /** The person; null when nobody is signed in, and before `ready`. */
  readonly user: User | null;
  /**
   * Goes to the provider, and comes back to where the person was. The promise never settles, since the page is left.
   * @throws AuthError `configuration`, `issuer_unreachable`, `issuer_mismatch`, `storage_unreadable`
   */
  login(o?: LoginOptions): Promise<never>;
  /**
   * Signs out in all tabs of this app, and goes to the provider to sign out there. Where it has no address for that,
   * and with `local`, the page stays, and the promise settles.
   * @throws AuthError `configuration`; `issuer_unreachable` when the provider is down: the person is signed out here, and
   * still signed in there
   */
  logout(o?: LogoutOptions): Promise<void>;
  /**
   * An access token, refreshed when it has less than a minute left.
   * @throws AuthError `no_session` when nobody is signed in, `session_over` when the provider has ended the session,
   * `sign_in_needed` without a refresh token, `step_up_needed` for more than was granted, and what a provider or a
   * network can do wrong
   */
  token(o?: TokenOptions): Promise<string>;
  /**
   * `fetch` with the access token. When the API refuses it (401), once more with a new one.
   * @throws AuthError as `token`, and `configuration` for an address that is not https or loopback
   */
  fetch(i: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Calls `f` when somebody signs in or out, in whichever tab. @returns ends that */
  onChange(f: (user: User | null) => void): () => void;
}

/**
 * Signs people in to the app that this page belongs to. Call it when the page loads; called again, it returns the same.
 *
 * @example
 * const auth = createBrowserAuth({ issuer: "https://as.example", clientId: "photos" });
 * const user = await auth.ready;
 * if (user) console.log(await auth.fetch("https://api.example/photos"));
 * else document.querySelector("button").onclick = () => auth.login();
 * @throws AuthError `configuration` for options that can't work, and on a page that is not https or has one
 * with other options
 */
export function createBrowserAuth(o: BrowserAuthOptions): BrowserAuth {
  const page = thisPage();
  return onePerPage(page, o, () => authOn(appOf(o, page)));
}

function authOn(app: App): BrowserAuth {
  const vault = createVault();
  const place: Place = { app, vault, tabs: openTabs(app, vault) };
  vault.onChange(() => {
    const current = vault.current();
    setMark(app, current && { began: current.began, tries: 0 });
  });
  // Should it fail, the next call that needs a token says why.
  place.tabs.onAnnounced((refreshing) => void takeOver(place, refreshing).catch(() => {}));
  // A page that comes back from the history shows what was, and waits for what has happened elsewhere.
  app.page.addEventListener("pageshow", ({ persisted }) => persisted && app.page.location.reload());
  const ready = start(place);
  const settled: Promise<unknown> = ready.catch(() => {});
  /** Calls that ask for the same token meanwhile get the same. */
  const renewed = onceAtATime<Session>();
  /** A logout that has begun. */
  let leaving: Promise<unknown> = Promise.resolve();

  async function token(options: TokenOptions & { refused?: string }): Promise<string> {
    await settled;
    const need = needOf(options, app.resource);
    const known = currentIn(place);
    const session = need.isMet(known)
      ? known
      : await renewed(JSON.stringify(options), () => refreshed(place, need));
    const found = session.tokens[need.key];
    // Somebody else may have signed in meanwhile: their session may have no such token, or an old one.
    return found && session.id === known.id ? found.access_token : token(options);
  }

  return {
    ready,
    get user() {
      return vault.current()?.user ?? null;
    },
    async login(options = {}) {
      // Whoever signs out to be somebody else is not signed in again by the session that is about to end.
      await leaving;
      return login(app, options);
    },
    logout(options = {}) {
      const done = settled.then(() => logout(place, options));
      leaving = done.catch(() => {});
      return done;
    },
    token: (options = {}) => token(options),
    async fetch(input, init) {
      const isRenewable = (): boolean => vault.current()?.refresh_token != null;
      const to = input instanceof Request ? input : new URL(input, app.page.document.baseURI);
      return fetchWithToken({ token, isRenewable }, to, init);
    },
    onChange: (f) => onPersonChange(place, f),
  };
}

/** @throws AuthError */
async function start({ app, vault, tabs }: Place): Promise<User | null> {
  const began = await sessionFromCallback(app).catch(async (error) => {
    // Whoever was signed in before still is.
    await tabs.find();
    throw error;
  });
  await (began ? tabs.begin(began) : tabs.find());
  const current = vault.current();
  if (current) return current.user;
  const mark = markOf(app);
  if (!mark) return null;
  // The page was reloaded. The provider knows the person, and must not ask: if it has to, nobody is signed in.
  return login(app, { prompt: "none" }, { silently: mark });
}

/** After the work of this turn: code of the app never runs while this tab holds the lock. */
function onPersonChange({ vault }: Place, f: (user: User | null) => void): () => void {
  let before = vault.current()?.id;
  let isOver = false;
  const stop = vault.onChange(() => {
    const current = vault.current();
    if (current?.id === before) return;
    before = current?.id;
    setTimeout(() => isOver || f(current?.user ?? null));
  });
  return () => {
    isOver = true;
    stop();
  };
}
