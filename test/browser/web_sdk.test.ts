/** `valetkey/client/web` in Chromium: what browsers do with tabs, history, prefetches, forms of other sites and cookies. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { sendAnswer, webRequest } from "../../src/sdk/client/web/node_message.ts";
import { type Auth, type AuthOptions, createAuth } from "../../src/sdk/client/web/web.ts";
import { type IssuerOptions, startIssuer, type TestIssuer } from "../../src/testing/testing.ts";
import { launchBrowser } from "./chromium.ts";

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
});

const CLIENT = { clientId: "app", clientSecret: "the secret of the client" };

interface Scene extends AsyncDisposable {
  issuer: TestIssuer;
  /** Of the app: http://localhost with a port. The issuer is at 127.0.0.1: another site. */
  origin: string;
  context: BrowserContext;
  page: Page;
  /** Signs in up to the callback, which does not arrive. @returns its address */
  callback(page: Page, path: string, before?: () => Promise<void>): Promise<string>;
  /** Requests to the app. */
  asked: { path: string; purpose: string; status: number }[];
}

async function scene(
  options: Partial<AuthOptions> = {},
  issuerOptions: IssuerOptions = {},
): Promise<Scene> {
  const http = createServer();
  http.listen(0, "localhost");
  await once(http, "listening");
  const origin = `http://localhost:${(http.address() as AddressInfo).port}`;
  const client = {
    ...{ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, client_name: "Prints" },
    redirect_uris: [`${origin}/auth/callback`],
    post_logout_redirect_uris: [`${origin}/`],
    grant_types: ["authorization_code", "refresh_token"],
  };
  const issuer = await startIssuer({ clients: [client], ...issuerOptions });
  const auth = createAuth({
    ...{ secret: "a secret of this test, and of no app", issuer: issuer.issuer, ...CLIENT },
    ...{ scope: "openid profile email offline_access", onError: () => undefined, ...options },
  });
  const asked: Scene["asked"] = [];
  let held: string | null = null;
  http.on("request", async (incoming, outgoing) => {
    if (held === "" && incoming.url?.startsWith("/auth/callback?")) {
      held = origin + incoming.url;
      return void outgoing.end("held");
    }
    const request = webRequest(incoming);
    const answer =
      (await auth.handle(request)) ?? auth.commit(request, await appPage(auth, request));
    const purpose = request.headers.get("sec-purpose") ?? "";
    asked.push({ path: incoming.url ?? "", purpose, status: answer.status });
    await sendAnswer(answer, outgoing);
  });
  const context = await browser.newContext();
  context.setDefaultTimeout(10_000);
  return {
    ...{ issuer, origin, context, page: await context.newPage(), asked },
    async callback(page, path, act = async () => {}) {
      held = "";
      await page.goto(origin + path);
      await act();
      await page.getByText("held").waitFor();
      const callback = held;
      held = null;
      return callback;
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await issuer.close();
    },
  };
}

/** `/` is for everybody, `/private…` for people who are signed in, `/token` shows an access token. */
async function appPage(auth: Auth, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const user = await auth.user(request);
  if (url.pathname.startsWith("/private") && !user) return auth.login(request);
  const token = url.pathname === "/token" ? await auth.token(request).catch(String) : "";
  const body = `<h1>${url.pathname}${url.search}</h1><p id="who">${user?.email ?? "nobody"}</p>
    <p id="token">${token}</p><a href="/auth/login?return_to=/private">Sign in</a>
    <a id="out" href="/auth/logout">Sign out</a>${url.searchParams.get("html") ?? ""}`;
  return new Response(`<!doctype html><title>app</title>${body}`, {
    headers: { "content-type": "text/html" },
  });
}

const who = (page: Page): Promise<string | null> => page.locator("#who").textContent();
const heading = (page: Page): Promise<string | null> => page.locator("h1").textContent();
const tokenRequests = ({ issuer }: Scene): number =>
  issuer.requests.filter(({ path }) => path === "/token").length;

