/** RP-initiated logout: an app asks to sign a person out (OpenID RP-Initiated Logout). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  authorizationUrl,
  type Page,
  readForm,
  type TestBrowser,
  testBrowser,
  textOf,
} from "../support/browser.ts";
import { refresh, tokensFor } from "../support/flow.ts";
import { pasteRequests } from "../support/pasted.ts";
import { ISSUER, type TestClient, testServer, WEB } from "../support/server.ts";
import { webServer } from "../support/web.ts";

const server = await testServer();
after(() => server.close());
for (const username of ["ada", "bob"]) await server.addUser(username);

const BYE = "https://printly.test/bye";
const APP = { ...WEB, post_logout_redirect_uris: [BYE, `${BYE}?from=valetkey`] };
const client = await server.addClient(APP);
const STATE = "aZ09-._~ !$&'()*+,;=:@/?%\"<>ü".repeat(2);

const logoutUrl = (parameters: Record<string, string>) =>
  `/logout?${new URLSearchParams(parameters)}`;

async function signedIn(
  options: { username?: string; browser?: TestBrowser; at?: TestClient } = {},
) {
  const { at = client, ...rest } = options;
  const parameters = { prompt: rest.browser ? "login" : undefined };
  return tokensFor(server, at, { ...rest, parameters });
}

async function isSignedIn(browser: TestBrowser): Promise<boolean> {
  const { url } = await browser.get(authorizationUrl(client, { prompt: "none" }));
  assert.equal(url.origin, "https://printly.test", url.href);
  if (url.searchParams.has("code")) return true;
  assert.equal(url.searchParams.get("error"), "login_required");
  return false;
}

const isQuestion = ({ url, html }: Page): boolean =>
  url.pathname === "/logout" && /<form method="post" action="\/sign-out"/.test(html);

/** Presses the button of the page that asks. */
const confirm = (browser: TestBrowser, page: Page, which = "one") =>
  browser.submit(page, { which }, "/sign-out");

test("a genuine hint ends its session without a page, and leads back with state and nothing else", async () => {
  const { browser, id_token } = await signedIn();
  const request = { id_token_hint: id_token, post_logout_redirect_uri: BYE, state: STATE };
  const { url } = await browser.get(logoutUrl(request));
  assert.equal(url.origin + url.pathname, BYE);
  assert.deepEqual([...url.searchParams], [["state", STATE]]);
  assert.equal(await isSignedIn(browser), false);
  assert.equal((await browser.get("/account")).url.pathname, "/sign-in");
});

test("the same by POST, which comes without cookies: it is sealed and goes on as a GET", async () => {
  const { browser, id_token } = await signedIn();
  const state = "s".repeat(50);
  const fields = {
    id_token_hint: id_token,
    post_logout_redirect_uri: `${BYE}?from=valetkey`,
    state,
  };
  const init = { method: "POST", body: new URLSearchParams(fields) };
  const posted = await testBrowser(server).request("/logout", init);
  assert.equal(posted.status, 303);
  const { url } = await browser.get(posted.headers.get("location") ?? "");
  assert.equal(url.href, `${BYE}?from=valetkey&state=${state}`);
  assert.equal(await isSignedIn(browser), false);
});

test("an expired hint counts, and so does one whose session has ended already", async () => {
  const { browser, id_token } = await signedIn();
  server.advance(2 * 86_400);
  const request = logoutUrl({ id_token_hint: id_token, post_logout_redirect_uri: BYE });
  for (let times = 0; times < 2; times += 1) {
    assert.equal((await browser.get(request)).url.href, BYE);
    assert.equal(await isSignedIn(browser), false);
  }
});

