/** `valetkey/client/browser` in Chromium: sign-ins that are left, interrupted or overtaken, and what is left of a session. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import {
  appBrowser,
  leave,
  reload,
  type Scene,
  shows,
  signIn,
  spa,
  token,
  who,
} from "./browser_app.ts";

let browser: Browser;
before(async () => {
  browser = await appBrowser();
});
after(async () => {
  await browser?.close();
});

const [ADA, BOB] = ["ada@example.com", "bob@example.com"];
const USERS = [
  { username: "ada", claims: { email: ADA } },
  { username: "bob", claims: { email: BOB } },
];

/** The pages of the provider are shown, and nobody is asked for consent. */
async function askingApp(options = {}): Promise<Scene> {
  const app = await spa(browser, {}, { people: "ask", trusted: true, users: USERS, ...options });
  await app.issuer.signIn(app.page, "ada");
  await signIn(app.page);
  return app;
}

const emailOn = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => window.auth.user?.email);

test("a tab that was elsewhere during a sign-out signs nobody in when it comes back", async () => {
  await using app = await askingApp();
  const elsewhere = await app.open();
  await elsewhere.goto("about:blank");
  await app.page.evaluate(() => window.auth.logout({ local: true }));
  await elsewhere.goto(app.origin);
  assert.equal(await who(elsewhere), "nobody");
  assert.equal(await who(app.page), "nobody");
});

test("a person who leaves a sign-in of their own by the back button is still signed in", async () => {
  await using app = await askingApp();
  const { page } = app;
  await leave(page, { prompt: "login" });
  await page.getByLabel("Password", { exact: true }).waitFor();
  await page.goBack();
  await shows(page, ADA);
});

test("a denial is told, and whoever was signed in in another tab still is", async () => {
  await using app = await spa(browser, {}, { people: "ask" });
  const { page } = app;
  await app.issuer.signIn(page, "ada");
  await leave(page);
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  await shows(page, ADA);
  const second = await app.open();
  await leave(second, { prompt: "consent" });
  await second.getByRole("button", { name: "Don’t allow" }).click();
  await second.waitForFunction(() => window.auth?.user !== null);
  const said = await second.evaluate(() => window.auth.ready.catch((error) => error.code));
  assert.equal(said, "access_denied");
  assert.equal(await emailOn(second), ADA);
  assert.match(await token(second), /^ey/);
});

test("a reload that is interrupted is tried again, and not forever", async () => {
  await using app = await askingApp();
  const { page } = app;
  const authorize = `${app.issuer.issuer}/authorize?*`;
  let asked = 0;
  await page.route(authorize, async (route) => {
    asked += 1;
    // The browser stays where it is.
    await route.fulfill({ status: 204 });
  });
  // As the person does it: the driver's own reload is disturbed by one that the page begins.
  const reloadHere = (): Promise<void> =>
    page.evaluate(() => void setTimeout(() => location.reload()));
  const interrupted = async (): Promise<void> => {
    const before_ = asked;
    await reloadHere();
    while (asked === before_) await page.waitForTimeout(20);
  };
  await interrupted();
  await interrupted();
  await page.unroute(authorize);
  await reloadHere();
  await shows(page, ADA);
  await page.route(authorize, async (route) => {
    asked += 1;
    // The browser stays where it is.
    await route.fulfill({ status: 204 });
  });
  for (let tries = 0; tries < 3; tries += 1) await interrupted();
  await reloadHere();
  await shows(page, "nobody");
});

test("a provider that fails during a reload ends nothing: the next one works", async () => {
  await using app = await askingApp();
  const { page, issuer } = app;
  issuer.fault.fail("/token", 503, 1);
  await reload(page);
  await shows(page, "issuer_unreachable");
  await reload(page);
  await shows(page, ADA);
});

test("a refresh on a machine whose clock is wrong costs no session", async () => {
  await using app = await spa(browser);
  const { page } = app;
  await signIn(page);
  const refresh = async (skew: number): Promise<number> => {
    await page.evaluate((ms) => {
      window.skew = ms;
    }, skew);
    app.refuse(1);
    return page.evaluate(async () => (await window.auth.fetch("/photos")).status);
  };
  for (const skew of [-120_000, 120_000, 0]) {
    assert.equal(await refresh(skew), 200);
    app.issuer.clock.advance(120);
  }
  assert.ok(new Set(app.seen).size >= 4, app.seen.join(" "));
});

test("createBrowserAuth, called again, is the same; with other options it says so", async () => {
  await using app = await spa(browser);
  const { page } = app;
  const same = await page.evaluate(() => window.create(window.options) === window.auth);
  assert.equal(same, true);
  const error = await page.evaluate(() => {
    try {
      window.create({ ...window.options, clientId: "another" });
      return "";
    } catch (reason) {
      return String(reason);
    }
  });
  assert.match(error, /configuration: createBrowserAuth was called with .*"photos".*"another"/);
});

