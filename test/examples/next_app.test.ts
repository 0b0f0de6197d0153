/** `npm run example -- next-app`: `valetkey/client/web/next` with the real framework, in Chromium and without a script. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { startIssuer } from "../../src/testing/testing.ts";
import { ensureChromium, launchBrowser } from "../browser/chromium.ts";
import { demoBrowser, type Visited } from "../support/demo_browser.ts";
import { checkDependencies, checkEnd, examplePort, startExample } from "../support/example.ts";
import { startNode } from "../support/running.ts";

const PORT = await examplePort();
const origin = `http://localhost:${PORT}`;
const example = await startExample("next-app", { env: { PORT }, until: "Ready in" });
after(() => example.stop());
const [, password = ""] = /password (.+)\n/.exec(example.output) ?? [];

test("it is a project of its own that has the packed package", () => {
  checkDependencies(example, "next-app", ["next", "react", "react-dom", "@types/react"]);
  assert.match(example.output, /Finished TypeScript/);
});

test("Ada signs in by links, writes a note, and signs out", async (t) => {
  ensureChromium();
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const page = await (await browser.newContext()).newPage();
  const prefetches = prefetchesOf(page);
  await page.goto(origin);
  await page.waitForLoadState("networkidle");
  // A prefetch of /auth/login begins no sign-in, and leaves nothing behind.
  assert.deepEqual(prefetches.get("/auth/login"), [204]);
  assert.ok(prefetches.get("/notes")?.every((status) => status === 200));
  assert.deepEqual(await page.context().cookies(), []);

  await page.getByRole("link", { name: "Your notes" }).click();
  await page.getByLabel("Username").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Don’t allow" }).click();
  await page.getByRole("link", { name: "Sign in for notes" }).waitFor();

  await page.goto(origin);
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  await heading(page, "Hello Ada Lovelace");

  await page.getByRole("link", { name: "Your notes" }).click();
  await heading(page, "Notes of Ada Lovelace");
  await page.locator("input[name=note]").fill("Buy brass gears");
  await page.getByRole("button", { name: "Write" }).click();
  await page.getByText("Buy brass gears").waitFor();
  const told = await page.evaluate(async () => (await fetch("/api/me")).text());
  assert.equal(JSON.parse(told).email, "ada@example.com");

  const other = await page.context().newPage();
  await other.goto(`${origin}/notes`);
  await page.goto(origin);
  await page.getByRole("button", { name: "Sign out" }).click();
  await heading(page, "Next app");
  assert.equal(page.url(), `${origin}/`);
  assert.equal((await fetch(`${origin}/api/me`)).status, 401);
  // The page draws itself anew, finds nobody, and the browser goes to the issuer.
  await page.getByRole("link", { name: "Your notes" }).click();
  await page.getByLabel("Username").waitFor();
  // So does a server action of a page that was open meanwhile.
  await other.locator("input[name=note]").fill("Oil the engine");
  await other.getByRole("button", { name: "Write" }).click();
  await other.getByLabel("Username").waitFor();
});

const CLIENT = { client_id: "next", client_secret: "the secret of this test's client" };
/** Seconds of an access token. It is refreshed when it has half of them left. */
const LIFE = 6;

