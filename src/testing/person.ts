/** Test people: they answer the pages of the issuer as people do, by its forms and with their password. */

import { locationOf, type Page, type TestBrowser } from "./browser.ts";
import { unescapeHtml } from "./form.ts";

export interface Manner {
  issuer: string;
  /** Null: the account that the page suggests, else `otherwise`. */
  username: string | null;
  otherwise: string;
  password: string;
  decision: "allow" | "deny";
}

/** Pages and redirects of one request. */
const MOST_STEPS = 20;

/** Answers page after page, until the issuer has none that such a person can answer. @returns the last answer */
export async function answerPages(
  first: Page,
  browser: TestBrowser,
  manner: Manner,
): Promise<Page> {
  let page = first;
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    const next = await answer(page, browser, manner);
    if (next === null) return page;
    page = next;
  }
  throw new Error(`the pages of ${first.url.pathname} do not end`);
}

async function answer(page: Page, browser: TestBrowser, manner: Manner): Promise<Page | null> {
  const { issuer, password, decision } = manner;
  const location = locationOf(page);
  if (location) return location.origin === new URL(issuer).origin ? browser.get(location) : null;
  if (page.status !== 200) return null;
  switch (page.url.pathname) {
    case "/sign-in": {
      const username = manner.username ?? suggestedName(page) ?? manner.otherwise;
      return browser.submit(page, "/sign-in", { username, password });
    }
    case "/select-account":
      return browser.submit(page, "/select-account", { account: firstAccount(page) });
    case "/device":
      return /name="user_code"/.test(page.html) ? browser.submit(page, "/device", {}) : null;
    case "/consent":
      return browser.submit(page, "/consent", { decision });
    default:
      return null;
  }
}

function suggestedName({ html }: Page): string | null {
  const name = /name="username"[^>]* value="([^"]+)"/.exec(html)?.[1];
  return name === undefined ? null : unescapeHtml(name);
}

const firstAccount = ({ html }: Page): string =>
  /name="account" value="([^"]*)"/.exec(html)?.[1] ?? "";
