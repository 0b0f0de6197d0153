/** The choice of a language in the foot of a page. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  authorizationUrl,
  linkOn,
  type Page,
  readForm,
  type TestBrowser,
  testBrowser,
  textOf,
  unescapeHtml,
} from "../support/browser.ts";
import { redeem } from "../support/flow.ts";
import { testServer, WEB } from "../support/server.ts";

const server = await testServer({ sign_up: true, your_apps: "everyone" });
after(() => server.close());
const client = await server.addClient(WEB);
await server.addUser("ada");

const languageOf = ({ html }: Page): string | undefined => /<html lang="(\w+)"/.exec(html)?.[1];
const links = ({ html }: Page): string[] =>
  [...html.matchAll(/<a href="(\?[^"]*choose_language=\w+)"/g)].map(([, href = ""]) =>
    unescapeHtml(href),
  );
async function choose(tag: string, page: Page, browser: TestBrowser): Promise<Page> {
  const href = links(page).find((each) => each.endsWith(`choose_language=${tag}`));
  assert.ok(href, `no link to ${tag} on ${page.url}`);
  return browser.get(new URL(href, page.url).href);
}

test("a request in progress goes on in the chosen language, which comes before ui_locales", async () => {
  const browser = testBrowser(server);
  const asked = await browser.get(authorizationUrl(client, { ui_locales: "en" }));
  const german = await choose("de", asked, browser);
  assert.equal(languageOf(german), "de");
  assert.equal(german.url.href, asked.url.href, "the same page, with its request");
  const consent = await browser.signIn(german, "ada");
  assert.equal(consent.url.pathname, "/consent");
  assert.equal(languageOf(consent), "de");
  const english = await choose("en", consent, browser);
  assert.match(textOf(english), /wants to know who you are/);
  const back = await browser.submit(english, { decision: "allow" }, "/consent");
  const { status } = await redeem(server, client, back.url.searchParams.get("code") ?? "");
  assert.equal(status, 200);
});

test("it holds on every page, before Accept-Language, and for this browser only", async () => {
  const browser = testBrowser(server);
  await choose("de", await browser.get("/sign-in"), browser);
  const headers = { "accept-language": "en" };
  const page = await (await browser.request("/sign-up", { headers })).text();
  assert.match(page, /<html lang="de"/);
  assert.equal(languageOf(await browser.get("/nowhere")), "de");
  assert.equal(languageOf(await testBrowser(server).get("/sign-in")), "en");
});

test("a page that a refused form leads to keeps its request when the language changes", async () => {
  const browser = testBrowser(server);
  const asked = await browser.get(authorizationUrl(client, { prompt: "consent" }));
  const wrong = await browser.signIn(asked, "ada", "a wrong password");
  assert.equal(wrong.status, 401);
  const german = await choose("de", wrong, browser);
  assert.equal(languageOf(german), "de");
  const consent = await browser.signIn(german, "ada");
  assert.equal(consent.url.pathname, "/consent");
  const expired = await browser.submit(consent, { csrf: "forged" }, "/consent");
  assert.equal(expired.status, 403);
  assert.equal((await choose("en", expired, browser)).url.pathname, "/consent");
});

test("errors have the choice too; a path like another host leads nowhere else", async () => {
  const browser = testBrowser(server);
  const missing = await browser.get(`${server.issuer}//evil.example/x?a=1`);
  assert.equal(missing.status, 404);
  const german = await choose("de", missing, browser);
  assert.equal(german.url.href, `${server.issuer}//evil.example/x?a=1`);
  assert.equal(languageOf(german), "de");
  const unknown = await browser.get("/authorize?client_id=nobody");
  const english = await choose("en", unknown, browser);
  assert.equal(english.url.search, "?client_id=nobody");
  assert.equal(languageOf(english), "en");
});

test("no API takes the parameter, and a person's password never gets into a link", async () => {
  const browser = testBrowser(server);
  const jwks = await browser.request("/jwks?choose_language=de");
  assert.equal(jwks.status, 200);
  assert.deepEqual(jwks.headers.getSetCookie(), []);
  const page = await browser.get("/sign-up");
  const refused = await browser.submit(page, { username: "x y", password: "secret-words-7" });
  assert.deepEqual(links(refused), ["?choose_language=de"]);
});

test("the page that shows a secret once is not offered in another language", async () => {
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), "ada");
  const register = await browser.get("/account/apps?view=register");
  assert.equal(links(register).length, 1);
  const { action, fields } = readForm(register.html, "/account/apps");
  const body = new URLSearchParams(fields);
  body.set("name", "Printly");
  body.set("kind", "web");
  body.set("redirect_uris", "https://printly.example/cb");
  const response = await browser.request(action, { method: "POST", body });
  const html = await response.text();
  assert.match(html, /OIDC_CLIENT_SECRET=/);
  assert.doesNotMatch(html, /choose_language/);
  assert.ok(linkOn({ html }, "/account/apps"));
});
