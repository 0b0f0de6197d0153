/** openid-client: what an authorization request may ask of a sign-in (OpenID Connect Core §3.1.2.1). */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeJwt } from "jose";
import * as oidc from "openid-client";
import { rotateKeys } from "../../../src/keys/change_keys.ts";
import { accountsOn, readForm, testBrowser } from "../browser.ts";
import { OPERATOR } from "../operation.ts";
import { PASSWORD, type TestClient } from "../server.ts";
import { newPerson, type Stories } from "./place.ts";
import {
  configure,
  fetchPerson,
  goThrough,
  type RelyingParty,
  refresh,
  relyingParty,
  request,
  signIn,
} from "./relying_party.ts";

const PHOTOS = "openid profile photos.read";

/** The same app for another person. */
async function withAnother(app: RelyingParty): Promise<RelyingParty> {
  return { ...app, ...(await newPerson(app.server)) };
}

async function signOut(browser: ReturnType<typeof testBrowser>): Promise<void> {
  await browser.submit(await browser.get("/sign-out"), { which: "all" }, "/sign-out");
}

export const signInStories: Stories = {
  async "max_age: nobody is asked within it, and everybody beyond it; auth_time tells"({ server }) {
    const app = await relyingParty(server);
    const first = await signIn(app, { max_age: "300" });
    assert.ok(Math.abs(Number(first.claims.auth_time) - Date.now() / 1000) < 60);
    await sleep(2100);
    const { browser } = first;
    const within = await signIn(app, { max_age: "10000" }, browser);
    assert.deepEqual(within.seen, []);
    assert.equal(within.claims.auth_time, first.claims.auth_time);
    const beyond = await signIn(app, { max_age: "1" }, browser);
    assert.deepEqual(beyond.seen, ["/sign-in"]);
    assert.ok(Number(beyond.claims.auth_time) > Number(first.claims.auth_time));
  },

  async "prompt=none: silent with a session, and an error where a page would be needed"({
    server,
  }) {
    const app = await relyingParty(server);
    const silently = { prompt: "none" };
    await assert.rejects(signIn(app, silently), { error: "login_required" });
    const { browser, claims } = await signIn(app);
    const again = await signIn(app, silently, browser);
    assert.deepEqual(again.seen, []);
    assert.deepEqual(
      [again.claims.sub, again.claims.auth_time, again.claims.sid],
      [claims.sub, claims.auth_time, claims.sid],
    );
    const more = { ...silently, scope: PHOTOS };
    await assert.rejects(signIn(app, more, browser), { error: "consent_required" });
    await assert.rejects(signIn(app, { prompt: "none login" }, browser), {
      error: "invalid_request",
    });
  },

  async "prompt=login, consent, or both: the pages are shown although nothing is missing"({
    server,
  }) {
    const app = await relyingParty(server);
    const { browser, claims } = await signIn(app);
    let last = Number(claims.auth_time);
    for (const [prompt, pages] of [
      ["login", ["/sign-in"]],
      ["consent", ["/consent"]],
      ["login consent", ["/sign-in", "/consent"]],
      ["something new", []],
    ] as const) {
      // Longer than the resolution of auth_time.
      await sleep(1100);
      const again = await signIn(app, { prompt }, browser);
      assert.deepEqual(again.seen, pages, prompt);
      const auth_time = Number(again.claims.auth_time);
      assert.equal(auth_time > last, prompt.includes("login"), prompt);
      last = auth_time;
    }
  },

  async "prompt=select_account: the person chooses, and login_hint chooses silently"({ server }) {
    const ada = await relyingParty(server);
    const bob = await withAnother(ada);
    const { browser } = await signIn(ada);
    await browser.signIn(await browser.get("/sign-in?other=yes"), bob.username);
    await signIn(bob, { login_hint: bob.username }, browser);
    for (const { username, sub } of [ada, bob]) {
      const { url, checks } = await request(ada, { prompt: "select_account" });
      const page = await browser.get(url.href);
      assert.equal(page.url.pathname, "/select-account");
      const account = accountsOn(page)[username] ?? assert.fail(username);
      const chosen = await browser.submit(page, { account }, "/select-account");
      const tokens = await oidc.authorizationCodeGrant(ada.config, chosen.url, checks);
      assert.equal(tokens.claims()?.sub, sub);
      const hinted = await signIn(ada, { prompt: "none", login_hint: username }, browser);
      assert.equal(hinted.claims.sub, sub);
    }
    // A person who is not signed in finds the name in the form.
    const { url } = await request(ada, { login_hint: bob.username });
    const { html } = await testBrowser(server).get(url.href);
    const { username } = Object.fromEntries(readForm(html, "/sign-in").fields);
    assert.equal(username, bob.username);
  },

  async "prompt=create: a new person signs up where it is on, else the sign-in page is shown"({
    server,
    open,
  }) {
    const app = await relyingParty(server);
    const browser = testBrowser(server);
    const { url, checks } = await request(app, { prompt: "create" });
    const form = await browser.get(url.href);
    assert.equal(form.url.pathname, "/sign-up");
    const username = `created-${app.username}`;
    const fields = { username, email: `${username}@example.com`, password: PASSWORD };
    const consent = await browser.submit(form, fields, "/sign-up");
    const { page } = await goThrough({ server, username }, consent.url, browser);
    const tokens = await oidc.authorizationCodeGrant(app.config, page.url, checks);
    const { sub } = tokens.claims() ?? assert.fail();
    const { preferred_username } = await fetchPerson(app, tokens.access_token, sub);
    assert.equal(preferred_username, username);
    await using closed = await open({});
    const there = await relyingParty(closed);
    assert.deepEqual((await signIn(there, { prompt: "create" })).seen, ["/sign-in", "/consent"]);
    const supported = (config: oidc.Configuration) =>
      config.serverMetadata().prompt_values_supported;
    assert.deepEqual(
      [supported(app.config), supported(there.config)].map((values) =>
        JSON.stringify(values ?? []).includes("create"),
      ),
      [true, false],
    );
  },

  async "ui_locales and display: the pages are in that language, and any display is accepted"({
    server,
  }) {
    const app = await relyingParty(server);
    for (const [ui_locales, lang] of [
      ["se", "en"],
      ["se de", "de"],
      ["en", "en"],
    ]) {
      const display = { display: "popup", ui_locales: ui_locales ?? "", claims_locales: "se" };
      const { url, checks } = await request(app, display);
      const browser = testBrowser(server);
      assert.match((await browser.get(url.href)).html, new RegExp(`<html[^>]* lang="${lang}"`));
      const { page } = await goThrough(app, url, browser);
      assert.ok((await oidc.authorizationCodeGrant(app.config, page.url, checks)).claims());
    }
  },

  async "offline_access: a grant goes on after the sign-out, and without it ends with the session"({
    server,
  }) {
    const app = await relyingParty(server);
    const tied = await signIn(app);
    const { browser } = tied;
    const lasting = await signIn(app, { scope: "openid offline_access" }, browser);
    assert.match(lasting.tokens.scope ?? "", /offline_access/);
    await signOut(browser);
    await assert.rejects(refresh(app, tied.tokens.refresh_token), { error: "invalid_grant" });
    const { access_token } = await refresh(app, lasting.tokens.refresh_token);
    assert.equal((await fetchPerson(app, access_token, app.sub)).sub, app.sub);
  },

  async "id_token_hint: the hinted person silently, or login_required; it must be an ID token"({
    server,
  }) {
    const app = await relyingParty(server);
    const bob = await withAnother(app);
    const { browser, tokens, claims } = await signIn(app);
    const { id_token = "", access_token } = tokens;
    const hint = (id_token_hint: string) => ({ prompt: "none", id_token_hint });
    const again = await signIn(app, hint(id_token), browser);
    assert.deepEqual([again.seen, again.claims.sub], [[], claims.sub]);
    const elsewhere = await signIn(bob);
    await assert.rejects(signIn(app, hint(id_token), elsewhere.browser), {
      error: "login_required",
    });
    const [head, body, signature = ""] = id_token.split(".");
    const forged = [head, body, [...signature].reverse().join("")].join(".");
    for (const wrong of [access_token, forged, "nonsense"])
      await assert.rejects(signIn(app, hint(wrong), browser), { error: "invalid_request" });
    const of_another = await relyingParty(server, {}, { person: app });
    await assert.rejects(signIn(of_another, hint(id_token), browser), {
      error: "invalid_request",
    });
  },

  async "an id_token_hint counts after its end, and after its key was rotated"({ open }) {
    await using server = await open({ lifetimes: { id_token: 1 } });
    const app = await relyingParty(server);
    const { browser, tokens } = await signIn(app);
    await rotateKeys({ algs: ["RS256"], at_once: true }, OPERATOR, server.server);
    await sleep(2000);
    const { id_token = "" } = tokens;
    // The library reads the keys again.
    const config = await configure(server.issuer, app.client);
    assert.ok(Number(decodeJwt(id_token).exp) < Date.now() / 1000);
    const hint = { prompt: "none", id_token_hint: id_token };
    const again = await signIn({ ...app, config }, hint, browser);
    assert.deepEqual([again.seen, again.claims.sub], [[], app.sub]);
    assert.notEqual(headerOf(again.tokens.id_token).kid, headerOf(id_token).kid);
  },

  async "an app that is opened from the connected apps begins a sign-in that shows no page"({
    server,
  }) {
    const app = await relyingParty(server, { initiate_login_uri: "https://printly.test/start" });
    const { browser } = await signIn(app);
    const { iss, login_hint } = await openedFrom(browser, app.client);
    const config = await configure(iss, app.client);
    const again = await signIn({ ...app, config }, { login_hint }, browser);
    assert.deepEqual([again.seen, again.claims.sub], [[], app.sub]);
  },
};

const headerOf = (token = ""): { kid?: string } =>
  JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString());

/** The parameters that the app gets by “Open” of the connected apps. */
async function openedFrom(
  browser: ReturnType<typeof testBrowser>,
  { client_id }: TestClient,
): Promise<{ iss: string; login_hint: string }> {
  const { html } = await browser.get("/account");
  const row = html.split("<li>").find((each) => each.includes(`remove=${client_id}"`)) ?? "";
  const [, href = ""] = /<a class="button" href="([^"]*)">Open</.exec(row) ?? [];
  const { searchParams } = new URL(href.replaceAll("&amp;", "&"));
  const of = (name: string) => searchParams.get(name) ?? assert.fail(`no ${name} in ${href}`);
  return { iss: of("iss"), login_hint: of("login_hint") };
}
