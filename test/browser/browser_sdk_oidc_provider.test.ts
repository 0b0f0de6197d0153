/** `valetkey/client/browser` with npm `oidc-provider`, which ends everything when a refresh token is used twice. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { oidcProvider } from "../support/oidc_provider.ts";
import { freePort } from "../support/postgres.ts";
import { appBrowser, leave, reload, shows, signIn, spa, token, who } from "./browser_app.ts";

const SCOPE = "openid profile email offline_access";
const at = await freePort();
const uris = [`https://photos.test:${at}/`];
const provider = await oidcProvider({
  clients: [
    {
      ...{ client_id: "photos", token_endpoint_auth_method: "none" },
      ...{ redirect_uris: uris, post_logout_redirect_uris: uris },
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    },
  ],
  more: {
    clientBasedCORS: () => true,
    issueRefreshToken: () => true,
    // Less than the SDK wants: each call refreshes.
    ttl: { AccessToken: 3 },
  },
});

let browser: Browser;
before(async () => {
  browser = await appBrowser();
  await provider.agrees("photos", SCOPE);
});
after(async () => {
  await browser?.close();
});

const app = () => spa(browser, { issuer: provider.issuer, scope: SCOPE }, { at });

test("sign in, reload, refresh in three tabs, sign out in all", async () => {
  await using scene = await app();
  const { page } = scene;
  await signIn(page);
  assert.equal(await who(page), "ada@example.com");
  await reload(page);
  await shows(page, "ada@example.com");
  const tabs = [page, await scene.open(), await scene.open()];
  for (let round = 0; round < 5; round += 1) {
    await page.waitForTimeout(1600);
    const tokens = await Promise.all(tabs.map((tab) => token(tab)));
    assert.equal(new Set(tokens).size, 1, tokens.join());
    assert.doesNotMatch(tokens[0] ?? "", /session_over|no_session/);
  }
  await page.evaluate(() => window.auth.logout({ local: true }));
  for (const tab of tabs) await shows(tab, "nobody");
});

test("a denial is an error of the sign-in", async () => {
  await using scene = await app();
  await provider.whileDenying(async () => {
    await leave(scene.page, { prompt: "consent" });
    await shows(scene.page, "access_denied");
  });
});
