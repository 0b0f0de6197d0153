/** `valetkey/client/web` with npm `oidc-provider`, which revokes everything when a refresh token is used twice. */
import assert from "node:assert/strict";
import { after, before, mock, test } from "node:test";
import {
  type Auth,
  type AuthOptions,
  createAuth,
  memoryStore,
} from "../../../src/sdk/client/web/web.ts";
import { oidcProvider } from "../../support/oidc_provider.ts";
import { appWith, ORIGIN, SECRET, type TestBrowser, testBrowser, userIn } from "./scene.ts";

const SCOPE = "openid profile email offline_access";
const CLIENT = { clientId: "app", clientSecret: "a-secret-of-at-least-32-characters" };
const provider = await oidcProvider({
  clients: [
    {
      ...{ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret },
      redirect_uris: [`${ORIGIN}/auth/callback`],
      post_logout_redirect_uris: [`${ORIGIN}/`],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    },
  ],
  more: { issueRefreshToken: () => true, ttl: { AccessToken: 3600 } },
});
const { issuer } = provider;
const agree = (): Promise<void> => provider.agrees(CLIENT.clientId, SCOPE);

const authNow = (session: AuthOptions["session"] = {}): Auth =>
  createAuth({ baseUrl: ORIGIN, secret: SECRET, issuer, ...CLIENT, scope: SCOPE, session });

const tokenIn = async (browser: TestBrowser): Promise<string> =>
  (await browser.open("/token")).text;

/** Time stands still but for this. */
const anHourLater = (): void => mock.timers.tick(3600_000);
before(() => mock.timers.enable({ apis: ["Date"], now: Date.now() }));
after(() => mock.timers.reset());

test("sign in, refresh in three tabs, sign out at the provider", async () => {
  await agree();
  const browser = testBrowser(appWith(authNow()));
  const page = await browser.open("/private");
  assert.match(page.text, /ada@example\.com/);
  const token = await tokenIn(browser);
  for (let round = 0; round < 2; round += 1) {
    anHourLater();
    const tabs = await Promise.all([1, 2, 3].map(() => tokenIn(browser)));
    assert.equal(new Set(tabs).size, 1, tabs.join());
    assert.notEqual(tabs[0], token);
    assert.doesNotMatch(tabs[0] ?? "", /session_over/);
  }
  const out = await browser.request("/auth/logout", { method: "POST" });
  const to = new URL(out.headers.get("location") ?? "");
  assert.equal(to.origin + to.pathname, `${issuer}/session/end`);
  assert.equal((await fetch(to)).status, 200, "the provider takes hint and address");
  assert.equal(await userIn(browser), null);
});

test("four processes with a store use no refresh token twice", async () => {
  await agree();
  const session = { store: memoryStore() };
  const browsers = [1, 2, 3, 4].map(() => testBrowser(appWith(authNow(session))));
  const [first, ...others] = browsers;
  assert.ok(first);
  await first.open("/auth/login");
  for (const browser of others)
    for (const [name, value] of first.cookies) browser.cookies.set(name, value);
  for (let round = 0; round < 3; round += 1) {
    anHourLater();
    const tokens = await Promise.all([...browsers, ...browsers].map(tokenIn));
    assert.equal(new Set(tokens).size, 1, tokens.join());
    assert.doesNotMatch(tokens[0] ?? "", /session_over/);
  }
});

test("a denial leads back", async () => {
  await agree();
  const browser = testBrowser(appWith(authNow()));
  const page = await provider.whileDenying(() => browser.open("/auth/login?return_to=/a"));
  assert.equal(page.url.href, `${ORIGIN}/a?auth_error=access_denied`);
});