/** The same build, with an issuer in this process, where Ada agrees to everything. */
async function served() {
  const port = await examplePort();
  const own = `http://localhost:${port}`;
  const client = {
    ...{ ...CLIENT, redirect_uris: [`${own}/auth/callback`] },
    grant_types: ["authorization_code", "refresh_token"],
  };
  const lifetimes = { access_token: LIFE };
  const issuer = await startIssuer({ clients: [client], config: { lifetimes } });
  const env = {
    ...{
      ...process.env,
      NEXT_TELEMETRY_DISABLED: "1",
      SECRET: "thirty-two bytes for this one test",
    },
    ...{
      OIDC_ISSUER: issuer.issuer,
      OIDC_CLIENT_ID: CLIENT.client_id,
      OIDC_CLIENT_SECRET: CLIENT.client_secret,
    },
  };
  const args = ["node_modules/next/dist/bin/next", "start", "-p", port, "-H", "localhost"];
  const app = startNode(args, { cwd: example.folder, env });
  await app.said("Ready in");
  const browser = demoBrowser();
  const session = () => browser.cookiesOf("localhost").get(`vk_session_${port}`);
  return {
    issuer,
    /** Requests to the issuer since the last look. */
    asked: () =>
      issuer.requests
        .splice(0)
        .map(({ method, path }) => `${method} ${path}`)
        // Each page is another copy of the module, which asks for itself.
        .filter((each) => !each.includes("/.well-known/")),
    get: (path: string): Promise<Visited> => browser.get(own + path),
    session,
    close: () => Promise.all([app.stop(), issuer.close()]),
  };
}

test("sessions in Next.js", async (t) => {
  const app = await served();
  t.after(() => app.close());
  const { issuer, asked, get, session } = app;
  const NOTES = /Notes of Ada Lovelace/;

  await t.test("a person comes back to the page that needs them", async () => {
    const page = await get("/notes");
    assert.equal(page.url.pathname, "/notes");
    assert.match(page.text.replaceAll("<!-- -->", ""), NOTES);
    assert.equal(asked().filter((each) => each === "POST /token").length, 1);
  });

  await t.test("the proxy refreshes ahead, and components get the new token", async () => {
    const first = session();
    await sleep(LIFE * 500 + 500);
    assert.equal((await get("/notes")).status, 200);
    const second = session();
    assert.notEqual(second, first);
    assert.deepEqual(asked(), ["POST /token", "GET /userinfo"]);
    assert.equal((await get("/notes")).status, 200);
    assert.equal(session(), second);
    assert.deepEqual(asked(), ["GET /userinfo"]);
  });

  await t.test("tabs that open at once after an expiry refresh once", async () => {
    await sleep(LIFE * 500 + 500);
    const pages = await Promise.all(["/notes", "/notes", "/", "/api/me"].map(get));
    assert.deepEqual(
      pages.map(({ status }) => status),
      [200, 200, 200, 200],
    );
    assert.equal(asked().filter((each) => each === "POST /token").length, 1);
  });

  await t.test(
    "an API refuses a token: a route handler keeps the new one, a page goes on",
    async () => {
      for (const path of ["/api/me", "/notes"]) {
        const earlier = session();
        issuer.fault.fail("/userinfo", 401, 1);
        assert.equal((await get(path)).status, 200, path);
        assert.equal(session() === earlier, path === "/notes", path);
        assert.ok(asked().includes("POST /token"));
      }
    },
  );

  await t.test(
    "a session that ends while a page is drawn begins anew, for the same page",
    async () => {
      await get("/");
      asked();
      issuer.fault.revoke("ada");
      const page = await get("/notes");
      assert.deepEqual([page.status, page.url.pathname], [200, "/notes"]);
      assert.ok(asked().includes("GET /authorize"));
    },
  );

  await t.test("a session that ended before is none", async () => {
    issuer.fault.revoke("ada");
    await sleep(LIFE * 500 + 500);
    const front = await get("/");
    assert.match(front.text, /Sign in/);
    assert.doesNotMatch(front.text, /Hello/);
  });
});

test("it ends when it is told to", async () => {
  await checkEnd(example);
  await assert.rejects(fetch(origin));
});

const heading = (page: Page, name: string) =>
  page.getByRole("heading", { name }).waitFor({ timeout: 20_000 });

/** The statuses of the prefetches of `next/link`, by path. */
function prefetchesOf(page: Page): Map<string, number[]> {
  const seen = new Map<string, number[]>();
  page.on("response", (response) => {
    if (response.request().headers()["next-router-prefetch"] === undefined) return;
    const { pathname } = new URL(response.url());
    seen.set(pathname, [...(seen.get(pathname) ?? []), response.status()]);
  });
  return seen;
}
