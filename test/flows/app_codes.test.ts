/** Authenticator apps and recovery codes, as a person adds, loses and renews them on the page about security. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import { totpCode } from "../../src/factors/totp.ts";
import { addAppCodes, sendCode, sendRecoveryCode } from "../support/app_codes.ts";
import { fromBase32 } from "../support/base32.ts";
import {
  authorizationUrl,
  linkOn,
  type Page,
  type TestBrowser,
  testBrowser,
  unescapeHtml,
} from "../support/browser.ts";
import { redeem } from "../support/flow.ts";
import { SNAPS, START, testServer, WEB } from "../support/server.ts";

const server = await testServer({ rate_limits: { changes: 0 } });
const { store } = server.server;
after(() => server.close());
const client = await server.addClient(WEB);

const SECURITY = "/account/security";
const APP_CODES = `${SECURITY}/app-codes`;
const RECOVERY = `${SECURITY}/recovery-codes`;
const ADD = { action: APP_CODES, having: { intent: "add" } };
const REMOVE = { action: APP_CODES, having: { intent: "remove" } };
const RENEW = { action: RECOVERY, having: { intent: "renew" } };

async function person(name: string) {
  const sub = await server.addUser(name);
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), name);
  return { sub, browser };
}

/** The secret that a page shows, as text and in its QR code's place. */
const secretOn = ({ html }: Page): Buffer => fromBase32(keyOn(html));
const keyOn = (html: string): string =>
  (/<code id="key"[^>]*>(.*?)<\/code>/.exec(html)?.[1] ?? "").replaceAll(/<[^>]*>/g, "");

const codeAt = (secret: Buffer, seconds = server.now()): string =>
  totpCode(secret, Math.floor(seconds / 30));
const codesOn = ({ html }: Page): string[] =>
  [...html.matchAll(/<bdi dir="ltr">([0-9A-Z-]{19})<\/bdi>/g)].map((each) => each[1] ?? "");

/** Adds an app in a browser that has proved it a moment ago. */
async function addApp(browser: TestBrowser, name = "Phone", path = APP_CODES) {
  const page = await browser.get(path);
  const secret = secretOn(page);
  const added = await browser.submit(page, { name, code: codeAt(secret) }, ADD);
  return { secret, page, added };
}

test("a person adds an app and makes recovery codes; the next sign-in needs the app", async () => {
  const { sub, browser } = await person("ada");
  const security = await browser.get(SECURITY);
  assert.match(security.html, /You have none yet/);
  const { secret, page, added } = await addApp(browser);
  assert.match(page.html, /<svg class="qr"[^>]*role="img"/);
  assert.match(page.html, /autocomplete="one-time-code"/);
  assert.equal(added.url.pathname, RECOVERY);
  assert.match(added.html, /The app is added/);
  const shown = await browser.submit(added, {}, RENEW);
  const codes = codesOn(shown);
  assert.equal(new Set(codes).size, 10);
  assert.match(shown.html, /as\.test/);
  const saved = /download="recovery-codes.txt" href="data:text\/plain;charset=utf-8,([^"]*)"/;
  const text = decodeURIComponent(unescapeHtml(saved.exec(shown.html)?.[1] ?? ""));
  assert.deepEqual(text.trim().split("\n"), codes);
  assert.equal(shown.headers.get("cache-control"), "no-store");

  const after = await browser.get(SECURITY);
  assert.match(after.html, /Phone/);
  assert.match(after.html, /10 of 10 left/);
  const kept = await store.loadFactors(sub);
  assert.deepEqual([kept.totps.length, kept.recovery_codes.length], [1, 10]);
  const written = JSON.stringify([kept, await store.listAudit({ sub, limit: 50 }), server.lines]);
  for (const hidden of [keyOn(page.html), secret.toString("base64url"), ...codes])
    assert.ok(!written.includes(hidden) && !after.html.includes(hidden));

  const other = testBrowser(server);
  const second = await other.signIn(await other.get("/sign-in"), "ada");
  assert.equal(second.url.pathname, "/sign-in/second");
  // The code that confirmed the app counts no more.
  const used = await sendCode(other, second, codeAt(secret));
  assert.match(used.html, /already used/);
  server.advance(30);
  assert.equal((await sendCode(other, used, codeAt(secret))).url.pathname, "/account");
  const third = testBrowser(server);
  const again = await third.signIn(await third.get("/sign-in"), "ada");
  const review = await sendRecoveryCode(third, again, codes[4] ?? "");
  assert.equal(review.url.pathname, "/review");
  assert.match((await browser.get(SECURITY)).html, /9 of 10 left/);
});

