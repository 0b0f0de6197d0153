/** people 7: no sentence of a page is untrue in some situation, in English and in German. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { languages } from "../../src/pages/texts.ts";
import type { Users } from "../../src/people/users.ts";
import {
  authorizationUrl,
  disconnect,
  type Page,
  type TestBrowser,
  testBrowser,
  textOf as wordsOf,
} from "../support/browser.ts";
import { authorize, redeem, refresh, tokensFor } from "../support/flow.ts";
import { ISSUER, NATIVE, PASSWORD, SERVICE, testServer, WEB } from "../support/server.ts";

const server = await testServer();
after(() => server.close());
const client = await server.addClient(WEB);
const LOCAL = { redirect_uri: "http://127.0.0.1/callback" };
const TV = {
  client_name: "Snaps TV",
  token_endpoint_auth_method: "none",
  application_type: "native",
  grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
};

/** On one line. */
const textOf = (page: Pick<Page, "html">): string => wordsOf(page).replaceAll(/\s+/g, " ").trim();

/** The same page in both languages. */
async function inBoth(browser: TestBrowser, path: string): Promise<[string, string]> {
  const read = async (language: string) => {
    const response = await browser.request(path, { headers: { "accept-language": language } });
    return textOf({ html: await response.text() });
  };
  return [await read("en"), await read("de")];
}

const pathOf = ({ url }: Page): string => url.href.slice(ISSUER.length);

async function toConsent(asking: { client_id: string }, username: string, parameters = {}) {
  const browser = testBrowser(server);
  const page = await browser.get(authorizationUrl(asking, parameters));
  const consent = await browser.signIn(page, username);
  assert.equal(consent.url.pathname, "/consent");
  return { browser, consent, texts: await inBoth(browser, pathOf(consent)) };
}

const signOut = async (browser: TestBrowser): Promise<Page> =>
  browser.submit(await browser.get("/sign-out"), {}, "/sign-out");

/** Signs in at the same request again. */
const signInAgain = async (browser: TestBrowser, url: string, username: string): Promise<Page> =>
  browser.signIn(await browser.get(url), username);

test("people 7: access that comes back after the next sign-in is not said to end with the session", async () => {
  await server.addUser("ada");
  const url = authorizationUrl(client, { scope: "openid photos.read" });
  const { browser, consent, texts } = await toConsent(client, "ada", {
    scope: "openid photos.read",
  });
  const [english, german] = texts;
  assert.match(english, /Works while you are signed in here\. Remove it/);
  assert.match(german, /Gilt, während Sie hier angemeldet sind\. Beenden unter/);
  assert.doesNotMatch(english, /until you sign out/);
  await browser.submit(consent, { decision: "allow" }, "/consent");
  await signOut(browser);
  const back = await signInAgain(browser, url, "ada");
  assert.ok(back.url.searchParams.get("code"), "nobody was asked again");
});

test("people 7: the page says that an app on the device has to ask each time, and it has to", async () => {
  await server.addUser("ben");
  const cli = await server.addClient(NATIVE);
  const parameters = { ...LOCAL, scope: "openid photos.read" };
  const { browser, consent, texts } = await toConsent(cli, "ben", parameters);
  assert.match(texts[0], /Lasts until you are signed out here, or remove it/);
  assert.match(texts[1], /Gilt, bis Sie hier abgemeldet sind oder es/);
  const allowed = await browser.submit(consent, { decision: "allow" }, "/consent");
  const { body } = await redeem(server, cli, allowed.url.searchParams.get("code") ?? "");
  await signOut(browser);
  assert.equal((await refresh(server, cli, body.refresh_token)).body.error, "invalid_grant");
  const again = await signInAgain(browser, authorizationUrl(cli, parameters), "ben");
  assert.equal(again.url.pathname, "/consent");
});

test("people 7: access that outlives the session has a last day, unless it is remembered", async () => {
  await server.addUser("cleo");
  const cli = await server.addClient(NATIVE);
  const parameters = { ...LOCAL, scope: "openid offline_access" };
  const { texts } = await toConsent(cli, "cleo", parameters);
  assert.match(texts[0], /until 15 January 2028 at the longest/);
  assert.match(texts[1], /längstens bis 15\. Januar 2028/);
  const { code } = await authorize(server, cli, { username: "cleo", parameters });
  const { body } = await redeem(server, cli, code);
  server.advance(31_536_000);
  assert.equal((await refresh(server, cli, body.refresh_token)).body.error, "invalid_grant");
  const { scope } = parameters;
  const remembered = await toConsent(client, "cleo", { scope });
  assert.match(remembered.texts[0], /Lasts until you remove it/);
});

