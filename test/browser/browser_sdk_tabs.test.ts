/** `valetkey/client/browser` in several tabs: one session, one refresh at a time, and late messages. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { appBrowser, reload, type Scene, shows, signIn, spa, token, who } from "./browser_app.ts";

let browser: Browser;
before(async () => {
  browser = await appBrowser();
});
after(async () => {
  await browser?.close();
});

const ADA = "ada@example.com";
/** A refresh token counts once, and its second use ends the session. */
const STRICT = { config: { lifetimes: { refresh_replay: 0 } } };

/** The page, signed in, and two more tabs. */
async function threeTabs(app: Scene): Promise<Page[]> {
  await signIn(app.page);
  return [app.page, await app.open("/two"), await app.open("/three")];
}

test("a new tab and a reload have the session of the others, without the provider", async () => {
  await using app = await spa(browser);
  const tabs = await threeTabs(app);
  for (const tab of tabs) assert.equal(await who(tab), ADA);
  const asked = app.issuer.requests.length;
  await reload(app.page);
  await shows(app.page, ADA);
  const tokens = await Promise.all(tabs.map((tab) => token(tab)));
  assert.equal(new Set(tokens).size, 1);
  assert.equal(app.issuer.requests.length, asked);
});

test("three tabs across many expiries: one refresh each time, at a provider that is strict", async () => {
  await using app = await spa(browser, {}, STRICT);
  const tabs = await threeTabs(app);
  for (let round = 1; round <= 10; round += 1) {
    await app.advance(620);
    const before_ = app.tokenRequests();
    const tokens = await Promise.all(tabs.flatMap((tab) => [token(tab), token(tab)]));
    assert.match(tokens[0] ?? "", /^ey/);
    assert.equal(new Set(tokens).size, 1, tokens.join(" "));
    assert.equal(app.tokenRequests() - before_, 1);
  }
});

test("a tab that has not heard of a refresh waits for its tokens, and sends no old refresh token", async () => {
  await using app = await spa(browser, {}, STRICT);
  const [first, second] = (await threeTabs(app)) as [Page, Page];
  // The messages of a refresh come late.
  await first.evaluate(() => {
    const post = BroadcastChannel.prototype.postMessage;
    BroadcastChannel.prototype.postMessage = function (message) {
      setTimeout(() => post.call(this, message), 100);
    };
  });
  await app.advance(620);
  const before_ = app.tokenRequests();
  const fresh = await token(first);
  assert.equal(await token(second), fresh);
  assert.equal(app.tokenRequests() - before_, 1);
});

test("a tab that stands still in its refresh holds up the others for ten seconds, and no session is lost", async () => {
  await using app = await spa(browser);
  const [first, second, third] = (await threeTabs(app)) as [Page, Page, Page];
  await app.advance(620);
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  await first.route(`${app.issuer.issuer}/token`, async (route) => {
    reach();
    await released;
    await route.continue();
  });
  // Its own patience with the provider would end after 8 seconds; a tab that stands still has no timers.
  await first.evaluate(() => {
    const later = window.setTimeout;
    window.setTimeout = ((f: () => void, ms = 0) =>
      later(f, ms === 8000 ? 60_000 : ms)) as typeof setTimeout;
  });
  const late = token(first);
  await reached;
  const began = performance.now();
  const [one, two] = await Promise.all([token(second), token(third)]);
  assert.ok(performance.now() - began > 9000, "nobody took the lock away");
  assert.match(one, /^ey/);
  assert.match(two, /^ey/);
  release();
  assert.match(await late, /^ey/);
  for (const tab of [first, second, third]) {
    await app.advance(620);
    assert.match(await token(tab), /^ey/);
    assert.equal(await who(tab), ADA);
  }
});

test("a tab that is closed inside its refresh costs nothing: another one repeats it at once", async () => {
  await using app = await spa(browser);
  const [first, second, third] = (await threeTabs(app)) as [Page, Page, Page];
  await app.advance(620);
  // The provider answers, and the answer does not arrive.
  await first.evaluate(() => {
    const send = window.fetch;
    window.fetch = (...request) => send(...request).then(() => new Promise(() => {}));
  });
  let repeated = 0;
  for (const tab of [second, third])
    tab.on("request", (request) => {
      if (request.url().endsWith("/token")) repeated += 1;
    });
  const answered = first.waitForResponse(`${app.issuer.issuer}/token`);
  // The promise ends with its tab.
  token(first).catch(() => {});
  await answered;
  await first.close();
  // One of the others has got new tokens, and told them to the last one.
  const revs = (): Promise<string[]> =>
    second.evaluate(async () => {
      const { held = [] } = await navigator.locks.query();
      return held.map(({ name = "" }) => name.split(" ").at(-2) ?? "");
    });
  while ((await revs()).join() !== "2,2") await sleep(50);
  // Twice, if the last one had not heard of it in time: the provider answers that, too.
  assert.ok(repeated === 1 || repeated === 2, `${repeated}`);
  // By now, the provider would take the old refresh token for a stolen one.
  await app.advance(620);
  assert.match(await token(second), /^ey/);
  assert.equal(await who(third), ADA);
});

test("tabs do not repeat a refresh that failed", async () => {
  await using app = await spa(browser);
  const [first] = (await threeTabs(app)) as [Page];
  await app.advance(620);
  app.issuer.fault.fail("/token", 503, Number.POSITIVE_INFINITY);
  const before_ = app.tokenRequests();
  assert.match(await token(first), /^issuer_unreachable/);
  await sleep(500);
  // Once, and at most once more as if the answer was lost: a broken proxy sends no CORS headers.
  const asked = app.tokenRequests() - before_;
  assert.ok(asked === 1 || asked === 2, `${asked}`);
});

