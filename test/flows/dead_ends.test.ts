/** Pages that end a request in progress: each names the app, and has a link to where it lives. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  authorizationUrl,
  type Page,
  testBrowser,
  textOf,
  unescapeHtml,
  withoutFoot,
} from "../support/browser.ts";
import { redeem } from "../support/flow.ts";
import { ISSUER, NATIVE, type TestClient, testServer, WEB } from "../support/server.ts";

const server = await testServer();
after(() => server.close());
await server.addUser("ada");
const SITE = "https://about.printly.test/start";
const printly = await server.addClient({ ...WEB, client_name: "Printly", client_uri: SITE });

const links = ({ html }: Page): string[] =>
  [...withoutFoot(html).matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, href = ""]) =>
    unescapeHtml(href),
  );

function assertLeadsBack(page: Page, href: string, name = "Printly"): void {
  assert.ok(links(page).includes(href), `${href} is not among ${links(page)}`);
  assert.match(textOf(page), new RegExp(`(Back to|Start again in) .*${name}`));
}

test("people, errors: the page of a wrong redirect URI says what was sent and what differs", async () => {
  const [registered = ""] = printly.record.metadata.redirect_uris;
  const page = await testBrowser(server).get(
    authorizationUrl(printly, { redirect_uri: `${registered}/` }),
  );
  assert.equal(page.status, 400);
  assertLeadsBack(page, SITE);
  const text = textOf(page);
  assert.match(text, /Printly is not set up correctly/);
  assert.match(
    text,
    new RegExp(
      `It sent redirect_uri\\s*${registered}/\\s*Registered\\s*${registered}\\s*Difference\\s*a / at the end`,
    ),
  );
  const foreign = await testBrowser(server).get(
    authorizationUrl(printly, { redirect_uri: "https://evil.test/cb" }),
  );
  assert.match(textOf(foreign), /Registered\s*no address of this host/);
  assert.ok(!foreign.html.includes(registered), "a stranger learns no registered address");
});

async function signInPage(client: TestClient, parameters = {}, browser = testBrowser(server)) {
  const page = await browser.get(authorizationUrl(client, parameters));
  assert.equal(page.url.pathname, "/sign-in");
  return { page, browser };
}
const again = ({ url }: Page): string => url.href.slice(ISSUER.length);

test("real-world 8: the page of an expired request names the app and leads to its site", async () => {
  const { page, browser } = await signInPage(printly);
  server.advance(3601);
  const late = await browser.get(again(page));
  assert.equal(late.status, 400);
  assert.match(textOf(late), /This request is over/);
  assertLeadsBack(late, SITE);
  assertLeadsBack(await browser.signIn(page, "ada"), SITE);
  const url = again(page).replace("/sign-in", "/authorize");
  assertLeadsBack(await browser.get(url), SITE);
  assertLeadsBack(await browser.get(url.replace("/authorize", "/consent")), SITE);
});

test("real-world 8: in another browser, and without cookies, the page leads back too", async () => {
  const { page, browser } = await signInPage(printly);
  const elsewhere = await testBrowser(server).get(again(page));
  assert.match(textOf(elsewhere), /another visit/);
  assert.match(textOf(elsewhere), /cookies/);
  assertLeadsBack(elsewhere, SITE);
  browser.cookies.clear();
  const bare = await browser.signIn(page, "ada");
  assert.equal(bare.status, 403);
  assert.match(textOf(bare), /Allow cookies for this site/);
  assertLeadsBack(bare, SITE);
  const forged = await browser.submit(page, { csrf: "x" }, "/sign-in");
  assert.match(textOf(forged), /cookies|Nothing was done/);
  assertLeadsBack(forged, SITE);
});

test("real-world 8: a form of another browser says nothing of cookies", async () => {
  const { page } = await signInPage(printly);
  const other = testBrowser(server);
  await other.get("/sign-in");
  const refused = await other.signIn(page, "ada");
  assert.equal(refused.status, 403);
  assert.match(textOf(refused), /Nothing was done/);
  assertLeadsBack(refused, SITE);
});

test("real-world 8: what was answered already leads back to the app", async () => {
  const { page, browser } = await signInPage(printly);
  const consent = await browser.signIn(page, "ada");
  const answer = () => browser.submit(consent, { decision: "allow" }, "/consent");
  const { url } = await answer();
  const code = url.searchParams.get("code") ?? "";
  const redirect_uri = "https://printly.test/callback";
  assert.equal((await redeem(server, printly, code, { redirect_uri })).status, 200);
  const done = await answer();
  assert.equal(done.status, 409);
  assertLeadsBack(done, SITE);
});

test("an app without a site of its own is found at the origin of its redirect URI", async () => {
  const plain = await server.addClient({ ...WEB, client_name: "Plain", client_uri: null });
  const local = await server.addClient({
    ...WEB,
    client_name: "Local",
    client_uri: null,
    redirect_uris: ["http://localhost:3000/callback"],
  });
  const own = await server.addClient({ ...WEB, client_name: "Own", client_uri: SITE });
  const of_person = await server.addClient(
    { ...WEB, client_name: "Of a person", client_uri: SITE },
    { created_by: "user" },
  );
  for (const [client, redirect_uri, href] of [
    [plain, "https://printly.test/callback", "https://printly.test/"],
    [local, "http://localhost:3000/callback", "http://localhost:3000/"],
    [own, "https://printly.test/callback", SITE],
    // Nobody has checked the site that a person wrote down.
    [of_person, "https://printly.test/callback", "https://printly.test/"],
  ] as const) {
    const { page } = await signInPage(client, { redirect_uri });
    const { client_name } = client.record.metadata;
    assertLeadsBack(await testBrowser(server).get(again(page)), href, client_name);
  }
});

test("an app on the person's computer is named; nothing leads to what is disabled or no longer registered", async () => {
  const native = { ...NATIVE, client_name: "Terminal", redirect_uris: ["http://127.0.0.1/cb"] };
  const terminal = await server.addClient(native);
  const redirect_uri = "http://127.0.0.1:5000/cb";
  const { page } = await signInPage(terminal, { redirect_uri });
  const elsewhere = await testBrowser(server).get(again(page));
  assert.match(textOf(elsewhere), /Go back to .*Terminal/);
  assert.deepEqual(links(elsewhere), ["/account"]);

  const moved = await server.addClient({ ...WEB, client_name: "Moved", client_uri: null });
  const before = await signInPage(moved);
  const now_at = { ...moved.record.metadata, redirect_uris: ["https://new.test/cb"] };
  const { store } = server.server;
  const record = { ...moved.record, metadata: now_at };
  await store.updateClient(record, { before: moved.record });
  server.advance(1);
  assertLeadsBack(await testBrowser(server).get(again(before.page)), "https://new.test/", "Moved");
  await store.updateClient({ ...record, disabled_at: server.now() }, { before: record });
  server.advance(1);
  assert.deepEqual(links(await testBrowser(server).get(again(before.page))), ["/account"]);
});

test("without a request in progress, the account is the way on", async () => {
  const browser = testBrowser(server);
  const page = await browser.get("/sign-in");
  browser.cookies.clear();
  const refused = await browser.signIn(page, "ada");
  assert.match(textOf(refused), /Allow cookies for this site/);
  assert.deepEqual(links(refused), ["/account"]);
  assert.deepEqual(links(await browser.get("/nothing/here")), ["/account"]);
});

test("a page of a request that is opened directly, or can't be read, blames no app and leads to the account", async () => {
  const browser = testBrowser(server);
  for (const [path, status, heading] of [
    ["/consent", 404, "There is nothing here"],
    ["/consent?continue=x", 400, "This request is over"],
    ["/sign-in?continue=x", 400, "This request is over"],
    ["/authorize?continue=x", 400, "This request is over"],
  ] as const) {
    const page = await browser.get(path);
    assert.equal(page.status, status, path);
    assert.ok(textOf(page).includes(heading), path);
    assert.doesNotMatch(textOf(page), /understand this app/);
    assert.deepEqual(links(page), ["/account"]);
  }
});
