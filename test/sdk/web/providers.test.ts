/** `valetkey/client/web` with the rows of providers, each behaving as its row says. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { importPKCS8 } from "jose";
import * as rows from "../../../src/sdk/client/client.ts";
import { createAuth, memoryStore, type ProviderOptions } from "../../../src/sdk/client/web/web.ts";
import { appleServer, KEY_ID, P8, TEAM_ID } from "../../support/providers/apple.ts";
import { discordServer } from "../../support/providers/discord.ts";
import { facebookServer } from "../../support/providers/facebook.ts";
import { githubServer, OCTOCAT } from "../../support/providers/github.ts";
import { gitlabServer } from "../../support/providers/gitlab.ts";
import { googleServer } from "../../support/providers/google.ts";
import { CLIENT, type Loopback } from "../../support/providers/loopback.ts";
import { CONTOSO, microsoftServer } from "../../support/providers/microsoft.ts";
import { visit } from "../../support/providers/sign_in.ts";
import { appWith, NAVIGATION, ORIGIN, SECRET, SESSION, testBrowser, userIn } from "./scene.ts";

console.warn = () => {};
const apple = { ...rows.apple, teamId: TEAM_ID, keyId: KEY_ID };
const { clientId } = CLIENT;
const providers: Record<string, ProviderOptions> = {
  github: { provider: rows.github, ...CLIENT },
  google: { provider: rows.google, ...CLIENT },
  microsoft: { provider: { ...rows.microsoft, tenants: [CONTOSO] }, ...CLIENT },
  apple: { provider: apple, clientId, privateKey: await importPKCS8(P8, "ES256") },
  gitlab: { provider: rows.gitlab, ...CLIENT },
  facebook: { provider: rows.facebook, ...CLIENT },
  discord: { provider: rows.discord, ...CLIENT },
};
const appNow = (session = {}) =>
  appWith(createAuth({ baseUrl: ORIGIN, secret: SECRET, providers, session }));

/** A person signs in; @returns the answer to the callback */
async function signIn(browser: ReturnType<typeof testBrowser>, provider: string) {
  const path = `/auth/login?provider=${provider}&return_to=/photos`;
  const login = await browser.request(path, { headers: NAVIGATION });
  const callback = await visit({ url: new URL(login.headers.get("location") ?? "") });
  if (callback instanceof URL) return browser.open(callback.pathname + callback.search);
  // The form comes from another site: Lax cookies stay at home.
  const posted = await testBrowser(browserApp.get(browser) ?? appNow()).request(
    `/auth/callback/${provider}`,
    { method: "POST", body: callback, headers: { ...NAVIGATION, origin: "https://apple.test" } },
  );
  assert.deepEqual([posted.status, posted.headers.getSetCookie()], [303, []]);
  const to = posted.headers.get("location") ?? "";
  for (const value of callback.values()) assert.ok(!to.includes(encodeURIComponent(value)), to);
  return browser.open(to);
}

const browserApp = new WeakMap<object, ReturnType<typeof appNow>>();
function newBrowser(app = appNow()): ReturnType<typeof testBrowser> {
  const browser = testBrowser(app);
  browserApp.set(browser, app);
  return browser;
}

const servers: Record<string, () => Promise<Loopback>> = {
  github: () => githubServer({ app: "oauth", person: OCTOCAT, emails: "hidden" }),
  google: () => googleServer(),
  microsoft: () => microsoftServer({ tenant: CONTOSO }),
  apple: () => appleServer({ email_verified: "true" }),
  gitlab: () => gitlabServer(),
  facebook: () => facebookServer({ email: "ada@example.com" }),
  discord: () => discordServer({ avatar: null, verified: true }),
};

for (const [provider, start] of Object.entries(servers))
  test(`${provider}: a person signs in and comes back`, async () => {
    await using _ = await start();
    const browser = newBrowser();
    const page = await signIn(browser, provider);
    assert.equal(page.url.pathname + page.url.search, "/photos", page.text);
    assert.ok(await userIn(browser));
    assert.ok((browser.cookies.get(SESSION) ?? "").length > 100);
  });

test("apple: the name of the first callback arrives, by a form from another site", async () => {
  await using _ = await appleServer({ email_verified: true });
  const page = await signIn(newBrowser(), "apple");
  const { user } = JSON.parse(page.text);
  assert.deepEqual([user.name, user.emailVerified], ["Ada Lovelace", true]);
});

test("apple: the form of another person's browser begins nothing here", async () => {
  await using server = await appleServer({ email_verified: true });
  const app = appNow();
  const [ada, victim] = [newBrowser(app), newBrowser(app)];
  const login = await ada.request("/auth/login?provider=apple", { headers: NAVIGATION });
  const form = await visit({ url: new URL(login.headers.get("location") ?? "") });
  assert.ok(form instanceof URLSearchParams);
  const posted = await victim.request("/auth/callback/apple", { method: "POST", body: form });
  const answer = await victim.request(posted.headers.get("location") ?? "", {
    headers: NAVIGATION,
  });
  assert.match(answer.headers.get("location") ?? "", /^https:\/\/appleid\.apple\.com\//);
  assert.ok(!server.asked.some((each) => each.includes("/auth/token")));
  const other = await victim.request("/auth/callback/apple?form=x", { headers: NAVIGATION });
  assert.equal(other.status, 400);
});

test("a denial leads back, in each provider's words", async () => {
  const denials = {
    github: () => githubServer({ app: "oauth", person: OCTOCAT, emails: "hidden", denies: true }),
    apple: () => appleServer({ email_verified: true, denies: true }),
    facebook: () => facebookServer({ denies: true }),
  };
  for (const [provider, start] of Object.entries(denials)) {
    await using _ = await start();
    const page = await signIn(newBrowser(), provider);
    assert.equal(page.url.pathname + page.url.search, "/photos?auth_error=access_denied", provider);
  }
});

for (const [name, session] of [
  ["cookie", {}],
  ["store", { store: memoryStore() }],
] as const)
  test(`${name}: a strict provider voids a token at its use; two processes do not end the session`, async (t) => {
    await using server = await githubServer({ app: "github", person: OCTOCAT, emails: "hidden" });
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    const apps = [appNow(session), appNow(session)];
    const [first, second] = apps.map((app) => newBrowser(app));
    assert.ok(first && second);
    await signIn(first, "github");
    for (const [cookie, value] of first.cookies) second.cookies.set(cookie, value);
    const before = (await first.open("/token")).text;
    t.mock.timers.tick(8 * 3600_000);
    const tokens = [];
    for (const browser of [first, second]) tokens.push((await browser.open("/token")).text);
    assert.match(tokens[0] ?? "", /^gh/);
    assert.notEqual(tokens[0], before);
    if (name === "store") assert.equal(tokens[1], tokens[0]);
    else assert.match(tokens[1] ?? "", /^session_over|^no_session/, "that request fails");
    // The browser has the cookie of the first process by now.
    for (const [cookie, value] of first.cookies) second.cookies.set(cookie, value);
    for (const browser of [second, first]) {
      assert.ok(await userIn(browser));
      assert.equal((await browser.open("/token")).text, tokens[0]);
    }
    assert.ok(server.asked.length > 0);
    mock.timers.reset();
  });