test("people 7: access of a device has a last day, and no network that is not known is named", async () => {
  await server.addUser("dora");
  const tv = await server.addClient(TV);
  const body = new URLSearchParams({ client_id: tv.client_id, scope: "openid photos.read" });
  const asked = new Request(`${ISSUER}/device_authorization`, { method: "POST", body });
  const { user_code } = (await (await server.fetch(asked)).json()) as { user_code: string };
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), "dora");
  const consent = await browser.submit(await browser.get("/device"), { user_code }, "/device");
  const [english, german] = await inBoth(browser, pathOf(consent));
  assert.match(english, /Asked 1 second ago/);
  assert.doesNotMatch(`${english} ${german}`, /0\.0\.0\.0|network|Netz/);
  assert.match(english, /until .* at the longest/);
  assert.match(english, /no website/);
  assert.match(german, /ohne Website/);
  const refused = await browser.submit(consent, { decision: "deny" }, "/consent");
  assert.match(textOf(refused), /gets no access by this code/);
  const used = await browser.submit(await browser.get("/device"), { user_code }, "/device");
  assert.match(textOf(used), /does not work, or not any more/);
});

test("people 7: the right password of a disabled account is not called wrong", async () => {
  const sub = await server.addUser("emil");
  const before = await server.server.store.findAccount(sub);
  assert.ok(before);
  await server.server.store.updateAccount({ ...before, disabled_at: server.now() }, ["emil"], {
    before,
  });
  const browser = testBrowser(server);
  const page = await browser.signIn(await browser.get("/sign-in"), "emil", PASSWORD);
  assert.equal(page.status, 401);
  assert.match(textOf(page), /or the account can’t be used/);
});

test("people 7: an app that asks for no password is not said to do so", async () => {
  await server.addUser("fred");
  const { browser, consent } = await toConsent(client, "fred");
  const way_back = pathOf(consent).replace("/consent", "/sign-in");
  const [english, german] = await inBoth(browser, way_back);
  assert.match(english, /Sign in again to continue to Printly/);
  assert.match(german, /Noch einmal anmelden und weiter zu Printly/);
});

test("people 7: after the sign-out, apps may still be signed in", async () => {
  await server.addUser("gina");
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), "gina");
  assert.match(textOf(await signOut(browser)), /Apps that you used may keep you signed in/);
  const [english, german] = await inBoth(browser, "/sign-out");
  assert.match(english, /Apps that you used may keep you signed in/);
  assert.match(german, /Apps, die Sie benutzt haben, können Sie von sich aus angemeldet lassen/);
});

test("people 7: a redirect to another host is named, and none as a stranger's", async () => {
  await server.addUser("hans");
  const redirect_uris = ["https://auth.printly.test/callback"];
  const two = await server.addClient({ ...WEB, redirect_uris });
  const { texts } = await toConsent(two, "hans", { redirect_uri: redirect_uris[0] });
  assert.match(texts[0], /You go on to auth\.printly\.test, another address than the one above/);
  assert.match(texts[1], /Weiter geht es zu auth\.printly\.test, einer anderen Adresse als oben/);
});

test("people 7: a person did not allow what the operator waived, and is not asked by an app that needs no permission", async () => {
  await server.addUser("ida");
  const trusted = await server.addClient({ ...WEB, client_name: "Own" }, { trusted: true });
  const { browser, code } = await tokensFor(server, trusted, { username: "ida" });
  assert.ok(code);
  const [english, german] = await inBoth(browser, "/account");
  assert.match(english, /Own.*Since 15 January 20/);
  assert.match(german, /Own.*Seit 15\. Januar 20/);
  assert.doesNotMatch(
    `${english} ${german}`,
    /you allowed it|Allowed 1|Erlaubt am|es erlaubt haben/,
  );
  const removed = await disconnect(browser, trusted);
  assert.match(
    textOf(removed),
    /You have removed Own\. ?If it needs your permission again, it has/,
  );
  const again = await browser.get(authorizationUrl(trusted));
  assert.ok(again.url.searchParams.get("code"), "it needs none");
});

