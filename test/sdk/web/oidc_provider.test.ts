/** `valetkey/client/web` with npm `oidc-provider`, which revokes everything when a refresh token is used twice. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, mock, test } from "node:test";
import { type Instance, Provider, type RequestContext } from "oidc-provider";
import {
  type Auth,
  type AuthOptions,
  createAuth,
  memoryStore,
} from "../../../src/sdk/client/web/web.ts";
import { appWith, ORIGIN, SECRET, type TestBrowser, testBrowser, userIn } from "./scene.ts";

const SCOPE = "openid profile email offline_access";
const CLIENT = { clientId: "app", clientSecret: "a-secret-of-at-least-32-characters" };
let denies = false;
let listener: RequestListener = () => {};
const http = createServer((request, response) => {
  if (!request.url?.startsWith("/interaction/")) return listener(request, response);
  const denial = { error: "access_denied", error_description: "she said no" };
  const result = denies ? denial : { login: { accountId: "ada" }, consent: {} };
  return void provider.interactionFinished(request, response, result);
});
http.listen(0, "127.0.0.1");
await once(http, "listening");
after(() => {
  http.closeAllConnections();
  http.close();
});
const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

let grant_id = "";
const provider = new Provider(issuer, {
  clients: [
    {
      ...{ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret },
      redirect_uris: [`${ORIGIN}/auth/callback`],
      post_logout_redirect_uris: [`${ORIGIN}/`],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    },
  ],
  jwks: {
    keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "1" }],
  },
  cookies: { keys: ["a key of cookies"] },
  scopes: ["openid", "offline_access"],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
  ttl: { AccessToken: 3600 },
  pkce: { required: () => true },
  issueRefreshToken: () => true,
  rotateRefreshToken: () => true,
  findAccount: (_ctx: unknown, sub: string) => ({
    accountId: sub,
    claims: () => ({ sub, name: "Ada", email: "ada@example.com", email_verified: true }),
  }),
  interactions: { url: (_ctx: unknown, { jti }: { jti: string }) => `/interaction/${jti}` },
  loadExistingGrant: (_ctx: RequestContext): Promise<Instance | undefined> =>
    provider.Grant.find(grant_id),
});
listener = provider.callback();

async function agree(): Promise<void> {
  const grant = new provider.Grant({ accountId: "ada", clientId: CLIENT.clientId });
  grant.addOIDCScope(SCOPE);
  grant_id = await grant.save();
}

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
  denies = true;
  const page = await testBrowser(appWith(authNow())).open("/auth/login?return_to=/a");
  denies = false;
  assert.equal(page.url.href, `${ORIGIN}/a?auth_error=access_denied`);
});