test("a lost answer is asked for again", async () => {
  await using app = await spa(browser);
  await signIn(app.page);
  await app.advance(620);
  app.issuer.fault.loseAnswer("/token");
  assert.match(await token(app.page), /^ey/);
});

test("signing out in one tab signs out in all, and a late message brings nobody back", async () => {
  await using app = await spa(browser);
  const [first, second, third] = (await threeTabs(app)) as [Page, Page, Page];
  // A tab that tells its session once more, after the end.
  const message = await third.evaluate(
    () =>
      new Promise<unknown>((resolve) => {
        const name = `valetkey 1 ${encodeURIComponent(window.issuer)} photos `;
        const channel = new BroadcastChannel(name);
        channel.onmessage = ({ data }) => "session" in data && resolve([name, data]);
        channel.postMessage({ ask: true });
      }),
  );
  await first.evaluate(() => window.auth.logout({ local: true }));
  for (const tab of [first, second, third]) {
    await shows(tab, "nobody");
    assert.match(await token(tab), /^no_session/);
  }
  await third.evaluate((told) => {
    const [name, data] = told as [string, unknown];
    new BroadcastChannel(name).postMessage(data);
  }, message);
  await sleep(300);
  for (const tab of [first, second]) {
    assert.equal(await who(tab), "nobody");
    await reload(tab);
    assert.equal(await who(tab), "nobody", "a reload signs nobody in");
  }
});

test("a refresh that is answered before a logout and ends after it brings nobody back, and its tokens end", async () => {
  await using app = await spa(browser);
  const [first, second] = (await threeTabs(app)) as [Page, Page];
  await app.advance(620);
  const revoked: string[] = [];
  app.context.on("request", (request) => {
    const form = new URLSearchParams(request.postData() ?? "");
    if (request.url().endsWith("/revoke")) revoked.push(form.get("token") ?? "");
  });
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: answered, resolve: arrived } = Promise.withResolvers<void>();
  let newest = "";
  await first.route(`${app.issuer.issuer}/token`, async (route) => {
    const response = await route.fetch();
    newest = (await response.json()).refresh_token;
    arrived();
    await released;
    await route.fulfill({ response });
  });
  const late = token(first);
  await answered;
  await second.evaluate(() => window.auth.logout({ local: true }));
  release();
  assert.match(await late, /^no_session/);
  assert.equal(await who(first), "nobody");
  // A sign-out on the page does not wait for its own.
  while (revoked.length < 2) await sleep(20);
  assert.ok(revoked.includes(newest), "the one that came late, in whichever order");
});

test("a session that the provider has ended is over in all tabs, once", async () => {
  await using app = await spa(browser);
  const tabs = await threeTabs(app);
  await app.advance(620);
  app.issuer.fault.revoke("ada");
  const before_ = app.tokenRequests();
  const [first] = await Promise.all(tabs.map((tab) => token(tab)));
  assert.match(first ?? "", /^(?:session_over|no_session)/);
  for (const tab of tabs) await shows(tab, "nobody");
  assert.equal(app.tokenRequests() - before_, 1);
});

test("somebody else who signs in is signed in in all tabs", async () => {
  const users = [
    { username: "ada", claims: { email: ADA } },
    { username: "bob", claims: { email: "bob@example.com" } },
  ];
  await using app = await spa(browser, {}, { users, people: "ask", trusted: true });
  const { page, issuer } = app;
  await issuer.signIn(page, "ada");
  await signIn(page);
  const second = await app.open();
  assert.equal(await who(second), ADA);
  await app.context.clearCookies();
  await issuer.signIn(second, "bob");
  await second.evaluate(() => void window.auth.login());
  await shows(second, "bob@example.com");
  await shows(page, "bob@example.com");
  assert.deepEqual(await page.evaluate(() => window.changes), [ADA, "bob@example.com"]);
});

test("a page of another origin learns nothing", async () => {
  await using app = await spa(browser);
  await signIn(app.page);
  const other = await app.context.newPage();
  // The same app with the same client id, at another port.
  await app.serve(other, "https://photos.test:8443");
  await other.goto("https://photos.test:8443/");
  assert.equal(await who(other), "nobody");
  const held = await other.evaluate(async () => (await navigator.locks.query()).held);
  assert.deepEqual(held, []);
});

test("code of the app does not run inside the lock", async () => {
  await using app = await spa(browser);
  const { page } = app;
  await signIn(page);
  await app.advance(620);
  app.issuer.fault.revoke("ada");
  const held = page.evaluate(
    () =>
      new Promise<unknown>((resolve) => {
        window.auth.onChange(() => {
          // Which locks there are at this moment; told a little later.
          resolve(navigator.locks.query().then((all) => all.held?.map(({ name }) => name)));
        });
      }),
  );
  assert.match(await token(page), /^session_over/);
  assert.deepEqual(await held, []);
});

test("a refused old token ends nothing while another tab has a newer one", async () => {
  await using app = await spa(browser);
  const [first, second] = (await threeTabs(app)) as [Page, Page];
  await app.advance(620);
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await first.route(`${app.issuer.issuer}/token`, async (route) => {
    reach();
    await released;
    const headers = { "access-control-allow-origin": "*" };
    await route.fulfill({ status: 400, headers, json: { error: "invalid_grant" } });
  });
  // As after ten seconds: the second tab goes on without the lock.
  await second.evaluate(() => {
    navigator.locks.request = ((_name: string, _options: object, work: () => unknown) =>
      work()) as typeof navigator.locks.request;
  });
  const late = token(first);
  await reached;
  const fresh = await token(second);
  release();
  assert.equal(await late, fresh);
  assert.equal(await who(first), ADA);
});
