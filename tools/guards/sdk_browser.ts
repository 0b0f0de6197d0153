/** The SDK for single-page apps: the way back from the provider, and the session that tabs share. */
import { type Guard, guardsOf } from "./guard.ts";

const ONE_TAB = ["test/browser/browser_sdk.test.ts"];
const TABS = ["test/browser/browser_sdk_tabs.test.ts"];
const INTERRUPTED = ["test/browser/browser_sdk_interrupted.test.ts"];
const VAULT = ["src/sdk/client/browser/vault.test.ts"];

const FOLDER = "src/sdk/client/browser";

export const sdkBrowserGuards: readonly Guard[] = [
  ...guardsOf(`${FOLDER}/options.ts`, ONE_TAB, {
    "tokens come to no page without https": ["if (!page.isSecureContext)", "if (false)"],
    "a page takes callbacks of its own origin": ["url?.origin !== origin || ", ""],
  }),
  ...guardsOf(`${FOLDER}/return_to.ts`, ONE_TAB, {
    "a page sends nobody to another site": [
      "if (url?.href.startsWith(`${origin}/`)) return url.href;",
      "if (url) return url.href;",
    ],
  }),
  ...guardsOf(`${FOLDER}/begun.ts`, ONE_TAB, {
    "a page uses a callback once": ["sessionStorage.removeItem(nameOf(app, state));", ""],
  }),
  ...guardsOf(`${FOLDER}/callback.ts`, ONE_TAB, {
    "a page uses callbacks of its own sign-ins only": [
      "const here = takeBegun(app, state);",
      "const here = takeBegun(app, state) ?? { begun: { url: new URL(page.location.href), redirectUri: app.redirectUri, state, nonce: '', codeVerifier: 'x' }, return_to: '/', is_silent: false };",
    ],
    "a code does not stay in the address of a page": [
      'page.history.replaceState(page.history.state, "", here?.return_to ?? url.href);',
      "",
    ],
  }),
  ...guardsOf(`${FOLDER}/browser.ts`, ONE_TAB, {
    "a sign-in does not overtake a sign-out": ["await leaving;", ""],
  }),
  ...guardsOf(`${FOLDER}/signed_in_mark.ts`, INTERRUPTED, {
    "a page that is reloaded does not go to the provider for ever": ["mark.tries < MOST", "true"],
    "a tab that was elsewhere during a sign-out signs nobody in": ["mark.began > ended", "true"],
  }),
  ...guardsOf(`${FOLDER}/one_per_page.ts`, INTERRUPTED, {
    "a page has one session for one set of options": ["if (known) return known.made;", ""],
  }),
  ...guardsOf(`${FOLDER}/refresh.ts`, INTERRUPTED, {
    "a token of one person is not given to the next one": [
      "if (vault.current()?.id !== session.id) {",
      "if (false) {",
    ],
  }),
  ...guardsOf(`${FOLDER}/tabs.ts`, INTERRUPTED, {
    "a session that is used up is not passed on": ["!isAlive(current)", "false"],
  }),
  ...guardsOf("src/sdk/client/id_token.ts", INTERRUPTED, {
    "a wrong clock costs no refresh token": [
      "if (!isRefresh) checkClock(times);",
      "checkClock(times);",
    ],
  }),
  ...guardsOf(`${FOLDER}/vault.ts`, VAULT, {
    "a late message of a tab changes nothing": ["session.rev > current.rev", "true"],
    "a session that has ended does not come back": ["ended.has(session.id) || ", ""],
    "the later sign-in counts in all tabs": ["session.began > current.began", "true"],
  }),
  ...guardsOf(`${FOLDER}/tabs.ts`, TABS, {
    "a logout ends the session in all tabs": ["post({ ended: id });", ""],
  }),
  ...guardsOf(`${FOLDER}/refresh_lock.ts`, TABS, {
    "one tab refreshes at a time": [
      "return await page.navigator.locks.request(`${name} refresh`, { signal }, turn);",
      "return await turn();",
    ],
    "a tab that stands still holds up the others for a bounded time": [
      "{ signal }, turn",
      "{}, turn",
    ],
  }),
  ...guardsOf(`${FOLDER}/refresh.ts`, TABS, {
    "an old refresh token is not used while another tab has a newer one": [
      "await place.tabs.catchUp(known.id);",
      "",
    ],
    "a refused token ends a session in tabs only if it is the newest": [
      "if (newest.refresh_token !== session.refresh_token)",
      "if (false)",
    ],
    "a refresh of a tab that is gone is repeated": [
      "await exchanged(place, session, needOf({}, place.app.resource));",
      "",
    ],
    "tokens that come after a logout end": [
      "if (tokens.refreshToken !== undefined)\n        await revoke(app.party, tokens.refreshToken).catch(() => {});",
      "",
    ],
  }),
  ...guardsOf(`${FOLDER}/refresh.ts`, ONE_TAB, {
    "an outage signs nobody out of a page": [
      '|| error.code !== "session_over") throw error;',
      ") throw error;",
    ],
  }),
  ...guardsOf(`${FOLDER}/browser.ts`, TABS, {
    "code of an app does not run while its tab has the lock": [
      "setTimeout(() => isOver || f(current?.user ?? null));",
      "f(current?.user ?? null);",
    ],
  }),
];