test("a wrong first code adds nothing and keeps the key; a right one is told what is missing", async () => {
  const { sub, browser } = await person("ben");
  const page = await browser.get(APP_CODES);
  const secret = secretOn(page);
  let last = page;
  for (const [fields, told] of [
    [{ code: "000000" }, /These digits are not right/],
    [{ code: codeAt(secret, server.now() - 300) }, /These digits are not right/],
    [{ code: "" }, /Enter the six digits/],
    [{ code: "x".repeat(10_000) }, /These digits are not right/],
    [{ code: codeAt(secret), name: " \u202e" }, /Give the app a name/],
  ] as const) {
    last = await browser.submit(last, { name: "Phone", ...fields }, ADD);
    assert.equal(last.status, 400);
    assert.match(last.html, told);
    assert.deepEqual(secretOn(last), secret, "the same key");
  }
  assert.equal((await store.loadFactors(sub)).version, 0);
  const added = await browser.submit(last, { name: "Phone", code: codeAt(secret) }, ADD);
  assert.equal(added.url.pathname, RECOVERY);
});

test("a key that is not confirmed belongs to one person and one browser, and to ten minutes", async () => {
  const [ada, eve] = [await person("cleo"), await person("eve")];
  const hers = await ada.browser.get(APP_CODES);
  const secret = secretOn(hers);
  const sealed = /name="enrolment" value="([^"]+)"/.exec(hers.html)?.[1] ?? "";
  const fields = { name: "x", code: codeAt(secret), enrolment: sealed };
  const other_person = await eve.browser.submit(await eve.browser.get(APP_CODES), fields, ADD);
  const elsewhere = testBrowser(server);
  await elsewhere.signIn(await elsewhere.get("/sign-in"), "cleo");
  const other_browser = await elsewhere.submit(await elsewhere.get(APP_CODES), fields, ADD);
  // Another account in the same browser.
  await ada.browser.signIn(await ada.browser.get("/sign-in?other=yes"), "eve");
  const same_browser = await ada.browser.submit(await ada.browser.get(APP_CODES), fields, ADD);
  for (const refused of [other_person, other_browser, same_browser]) {
    assert.equal(refused.status, 400);
    assert.match(refused.html, /Here is a new key/);
    assert.notDeepEqual(secretOn(refused), secret);
  }
  server.advance(595);
  const late = await person("late");
  const begun = await late.browser.get(APP_CODES);
  server.advance(590);
  await late.browser.signIn(await late.browser.get("/sign-in?other=yes"), "late");
  server.advance(10);
  const over = { name: "x", code: codeAt(secretOn(begun)) };
  assert.match((await late.browser.submit(begun, over, ADD)).html, /Here is a new key/);
  for (const { sub } of [ada, eve, late])
    assert.deepEqual((await store.loadFactors(sub)).totps, []);
});

test("one key is added once, however often its form is sent", async () => {
  const { sub, browser } = await person("dora");
  const page = await browser.get(APP_CODES);
  const secret = secretOn(page);
  const fields = { name: "Phone", code: codeAt(secret) };
  const sent = await Promise.all(
    Array.from({ length: 20 }, () => browser.submit(page, fields, ADD)),
  );
  assert.equal(sent.filter(({ url }) => url.pathname === RECOVERY).length, 1);
  assert.equal((await store.loadFactors(sub)).totps.length, 1);
  server.advance(30);
  const later = await browser.submit(page, { ...fields, code: codeAt(secret) }, ADD);
  assert.equal(later.status, 409);
  assert.match(later.html, /Here is how they are now/);
  assert.equal((await store.loadFactors(sub)).totps.length, 1);
});

test("three apps fit, each is removed by its person only, and what remains is said", async () => {
  const { sub, browser } = await person("fay");
  const early = await browser.get(APP_CODES);
  for (const name of ["one", "two", "three"]) {
    await addApp(browser, name);
    server.advance(30);
  }
  const fourth = { name: "four", code: codeAt(secretOn(early)) };
  assert.equal((await browser.submit(early, fourth, ADD)).status, 409);
  const full = await browser.get(APP_CODES);
  assert.match(full.html, /3 apps, and more do not fit/);
  assert.doesNotMatch(full.html, /name="enrolment"/);
  const before = await store.loadFactors(sub);
  assert.deepEqual(before.totps.map(({ name }) => name).sort(), ["one", "three", "two"]);
  const stranger = await person("gus");
  const theirs = await addApp(stranger.browser, "mine");
  assert.equal(theirs.added.status, 200);
  const [target] = before.totps;
  const own = await stranger.browser.get(APP_CODES);
  await stranger.browser.submit(own, { totp_id: target?.totp_id ?? "" }, REMOVE);
  assert.equal((await store.loadFactors(sub)).totps.length, 3);
  const removed = await browser.submit(full, { totp_id: target?.totp_id ?? "" }, REMOVE);
  assert.match(removed.html, /The app is removed/);
  assert.equal((await store.loadFactors(sub)).totps.length, 2);
  const events = (await store.listAudit({ sub, limit: 50 })).map(({ event, details }) =>
    event.startsWith("factor_") ? [event, details.kind, details.name] : [event],
  );
  assert.deepEqual(events[0], ["factor_removed", "totp", target?.name]);
  assert.equal(events.filter(([event]) => event === "factor_added").length, 3);
});

