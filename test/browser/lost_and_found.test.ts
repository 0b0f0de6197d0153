/**
 * The whole story in Chromium, on both databases: a person signs up, gets a passkey and an authenticator app, an app asks
 * for levels by openid-client, the person loses the passkey, the phone and the password in turn, and gets back in each
 * time.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import * as oidc from "openid-client";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { totpCode } from "../../src/factors/totp.ts";
import { fromBase32 } from "../support/base32.ts";
import { codeIn, type Inbox, inbox } from "../support/inbox.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { PASSWORD } from "../support/server.ts";
import { type RelyingParty, relyingParty, request } from "../support/strangers/relying_party.ts";
import { SECRET } from "../support/two_nodes.ts";
import { type WebServer, webServer } from "../support/web.ts";
import { launchBrowser } from "./chromium.ts";

let browser: Browser;
let postgres: TestPostgres;
/** The site of the app: it says that the answer has come. */
const site = createServer((_, response) => void response.end("done"));
let callback: string;
before(async () => {
  browser = await launchBrowser();
  postgres = await startPostgres();
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const address = site.address();
  callback = `http://localhost:${typeof address === "object" ? address?.port : 0}/callback`;
});
after(async () => {
  await browser?.close();
  await postgres?.stop();
  site.closeAllConnections();
  site.close();
});

const NEW = "a fresh and long password";
const databases = {
  SQLite: async () => "sqlite::memory:",
  PostgreSQL: () => postgres.newDatabase(),
};

/** A browser with the device of a person: an authenticator that is always touched. */
async function withDevice(): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const options = {
    ...({ protocol: "ctap2", transport: "internal", hasResidentKey: true } as const),
    ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  };
  await cdp.send("WebAuthn.addVirtualAuthenticator", { options });
  return page;
}

const press = (page: Page, name: string | RegExp) =>
  page.getByRole("button", { name, exact: true }).click();