test("a hint of a session that ended asks before it ends another one, and leads back either way", async () => {
  const { browser, id_token } = await signedIn();
  await browser.submit(await browser.get("/sign-out"), {}, "/sign-out");
  await signedIn({ browser });
  const request = logoutUrl({ id_token_hint: id_token, post_logout_redirect_uri: BYE });
  const page = await browser.get(request);
  assert.ok(isQuestion(page));
  assert.match(page.html, new RegExp(`<a class="button" href="${BYE}"`), "staying leads back too");
  assert.equal(await isSignedIn(browser), true);
  assert.equal((await confirm(browser, page)).url.href, BYE);
  assert.equal(await isSignedIn(browser), false);
});

test("grants that are tied to the session end with it; offline access goes on", async () => {
  const tied = await signedIn();
  const parameters = { scope: "openid offline_access" };
  const offline = await tokensFor(server, client, { browser: tied.browser, parameters });
  await tied.browser.get(logoutUrl({ id_token_hint: tied.id_token }));
  const left = await refresh(server, client, tied.refresh_token);
  assert.equal(left.body.error, "invalid_grant");
  assert.equal((await refresh(server, client, offline.refresh_token)).status, 200);
});

test("without a hint a page asks; it leads back after its button with client_id and a registered address", async () => {
  const request = { client_id: client.client_id, post_logout_redirect_uri: BYE, state: STATE };
  const { browser } = await signedIn();
  const page = await browser.get(logoutUrl(request));
  assert.ok(isQuestion(page));
  assert.match(textOf(page), /Printly asks to sign you out here/);
  assert.match(
    page.headers.get("content-security-policy") ?? "",
    /form-action 'self' https: http:/,
  );
  assert.equal(await isSignedIn(browser), true, "a GET alone ends nothing");
  const { url } = await confirm(browser, page);
  assert.equal(url.origin + url.pathname, BYE);
  assert.deepEqual([...url.searchParams], [["state", STATE]]);
  assert.equal(await isSignedIn(browser), false);
  const nobody = await browser.get(logoutUrl(request));
  assert.equal(nobody.url.href, `${ISSUER}/sign-out`, "nobody is signed in: it leads nowhere");
  assert.match(textOf(nobody), /You are signed out/);
});

test("without a hint an app that registered itself leads back only people who have used it", async () => {
  const post_logout_redirect_uris = ["https://own.test/bye"];
  const own = await server.addClient({ ...WEB, post_logout_redirect_uris }, { created_by: "user" });
  const request = logoutUrl({
    client_id: own.client_id,
    post_logout_redirect_uri: "https://own.test/bye",
  });
  for (const used of [false, true]) {
    const { browser } = await signedIn();
    if (used) await tokensFor(server, own, { browser });
    const page = await browser.get(request);
    assert.equal(/Printly asks/.test(textOf(page)), used);
    const next = await confirm(browser, page);
    assert.equal(next.url.origin, used ? "https://own.test" : ISSUER);
    assert.equal(await isSignedIn(browser), false);
  }
});

test("no parameters, only state, and no address: the person signs out, and a page says so", async () => {
  const requests: ((id_token: string) => Record<string, string>)[] = [
    () => ({}),
    () => ({ state: "x" }),
    () => ({ client_id: client.client_id }),
    (id_token_hint) => ({ id_token_hint }),
    (id_token_hint) => ({ id_token_hint, state: "x" }),
  ];
  for (const parameters of requests) {
    const { browser, id_token } = await signedIn();
    let page = await browser.get(logoutUrl(parameters(id_token)));
    if (isQuestion(page)) page = await confirm(browser, page);
    assert.equal(page.url.pathname, "/sign-out");
    assert.equal(page.status, 200);
    assert.match(textOf(page), /You are signed out/);
    assert.equal(await isSignedIn(browser), false);
  }
});

test("with a genuine hint and no address the page links the app's own site", async () => {
  const { browser, id_token } = await signedIn();
  const page = await browser.get(logoutUrl({ id_token_hint: id_token }));
  assert.match(page.html, /href="https:\/\/printly.test\/"[^>]*>.*Back to .*Printly/);
});

