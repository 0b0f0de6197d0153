/** Signed-in people for tests of web apps: at the issuer in a browser, or at an app. */
import { locationOf, type Page, type Send, testBrowser } from "./browser.ts";
import { answerPages, type Manner } from "./person.ts";

/** A page of Playwright. */
export interface TestPage {
  context(): { addCookies(cookies: readonly BrowserCookie[]): Promise<void> };
}

export interface BrowserCookie {
  name: string;
  value: string;
  url: string;
  httpOnly: boolean;
  sameSite: "Lax";
}

/** The part of `createAuth` of `valetkey/client/web` that signs people in. */
export interface WebAuth {
  login(request: Request): Promise<Response>;
  handle(request: Request): Promise<Response | null>;
}

/** Signs in at the issuer. @returns the cookies @throws Error when the issuer refuses, such as after wrong passwords */
export async function cookiesOf(send: Send, manner: Manner): Promise<BrowserCookie[]> {
  const browser = testBrowser(send);
  const first = await browser.get(new URL("/sign-in", manner.issuer));
  const last = await answerPages(first, browser, manner);
  if (last.status !== 200) throw refused("sign-in", last);
  return [...browser.cookies].map(([name, value]) => ({
    ...{ name, value, url: manner.issuer, httpOnly: true, sameSite: "Lax" },
  }));
}

/** Visits an authorization URL. @returns where the issuer sends the person @throws Error when it shows them a page */
export async function callbackOf(url: URL, send: Send, manner: Manner): Promise<URL> {
  const browser = testBrowser(send);
  const answered = await answerPages(await browser.get(url), browser, manner);
  const back = locationOf(answered);
  if (!back) throw refused("sign-in", answered);
  return back;
}

/**
 * Signs in to an app by a whole flow.
 * @param origin of the app, if it does not know its own
 * @returns the `Cookie` header
 */
export async function cookieOf(
  auth: WebAuth,
  { origin, send, manner }: { origin: string; send: Send; manner: Manner },
): Promise<string> {
  const app = testBrowser(async (request) => {
    const answered = await auth.handle(request);
    if (answered === null) throw new Error(`the app does not handle ${request.url}`);
    return answered;
  });
  const begun = testBrowser(auth.login);
  const asked = await begun.request(navigation(new URL(origin)));
  for (const [name, value] of begun.cookies) app.cookies.set(name, value);
  const authorize = locationOf(asked);
  if (!authorize) throw refused("login", asked);
  const back = await callbackOf(authorize, send, manner);
  const done = await app.request(navigation(back));
  if (!locationOf(done)) throw refused("callback", done);
  return [...app.cookies].map((pair) => pair.join("=")).join("; ");
}

const navigation = (url: URL): Request =>
  new Request(url, { headers: { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" } });

const refused = (step: string, { status, html }: Page): Error =>
  new Error(`the ${step} answered ${status}: ${html.slice(0, 500)}`);