test("a person signs in on the pages of the provider, and comes back", async () => {
  await using app = await scene({}, { people: "ask" });
  const { page } = app;
  await page.goto(`${app.origin}/private?a=1`);
  await page.getByLabel("Username").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill(app.issuer.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  await page.waitForURL(`${app.origin}/private?a=1`);
  assert.equal(await who(page), "ada@example.com");
});

test("three tabs sign in at once, and each comes back to its own page", async () => {
  await using app = await scene();
  const tabs = [app.page, await app.context.newPage(), await app.context.newPage()];
  await Promise.all(tabs.map((tab, i) => tab.goto(`${app.origin}/private/${i}`)));
  assert.deepEqual(await Promise.all(tabs.map(heading)), [
    "/private/0",
    "/private/1",
    "/private/2",
  ]);
  assert.deepEqual(await Promise.all(tabs.map(who)), Array(3).fill("ada@example.com"));
  const cookies = await app.context.cookies(app.origin);
  assert.equal(cookies.length, 2, "one session, one browser");
});

test("three tabs across the expiry of the access token: one refresh, nobody is signed out", async () => {
  await using app = await scene();
  const tabs = [app.page, await app.context.newPage(), await app.context.newPage()];
  await app.page.goto(`${app.origin}/private`);
  for (let round = 1; round <= 3; round += 1) {
    app.issuer.clock.advance(620);
    const before_ = tokenRequests(app);
    await Promise.all(tabs.map((tab) => tab.goto(`${app.origin}/token`)));
    const tokens = await Promise.all(tabs.map((tab) => tab.locator("#token").textContent()));
    assert.equal(new Set(tokens).size, 1, tokens.join());
    assert.match(tokens[0] ?? "", /^ey/);
    assert.equal(tokenRequests(app) - before_, 1);
  }
});

test("back and forward never use a code twice", async () => {
  await using app = await scene();
  const { page } = app;
  await page.goto(`${app.origin}/`);
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.waitForURL(`${app.origin}/private`);
  await page.goBack();
  assert.equal(await heading(page), "/");
  await page.goForward();
  assert.equal(await heading(page), "/private");
  const callback = app.asked.find(({ path }) => path.startsWith("/auth/callback"))?.path;
  await page.goto(app.origin + callback);
  assert.equal(await heading(page), "/private");
  await page.reload();
  assert.equal(await who(page), "ada@example.com");
  assert.equal(tokenRequests(app), 1);
});

test("prefetches and prerenderings do not sign in, and the link works afterwards", async () => {
  await using app = await scene();
  const { page } = app;
  const rules = JSON.stringify({
    prefetch: [{ urls: ["/auth/login?return_to=/private"], eagerness: "immediate" }],
  });
  const html = `<link rel="prefetch" href="/auth/login?return_to=/private">
    <script type="speculationrules">${rules}</script><img src="/auth/login">`;
  await page.goto(`${app.origin}/?html=${encodeURIComponent(html)}`);
  await page.waitForTimeout(500);
  const early = app.asked.filter(({ path }) => path.startsWith("/auth/login"));
  assert.ok(early.length >= 2, JSON.stringify(app.asked));
  assert.ok(early.some(({ purpose }) => purpose.includes("prefetch")));
  for (const { status } of early) assert.notEqual(status, 303);
  assert.deepEqual(await app.context.cookies(app.origin), []);
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.waitForURL(`${app.origin}/private`);
  assert.equal(await who(page), "ada@example.com");
});

test("a denial leads back to a page that does not ask again", async () => {
  await using app = await scene({}, { people: "deny" });
  const { page } = app;
  await page.goto(`${app.origin}/private`);
  assert.equal(page.url(), `${app.origin}/private?auth_error=access_denied`);
  await page.getByRole("heading", { name: "You are not signed in" }).waitFor();
});

test("a sign-in that lay open for too long starts again, with its page", async () => {
  await using app = await scene({}, { people: "ask" });
  const { page } = app;
  await page.goto(`${app.origin}/private/late`);
  app.issuer.clock.advance(3700);
  await app.issuer.signIn(page, "ada");
  await page.reload();
  // The provider's own page is too old as well: its link leads back to the app.
  await page.goto(`${app.origin}/private/late`);
  const allow = page.getByRole("button", { name: "Allow", exact: true });
  await allow.click();
  await page.waitForURL(`${app.origin}/private/late`);
  assert.equal(await who(page), "ada@example.com");
});

test("an expired callback starts again, with its page", async () => {
  await using app = await scene();
  const { page } = app;
  const callback = await app.callback(page, "/private/late");
  app.issuer.clock.advance(3700);
  await page.goto(callback);
  assert.equal(page.url(), `${app.origin}/private/late`);
  assert.equal(await who(page), "ada@example.com");
});

test("the callback of another browser signs nobody in as somebody else", async () => {
  await using app = await scene({}, { people: "ask" });
  const attacker = await browser.newContext();
  const page = await attacker.newPage();
  await app.issuer.signIn(page, "ada");
  const allow = () => page.getByRole("button", { name: "Allow", exact: true }).click();
  const callback = await app.callback(page, "/private", allow);
  await app.page.goto(callback);
  assert.ok(app.page.url().startsWith(app.issuer.issuer), "the victim signs in for themselves");
  await app.page.goto(`${app.origin}/`);
  assert.equal(await who(app.page), "nobody");
  assert.equal(tokenRequests(app), 0);
  await attacker.close();
});

test("a provider that is down: people stay signed in, and others can try again", async () => {
  await using app = await scene();
  const { page } = app;
  await page.goto(`${app.origin}/private`);
  app.issuer.clock.advance(700);
  app.issuer.fault.fail("/token", 503, Number.POSITIVE_INFINITY);
  await page.goto(`${app.origin}/private`);
  assert.equal(await who(page), "ada@example.com");
  const other = await (await browser.newContext()).newPage();
  await other.goto(`${app.origin}/private/x`);
  await other.getByRole("heading", { name: "Signing in does not work right now" }).waitFor();
  app.issuer.fault.fail("/token", 503, 0);
  await other.getByRole("link", { name: "Sign in" }).click();
  await other.waitForURL(`${app.origin}/private/x`);
  assert.equal(await who(other), "ada@example.com");
  await other.context().close();
});

test("a cookie at its limit arrives complete", async () => {
  // The largest name whose session still fits, found as an app would meet it.
  const signIn = async (length: number): Promise<number> => {
    await using app = await scene({
      async onSignIn() {
        return { note: "n".repeat(length) };
      },
    });
    const answer = await app.page.goto(`${app.origin}/private`);
    if (answer?.status() !== 200) return 0;
    await app.page.reload();
    assert.equal(await who(app.page), "ada@example.com");
    const cookies = await app.context.cookies(app.origin);
    return cookies.find(({ name }) => name.startsWith("vk_session"))?.value.length ?? 0;
  };
  let [fits, fails] = [1200, 2600];
  let largest = 0;
  while (fails - fits > 40) {
    const length = Math.floor((fits + fails) / 2);
    const size = await signIn(length);
    largest = Math.max(largest, size);
    if (size > 0) fits = length;
    else fails = length;
  }
  assert.ok(largest > 3700 && largest <= 3800, `${largest}`);
});

test("a form of another site arrives with the cookies, after a redirect", async () => {
  await using app = await scene();
  const { page } = app;
  const callback = await app.callback(page, "/private/form");
  const fields = [...new URL(callback).searchParams]
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
    .join("");
  const form = `<form method="post" action="${app.origin}/auth/callback">${fields}<button>go</button></form>`;
  // Another site, as Apple's page is.
  await page.route("http://other.test/", (route) =>
    route.fulfill({ contentType: "text/html", body: form }),
  );
  await page.goto("http://other.test/");
  await page.getByRole("button", { name: "go" }).click();
  await page.waitForURL(`${app.origin}/private/form`);
  assert.equal(await who(page), "ada@example.com");
});

test("sign out: a link of this site does it, one of another site asks", async () => {
  await using app = await scene();
  const { page } = app;
  await page.goto(`${app.origin}/private`);
  await page.route("http://other.test/", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<a href="${app.origin}/auth/logout">out</a>`,
    }),
  );
  await page.goto("http://other.test/");
  await page.getByRole("link", { name: "out" }).click();
  await page.getByRole("heading", { name: "Sign out?" }).waitFor();
  await page.goto(`${app.origin}/`);
  assert.equal(await who(page), "ada@example.com");
  await page.locator("#out").click();
  await page.waitForURL(`${app.origin}/`);
  assert.equal(await who(page), "nobody");
  // The button of the page works too, up to the provider and back.
  await page.goto(`${app.origin}/private`);
  await page.goto("http://other.test/");
  await page.getByRole("link", { name: "out" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(`${app.origin}/`);
  assert.equal(await who(page), "nobody");
});