test("several accounts: the hint ends its own, and the others stay", async () => {
  const { browser, id_token } = await signedIn();
  await signedIn({ browser, username: "bob" });
  const page = await browser.get(logoutUrl({ id_token_hint: id_token }));
  assert.match(textOf(page), /That account is signed out/);
  assert.match(textOf(page), /Still signed in here:\s*bob/);
  assert.match((await browser.get("/account")).html, /<bdi>bob<\/bdi>/);
});

test("several accounts without a hint: one or all, and logout_hint picks the one that is offered", async () => {
  for (const which of ["one", "all"]) {
    const { browser } = await signedIn();
    await signedIn({ browser, username: "bob" });
    for (const logout_hint of ["ada", "BOB"]) {
      const page = await browser.get(logoutUrl({ logout_hint }));
      assert.match(textOf(page), new RegExp(`Sign out ${logout_hint.toLowerCase()}`));
    }
    const request = {
      logout_hint: "ada",
      client_id: client.client_id,
      post_logout_redirect_uri: BYE,
    };
    const page = await browser.get(logoutUrl(request));
    assert.equal((await confirm(browser, page, which)).url.href, BYE);
    assert.equal(await isSignedIn(browser), which === "one", "bob");
  }
});

test("ui_locales chooses the language of both pages", async () => {
  const { browser } = await signedIn();
  const page = await browser.get(logoutUrl({ ui_locales: "xx de" }));
  assert.match(textOf(page), /Abmelden\?/);
  assert.match(textOf(await confirm(browser, page)), /Sie sind abgemeldet/);
});

test("the account menu still asks which of several accounts, and keeps the app's request", async () => {
  const { browser } = await signedIn();
  await signedIn({ browser, username: "bob" });
  const request = { client_id: client.client_id, post_logout_redirect_uri: BYE };
  const page = await browser.get(logoutUrl(request));
  const { fields } = readForm(page.html, "/sign-out");
  const body = new URLSearchParams(fields);
  const response = await browser.request("/sign-out", { method: "POST", body });
  const again = await browser.get(response.headers.get("location") ?? "");
  assert.ok(isQuestion(again));
  assert.equal((await confirm(browser, again, "all")).url.href, BYE);
});

test("when the request has expired, the button still signs out, and leads nowhere else", async () => {
  const { browser } = await signedIn();
  const request = { client_id: client.client_id, post_logout_redirect_uri: BYE };
  const page = await browser.get(logoutUrl(request));
  server.advance(3601);
  const next = await confirm(browser, page);
  assert.equal(next.url.href, `${ISSUER}/sign-out`);
  assert.equal(await isSignedIn(browser), false);
});

test("the event of the ended session names the app that asked for it", async () => {
  const { browser, id_token } = await signedIn();
  await browser.get(logoutUrl({ id_token_hint: id_token }));
  const events = await server.server.store.listAudit({ limit: 5 });
  const event = events.find((each) => each.event === "session_ended");
  assert.equal(event?.client_id, client.client_id);
  assert.equal(event?.details.reason, "signed_out");
});

test("an address that is not registered: a page, and the log tells the operator the command", async () => {
  const { browser, id_token } = await signedIn();
  const request = { id_token_hint: id_token, post_logout_redirect_uri: `${BYE}/` };
  const page = await browser.get(logoutUrl(request));
  assert.match(textOf(page), /You are signed out/);
  const line = server.lines.findLast(({ event }) => event === "logout");
  assert.match(String(line?.fields.hint), /client update client-1 --post-logout-redirect-uri/);
});

test("the page about logout: its request leads back to the app", async () => {
  await using live = await webServer();
  await live.addUser("ada");
  const post_logout_redirect_uris = ["https://printly.example/bye"];
  const app = await live.addClient({ ...WEB, post_logout_redirect_uris });
  const { id_token: ID_TOKEN } = await tokensFor(live, app);
  const [address = ""] = await pasteRequests("docs/logout.md", { ISSUER: live.issuer, ID_TOKEN });
  assert.equal(address.trim(), "https://printly.example/bye?state=xyz");
});