test("a userinfo endpoint that tells a page nothing: the ID token says who it is", async () => {
  await using app = await spa(browser);
  const { page } = app;
  await page.route(`${app.issuer.issuer}/userinfo`, (route) => route.fulfill({ status: 401 }));
  await leave(page);
  await page.waitForFunction(() => window.auth?.user != null);
  assert.equal(await page.evaluate(() => window.auth.user?.id), app.issuer.subOf("ada"));
});

test("a sign-out before the page knows who is signed in signs out all tabs", async () => {
  await using app = await spa(browser);
  await signIn(app.page);
  const second = await app.context.newPage();
  await second.route(`${app.origin}/app.js`, async (route) => {
    const body = `${app.script}\nauth.logout({ local: true });`;
    await route.fulfill({ contentType: "text/javascript", body });
  });
  await second.goto(app.origin);
  await shows(second, "nobody");
  await shows(app.page, "nobody");
});

test("a sign-out on this page does not wait for the provider", async () => {
  await using app = await spa(browser);
  const { page } = app;
  await signIn(page);
  // It never answers.
  await page.route(`${app.issuer.issuer}/revoke`, () => {});
  await page.evaluate(() => window.auth.logout({ local: true }));
  assert.equal(await who(page), "nobody");
});

test("the person who signs in last counts, though the clock was set back meanwhile", async () => {
  await using app = await askingApp();
  const second = await app.open();
  await app.context.clearCookies();
  await app.issuer.signIn(second, "bob");
  await second.addInitScript(() => {
    const real = Date.now;
    Date.now = () => real() - 25_000;
  });
  await reload(second);
  await leave(second);
  await shows(second, BOB);
  await shows(app.page, BOB);
});

test("a token that was asked for by one person is not given to the next one", async () => {
  await using app = await askingApp();
  const { page, issuer } = app;
  const second = await app.open();
  await app.advance(620);
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let newest = "";
  await page.route(`${issuer.issuer}/token`, async (route) => {
    const response = await route.fetch();
    newest = (await response.json()).refresh_token;
    reach();
    await released;
    await route.fulfill({ response });
  });
  const revoked: string[] = [];
  page.on("request", (request) => {
    const form = new URLSearchParams(request.postData() ?? "");
    if (request.url().endsWith("/revoke")) revoked.push(form.get("token") ?? "");
  });
  const late = token(page);
  await reached;
  await app.context.clearCookies();
  await issuer.signIn(second, "bob");
  await leave(second);
  await shows(second, BOB);
  await shows(page, BOB);
  release();
  const [, claims = ""] = (await late).split(".");
  const { sub } = JSON.parse(Buffer.from(claims, "base64url").toString());
  assert.equal(sub, issuer.subOf("bob"));
  assert.deepEqual(revoked, [newest]);
});

test("without a refresh token, an expired session is not passed on", async () => {
  await using app = await spa(browser, { scope: "openid email" }, { trusted: true });
  const { page } = app;
  await page.route(`${app.issuer.issuer}/token`, async (route) => {
    const response = await route.fetch();
    const { refresh_token: _, ...rest } = await response.json();
    await route.fulfill({ response, json: rest });
  });
  await signIn(page);
  await app.advance(4000);
  assert.match(await token(page), /^sign_in_needed/);
  const second = await app.context.newPage();
  await second.goto(app.origin);
  await shows(second, "nobody");
  await shows(page, "nobody");
});

test("a reload while the provider is down stays in the app, though the browser remembers its metadata", async () => {
  await using app = await spa(browser);
  const { page, issuer } = app;
  await signIn(page);
  await issuer.close();
  await reload(page);
  await shows(page, "issuer_unreachable");
  assert.equal(page.url(), `${app.origin}/`);
});

test("a sign-out while the provider is down stays in the app, and says so", async () => {
  await using app = await spa(browser);
  const { page, issuer } = app;
  await signIn(page);
  await issuer.close();
  const error = await page.evaluate(() => window.auth.logout().catch((reason) => reason.message));
  assert.match(
    error,
    /^issuer_unreachable: the person is signed out here, and not at the provider/,
  );
  assert.equal(page.url(), `${app.origin}/`);
  assert.equal(await page.evaluate(() => window.auth.user), null);
});

test("a scope without openid is a mistake that is told at once; a path is enough as redirectUri", async () => {
  await using app = await spa(browser, { scope: "photos.read" });
  assert.match(await who(app.page), /^configuration: scope is "photos.read", without openid/);
  await using other = await spa(browser, { redirectUri: "/" });
  await signIn(other.page);
  assert.equal(await who(other.page), ADA);
});