test("without a fresh proof nothing is shown and nothing changes", async () => {
  const { sub, browser } = await person("hal");
  const pages = [await browser.get(APP_CODES), await browser.get(RECOVERY)] as const;
  const secret = secretOn(pages[0]);
  server.advance(601);
  for (const path of [APP_CODES, RECOVERY])
    assert.equal((await browser.get(path)).url.pathname, "/confirm");
  const fields = { name: "Phone", code: codeAt(secret) };
  const stale = [
    await browser.submit(pages[0], fields, ADD),
    await browser.submit(pages[1], {}, RENEW),
  ];
  for (const { url, html } of stale) {
    assert.equal(url.pathname, "/confirm");
    assert.deepEqual(codesOn({ html } as Page), []);
  }
  assert.equal((await store.loadFactors(sub)).version, 0);
  // A password alone is no longer enough once there is an app.
  const app = await addAppCodes(server, sub);
  const [asked] = [await browser.get(APP_CODES)];
  assert.equal(asked.url.pathname, "/confirm");
  const back = await sendCode(browser, asked, app.code());
  assert.equal(back.url.pathname, APP_CODES);
});

test("recovery codes are shown once: a page that is loaded again replaces none", async () => {
  const { sub, browser } = await person("ina");
  const page = await browser.get(RECOVERY);
  const first = codesOn(await browser.submit(page, {}, RENEW));
  const kept = (await store.loadFactors(sub)).recovery_codes;
  const again = await browser.submit(page, {}, RENEW);
  assert.equal(again.status, 409);
  assert.match(again.html, /no codes were made/);
  assert.deepEqual((await store.loadFactors(sub)).recovery_codes, kept);
  const next = await browser.get(RECOVERY);
  assert.match(next.html, /New codes make the old ones worthless/);
  const second = codesOn(await browser.submit(next, {}, RENEW));
  assert.equal(new Set([...first, ...second]).size, 20);
  const events = (await store.listAudit({ sub, limit: 50 })).map(({ event }) => event);
  assert.equal(events.filter((event) => event === "recovery_codes_renewed").length, 2);
});

test("a request that needs two factors adds the app on its way, and tells the truth", async () => {
  const { browser } = await person("jon");
  const parameters = { resource: SNAPS, scope: "openid photos.read", acr_values: MULTI };
  const offer = await browser.get(authorizationUrl(client, parameters));
  assert.equal(offer.url.pathname, "/sign-in/enrol");
  const { added } = await addApp(browser, "Phone", linkOn(offer, APP_CODES));
  assert.equal(added.url.pathname, RECOVERY);
  const shown = await browser.submit(added, {}, RENEW);
  assert.equal(codesOn(shown).length, 10);
  const consent = await browser.get(linkOn(shown, "/authorize"));
  assert.equal(consent.url.pathname, "/consent");
  const answered = await browser.submit(consent, { decision: "allow" }, "/consent");
  const code = answered.url.searchParams.get("code") ?? assert.fail(answered.html);
  const claims = decodeJwt((await redeem(server, client, code)).body.id_token);
  assert.deepEqual([claims.acr, claims.amr], [MULTI, ["pwd", "otp", "mfa"]]);
});
const MULTI = "urn:valetkey:multi";

test("an app that is added after a recovery does not make that session stronger", async () => {
  const { sub } = await person("kim");
  const app = await addAppCodes(server, sub, START - 90 * 86_400);
  const browser = testBrowser(server);
  const half = await browser.signIn(await browser.get("/sign-in"), "kim");
  const review = await sendRecoveryCode(browser, half, app.recovery[0] ?? "");
  assert.equal(review.url.pathname, "/review");
  await addApp(browser, "New phone");
  const [session] = (await store.listSessions(sub, { limit: 10 })).filter(
    ({ proofs }) => proofs.length === 2,
  );
  assert.deepEqual(
    session?.proofs.map(({ kind }) => kind),
    ["pwd", "recovery"],
  );
});

test("the events of a person are their own, the newest first, in words", async () => {
  const { browser } = await person("lea");
  const mallory = await person("mia");
  await addApp(mallory.browser, "Secret phone of Mia");
  await addApp(browser, "Phone of Lea");
  const { html } = await browser.get(SECURITY);
  const events = html.slice(html.indexOf("Recent events"));
  assert.match(events, /Authenticator app added.*Phone of Lea.*203\.0\.113\.0/s);
  assert.match(events, /Signed in/);
  assert.doesNotMatch(events, /Mia/);
  assert.ok(events.indexOf("Authenticator app added") < events.lastIndexOf("Signed in"));
});