for (const [name, newDatabase] of Object.entries(databases))
  describe(name, () => {
    let server: WebServer;
    let app: RelyingParty;
    let post: Inbox;
    let ahead = 0;
    before(async () => {
      post = inbox();
      const config = { mail: post.mail, sign_up: true, database: await newDatabase() };
      const clock = () => Date.now() + ahead;
      server = await webServer(config, { host: "localhost", runtime: { clock, secret: SECRET } });
    });
    after(() => server?.close());

    const at = (path: string) => `${server.issuer}${path}`;
    const later = () => {
      ahead += 40_000;
    };
    const code = (secret: Buffer) => totpCode(secret, Math.floor((Date.now() + ahead) / 30_000));

    let seen = 0;
    /** The code of the next mail that has one. */
    async function mailedCode(): Promise<string> {
      for (let i = 0; i < 500; i += 1) {
        const mail = post.mails.slice(seen).find((each) => codeIn(each) !== "");
        if (mail) {
          seen = post.mails.indexOf(mail) + 1;
          return codeIn(mail);
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error("no code has come");
    }
    /** Types the password, as far as the second step. */
    async function half(page: Page, password: string): Promise<void> {
      await page.goto(at("/sign-in"));
      await page.fill("#username", "ada");
      await page.fill("#password", password);
      await press(page, "Sign in");
      await page.waitForURL(/\/sign-in\/second/);
    }
    async function typeCode(page: Page, secret: Buffer): Promise<void> {
      await page.fill("#code", code(secret));
      await press(page, "Continue");
    }
    async function useRecovery(page: Page, recovery: string): Promise<void> {
      await page.getByRole("link", { name: "Use a recovery code" }).click();
      await page.fill("#code", recovery);
      await press(page, "Continue");
      await page.waitForURL(/\/review/);
    }
    /** Adds an app, and returns its secret with the recovery codes that are made at once. */
    async function addApp(page: Page): Promise<{ secret: Buffer; codes: string[] }> {
      await page.goto(at("/account/security/app-codes"));
      const secret = fromBase32(((await page.textContent("#key")) ?? "").replaceAll(/\s/g, ""));
      await page.fill("#code", code(secret));
      await press(page, /^Confirm|Add/);
      await page.waitForURL(/recovery-codes|security\?done/);
      if (!page.url().includes("recovery-codes")) return { secret, codes: [] };
      await page.locator("main form button.main").first().click();
      const codes = await page.locator(".codes li").allTextContents();
      return { secret, codes: codes.map((each) => each.trim()) };
    }
    /** What openid-client learns, in this browser. */
    async function claimsFor(context: BrowserContext, acr: string) {
      const claims = JSON.stringify({ id_token: { acr: { essential: true, values: [acr] } } });
      const { url, checks } = await request(app, { claims });
      const page = await context.newPage();
      await page.goto(url.href);
      const allow = page.getByRole("button", { name: "Allow", exact: true });
      if (await allow.isVisible()) await allow.click();
      await page.getByText("done").waitFor();
      const answer = new URL(page.url());
      const tokens = await oidc.authorizationCodeGrant(app.config, answer, checks);
      await page.close();
      return tokens.claims() ?? assert.fail("no ID token");
    }

    test("a person adds both, loses each in turn, and gets back in; tokens tell the truth", async () => {
      const device = await withDevice();
      await device.goto(at("/sign-up"));
      await device.fill("#email", "ada@example.org");
      await device.locator("form button.main").first().click();
      await device.fill("#code", await mailedCode());
      await device.locator("form button.main").first().click();
      await device.waitForURL(/\/sign-up\/account/);
      assert.equal(await device.inputValue("#username"), "ada");
      await device.fill("#password", PASSWORD);
      await device.locator("form button.main").first().click();
      await device.waitForURL(at("/account"));
      const account = await server.server.store.findAccountByLogin("ada@example.org");
      const person = { username: "ada", sub: account?.sub ?? assert.fail("no account") };
      const made = { person, redirect_uri: callback };
      app = await relyingParty(server, { redirect_uris: [callback] }, made);
      await device.goto(at("/account/security/passkeys"));
      await press(device, "Create the passkey");
      await device.waitForURL(/security\?done/);

      await device.context().clearCookies();
      await device.goto(at("/sign-in"));
      await device.waitForURL(at("/account"));
      const { secret, codes } = await addApp(device);
      assert.equal(codes.length, 10);
      const strong = await claimsFor(device.context(), "phr");
      assert.deepEqual([strong.acr, strong.amr], ["phr", ["pop", "user", "mfa"]]);

      // Another browser, without the passkey: the password and the app.
      later();
      const second = await (await browser.newContext()).newPage();
      await half(second, PASSWORD);
      await typeCode(second, secret);
      await second.waitForURL(at("/account"));
      const multi = await claimsFor(second.context(), "urn:valetkey:multi");
      assert.deepEqual([multi.acr, multi.amr], ["urn:valetkey:multi", ["pwd", "otp", "mfa"]]);

      // The device with the passkey is lost: a recovery code, and the review without the passkey.
      const third = await (await browser.newContext()).newPage();
      await half(third, PASSWORD);
      await useRecovery(third, codes[0] ?? "");
      await third
        .getByRole("checkbox", { name: /Authenticator|app/i })
        .first()
        .check();
      await press(third, /Keep what is ticked/);
      await third.waitForURL(at("/account"));
      const { store } = server.server;
      const left = await store.loadFactors(app.sub);
      assert.deepEqual([left.passkeys.length, left.totps.length], [0, 1]);
      await device.context().clearCookies();
      await device.goto(at("/sign-in"));
      await device.getByText("This passkey is not known here").waitFor();
      await device.context().close();

      // The phone is lost: another recovery code, and another app.
      const fourth = await (await browser.newContext()).newPage();
      await half(fourth, PASSWORD);
      await useRecovery(fourth, codes[1] ?? "");
      await press(fourth, /Keep what is ticked/);
      await fourth.waitForURL(at("/account"));
      assert.deepEqual((await store.loadFactors(app.sub)).totps, []);
      const { secret: fresh } = await addApp(fourth);

      // The password is forgotten: a mailed code, the new app, and a new password.
      later();
      const fifth = await (await browser.newContext()).newPage();
      await fifth.goto(at("/reset"));
      await fifth.fill("#email", "ada@example.org");
      await fifth.locator("form button.main").first().click();
      await fifth.fill("#code", await mailedCode());
      await fifth.locator("form button.main").first().click();
      await fifth.waitForURL(/\/sign-in\/second/);
      await typeCode(fifth, fresh);
      await fifth.waitForURL(/\/reset\/password/);
      await fifth.fill("#new_password", NEW);
      await fifth.locator("form button.main").first().click();
      await fifth.waitForURL(/\/review|\/account/);
      assert.deepEqual(
        (await store.listSessions(app.sub, { limit: 9 })).length,
        1,
        "all others have ended",
      );
      later();
      const last = await (await browser.newContext()).newPage();
      await half(last, NEW);
      await typeCode(last, fresh);
      await last.waitForURL(at("/account"));
    });
  });