test("people 7: a request that a trusted app repeats was answered, but not by the person", async () => {
  await server.addUser("judy");
  const trusted = await server.addClient(WEB, { trusted: true });
  const browser = testBrowser(server);
  const sign_in = await browser.get(authorizationUrl(trusted));
  const page = await browser.signIn(sign_in, "judy");
  await redeem(server, trusted, page.url.searchParams.get("code") ?? "");
  const [english, german] = await inBoth(
    browser,
    pathOf(sign_in).replace("/sign-in", "/authorize"),
  );
  assert.match(english, /This has been answered already.*The answer was sent to Printly/);
  assert.match(german, /Das ist schon beantwortet.*Die Antwort ging an Printly/);
});

test("people 7: an app that refreshes each hour was used today or yesterday", async () => {
  await server.addUser("kim");
  const cli = await server.addClient({ ...NATIVE, client_name: "Hourly" });
  const parameters = { ...LOCAL, scope: "openid offline_access" };
  const { browser, refresh_token } = await tokensFor(server, cli, { username: "kim", parameters });
  let token = refresh_token;
  for (let hour = 0; hour < 75; hour += 1) {
    server.advance(3600);
    token = (await refresh(server, cli, token)).body.refresh_token;
  }
  const [english, german] = await inBoth(browser, "/account");
  assert.match(english, /Last used today or yesterday/);
  assert.match(german, /Zuletzt benutzt: heute oder gestern/);
});

test("people 7: no link makes the page claim a change, and a change is told for a minute", async () => {
  await server.addUser("lea");
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), "lea");
  for (const done of ["password_changed", "sessions_ended"])
    assert.doesNotMatch(
      textOf(await browser.get(`/account/security?done=${done}`)),
      /are signed out\.|is changed/,
    );
  await testBrowser(server).signIn(await testBrowser(server).get("/sign-in"), "lea");
  const other = testBrowser(server);
  await other.signIn(await other.get("/sign-in"), "lea");
  const form = { action: "/account/security", having: { intent: "end_other_sessions" } };
  const told = await browser.submit(await browser.get("/account/security"), {}, form);
  assert.match(textOf(told), /All other browsers are signed out/);
  const link = pathOf(told);
  const elsewhere = testBrowser(server);
  await server.addUser("mia");
  await elsewhere.signIn(await elsewhere.get("/sign-in"), "mia");
  assert.doesNotMatch(textOf(await elsewhere.get(link)), /All other browsers are signed out/);
  server.advance(60);
  assert.doesNotMatch(textOf(await browser.get(link)), /All other browsers are signed out/);
});

test("people 7: a person whose last app is removed has none, and nothing claims that there was none", async () => {
  await server.addUser("root", { is_admin: true });
  await server.addClient(SERVICE);
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), "root");
  const [english, german] = await inBoth(browser, "/account/apps");
  assert.match(english, /You have no apps here/);
  assert.match(german, /Sie haben hier keine Apps/);
  assert.match(english, /Nightly job.?no website/, "a service is on nobody's computer");
});

test("people 7: a page that was asked for in a wrong way blames no app", async () => {
  const browser = testBrowser(server);
  const page = await browser.get("/sign-in");
  const long = await browser.signIn(page, "ada", "x".repeat(1025));
  assert.equal(long.status, 400);
  for (const text of [textOf(long), ...(await inBoth(browser, "/sign-in?to=/a&to=/b"))]) {
    assert.match(text, /could not be read|konnten wir nicht lesen/);
    assert.doesNotMatch(text, /this app|diese App/i);
  }
  for (const text of await inBoth(browser, "/authorize"))
    assert.match(text, /names no app that Valetkey knows|nennt keine App, die Valetkey kennt/);
  const two = await server.addClient({
    ...WEB,
    redirect_uris: ["https://a.test", "https://b.test"],
  });
  for (const text of await inBoth(browser, `/authorize?client_id=${two.client_id}`))
    assert.match(text, /gave no address for its answer|keine Adresse für ihre Antwort genannt/);
});

test("people 7: a page that asks to wait says how long", async () => {
  await using strict = await testServer({ rate_limits: { window: 1800, changes: 2 } });
  await strict.addUser("ada");
  const browser = testBrowser(strict);
  const sign_in = async () => browser.signIn(await browser.get("/sign-in"), "ada");
  let page = await sign_in();
  for (let i = 0; i < 3 && page.status !== 429; i += 1) page = await sign_in();
  assert.equal(page.status, 429);
  const [, minutes = ""] = /Wait (\d+) minutes, then try again/.exec(textOf(page)) ?? [];
  const wait = Number(page.headers.get("retry-after"));
  assert.ok(wait > 60 && Number(minutes) * 60 >= wait, `${minutes} minutes for ${wait} s`);
});

test("people 7: an error that nobody may have noted is not said to be noted", async () => {
  const broken = { sub: "x", username: "x", claims: {}, is_admin: false, disabled: false };
  const users: Users = {
    find: async () => broken,
    findByLogin: async () => broken,
    verifyPassword: async () => {
      throw new Error("out of order");
    },
  };
  const silent = { info() {}, warn() {}, error() {} };
  await using own = await testServer({ users }, { log: silent });
  const browser = testBrowser(own);
  const page = await browser.signIn(await browser.get("/sign-in"), "x");
  assert.equal(page.status, 500);
  assert.doesNotMatch(textOf(page), /noted/);
});

test("people 7: the length that a page names is the length that counts", async () => {
  await using short = await testServer({ sign_up: true, limits: { password: 64 } });
  const browser = testBrowser(short);
  const form = await browser.get("/sign-up");
  const page = await browser.submit(
    form,
    { username: "ada", password: "x".repeat(65) },
    "/sign-up",
  );
  assert.match(textOf(page), /This password is too long/);
  assert.doesNotMatch(textOf(page), /1,024/);
});

test("people 7: a set-up link that was never used ends when there is an account", async () => {
  await using fresh = await testServer();
  const link = await fresh.setupLink();
  await fresh.server.users.create?.({
    ...{ username: "by-command", password: PASSWORD, is_admin: true, only_as_first: false },
  });
  const page = await testBrowser(fresh).get(link ?? "");
  assert.equal(page.status, 410);
  assert.match(textOf(page), /works once, for a day, and only while there is no account/);
});

/** Sentences that were untrue in some situation, as they were. */
const FORMER = [
  /until you sign out/,
  /bis Sie sich abmelden oder/,
  /do not belong together|gehören nicht zusammen/,
  /asks for your password|bittet noch einmal um Ihr Passwort/,
  /Nobody can use your account|niemand ohne Ihr Passwort/,
  /not the site of this app|nicht die Website dieser App/,
  /on this computer|auf diesem Computer/,
  /has not checked who\.|nicht geprüft, wer/,
  /You have already answered|Das haben Sie schon beantwortet/,
  /until you remove it\.$|bis Sie die App entfernen/,
  /nobody can imitate|niemand es nachahmen/,
  /The app that sent you here|Die App, von der Sie kommen/,
  /^It wants its answer sent to|^Sie möchte die Antwort an eine Adresse/,
  /This took too long|This one has expired|Das hat zu lange gedauert|Diese ist abgelaufen/,
  /nothing was sent|wurde nichts gesendet/i,
  /Someone who runs \{product\} switched it off, so it|Deshalb kann sich damit niemand anmelden/,
  /Wait a minute|eine Minute und/,
  /has been noted|wurde festgehalten/,
  /1,024|1\.024/,
  /and for a short time|nur kurze Zeit/,
  /because you allowed it|weil Sie es erlaubt haben/,
  /No app can use your account|Keine App kann Ihr Konto/,
  /can no longer use your account|kann Ihr Konto nicht mehr/,
  /sign in there again, it will ask|dort wieder anmelden, fragt sie/,
  /not registered an app yet|noch keine App registriert/,
  /sign in to it any more|weg\. Niemand kann sich mehr bei ihr anmelden/,
  /ends at once|access at once|endet sofort|Zugriff sofort/,
  /all apps are disconnected|alle Apps getrennt/,
  /it does not ask|fragt sie nicht\./,
  /This is not your current|Das ist nicht Ihr jetziges/,
  /No device shows|Kein Gerät zeigt/,
  /\} gets no access\.|\} bekommt keinen Zugriff/,
];

test("people 7: sentences that were untrue in some situation are in no language", () => {
  for (const { tag, texts } of languages())
    for (const [key, message] of Object.entries(texts))
      for (const former of FORMER) assert.doesNotMatch(message, former, `${tag}.${key}`);
});
