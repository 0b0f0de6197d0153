/** The second step of a sign-in: a code of an app, a passkey, a recovery code, and what tokens tell afterwards. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import { addAppCodes, sendCode, sendRecoveryCode } from "../support/app_codes.ts";
import { authenticator } from "../support/authenticator.ts";
import {
  authorizationUrl,
  linkOn,
  type Page,
  type TestBrowser,
  testBrowser,
} from "../support/browser.ts";
import { redeem } from "../support/flow.ts";
import { addPasskey, DECLINE, signInByPasskey } from "../support/passkeys.ts";
import { ISSUER, PASSWORD, SNAPS, testServer, WEB } from "../support/server.ts";

const server = await testServer();
after(() => server.close());
const client = await server.addClient(WEB);

const SECOND = "/sign-in/second";
async function halfWay(name: string, parameters: Record<string, string> = {}) {
  const browser = testBrowser(server);
  const page = await browser.signIn(await browser.get(authorizationUrl(client, parameters)), name);
  return { browser, page };
}
/** The claims of the ID token, after the person has allowed. */
async function claimsAfter(browser: TestBrowser, page: Page) {
  const answered =
    page.url.pathname === "/consent"
      ? await browser.submit(page, { decision: "allow" }, "/consent")
      : page;
  const code = answered.url.searchParams.get("code") ?? assert.fail(answered.html);
  const { body } = await redeem(server, client, code);
  return decodeJwt(body.id_token);
}

test("a password and a code of the app reach two factors; the time is that of the older proof", async () => {
  const sub = await server.addUser("ada");
  const app = await addAppCodes(server, sub);
  const { browser, page } = await halfWay("ada");
  assert.equal(page.url.pathname, SECOND);
  assert.match(page.html, /Ada|ada/);
  const began = server.now();
  server.advance(45);
  const wrong = await sendCode(browser, page, "000000");
  assert.equal(wrong.status, 401);
  assert.match(wrong.html, /This code is not right/);
  const consent = await sendCode(browser, wrong, app.code());
  const claims = await claimsAfter(browser, consent);
  assert.deepEqual(claims.amr, ["pwd", "otp", "mfa"]);
  assert.equal(claims.acr, "urn:valetkey:multi");
  assert.equal(claims.auth_time, began);
  const again = await halfWay("ada");
  const used = await sendCode(again.browser, again.page, app.code());
  assert.match(used.html, /already used/);
});

test("a recovery code stands for the app once, never raises the level, and leads to the review", async () => {
  const sub = await server.addUser("ben");
  const app = await addAppCodes(server, sub);
  const [first = "", second = ""] = app.recovery;
  const { browser, page } = await halfWay("ben");
  const review = await sendRecoveryCode(browser, page, first.toLowerCase().replaceAll("-", " "));
  assert.equal(review.url.pathname, "/review");
  assert.match(review.html, /Is all of this yours/);
  assert.match(review.html, /Pixel/);
  const consent = await browser.submit(review, {}, "/review");
  const claims = await claimsAfter(browser, consent);
  assert.deepEqual([claims.acr, claims.amr], ["urn:valetkey:single", ["pwd", "recovery"]]);
  const left = await server.server.store.loadFactors(sub);
  assert.equal(left.recovery_codes.length, 9);
  assert.equal(left.totps.length, 0, "a new app was not ticked, and is gone");
  await addAppCodes(server, sub, server.now() - 90 * 86_400);
  const again = await halfWay("ben");
  assert.equal((await sendRecoveryCode(again.browser, again.page, first)).status, 401);
  assert.equal((await sendRecoveryCode(again.browser, again.page, second)).status, 401, "replaced");
});

test("the review ends what is not ticked, keeps what is, and needs the recovery to be fresh", async () => {
  const sub = await server.addUser("cleo");
  const elsewhere = testBrowser(server);
  await claimsAfter(elsewhere, (await walkIn(elsewhere, "cleo")).page);
  const before = server.now();
  server.advance(40 * 86_400);
  const app = await addAppCodes(server, sub, before);
  const { browser, page } = await halfWay("cleo");
  const [code = ""] = app.recovery;
  const review = await sendRecoveryCode(browser, page, code);
  assert.match(review.html, /<input type="checkbox"[^>]*checked/);
  const unticked = Object.fromEntries(
    [...review.html.matchAll(/name="(keep_\d+)"/g)].map(([, name = ""]) => [name, "no"]),
  );
  await browser.submit(review, unticked, "/review");
  const { store } = server.server;
  assert.deepEqual((await store.loadFactors(sub)).totps, []);
  assert.deepEqual(await store.listConsents(sub, { limit: 9 }), []);
  server.advance(601);
  const late = await browser.get("/review");
  assert.equal(late.url.pathname, "/confirm");
});

async function walkIn(browser: TestBrowser, name: string) {
  const page = await browser.signIn(await browser.get(authorizationUrl(client)), name);
  return { page };
}

test("a passkey serves as the second factor, and signs in without one", async () => {
  const sub = await server.addUser("dora");
  const device = authenticator(ISSUER);
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), "dora");
  const passkey = await addPasskey(browser, device);
  await addAppCodes(server, sub);
  const half = await halfWay("dora");
  const by_both = await signInByPasskey(half.browser, half.page, device, [passkey]);
  assert.equal((await claimsAfter(half.browser, by_both)).acr, "phr");
  const other = testBrowser(server);
  const sign_in = await other.get(authorizationUrl(client));
  const alone = await signInByPasskey(other, sign_in, device, [passkey]);
  assert.equal((await claimsAfter(other, alone)).acr, "phr", "no code is asked for");
});

test("an API that wants two factors gets them by the missing one alone", async () => {
  const sub = await server.addUser("emil");
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), "emil");
  const app = await addAppCodes(server, sub);
  const strong = { resource: SNAPS, scope: "openid photos.read", acr_values: "urn:valetkey:multi" };
  const page = await browser.get(authorizationUrl(client, strong));
  assert.equal(page.url.pathname, SECOND, "no password again");
  assert.ok(!page.html.includes("Use a recovery code"), "which would not raise the level");
  const declined = await browser.submit(page, {}, DECLINE);
  assert.equal(declined.url.searchParams.get("error"), "unmet_authentication_requirements");
  const claims = await claimsAfter(browser, await sendCode(browser, page, app.code()));
  assert.equal(claims.acr, "urn:valetkey:multi");
});

test("the operator demands two factors of administrators, or of everybody, and locks nobody out", async () => {
  for (const second_factor of ["admins", "required"] as const) {
    await using strict = await testServer({ sign_in: { second_factor } });
    const own = await strict.addClient(WEB);
    const admin = await strict.addUser("admin", { is_admin: true });
    await strict.addUser("guest");
    const arrive = async (name: string) => {
      const browser = testBrowser(strict);
      const page = await browser.get(authorizationUrl(own));
      return { browser, page: await browser.signIn(page, name) };
    };
    const path = async (name: string) => (await arrive(name)).page.url.pathname;
    assert.equal(await path("admin"), "/sign-in/enrol");
    assert.equal(await path("guest"), second_factor === "admins" ? "/consent" : "/sign-in/enrol");
    const app = await addAppCodes(strict, admin);
    const { browser, page } = await arrive("admin");
    assert.equal((await sendCode(browser, page, app.code())).url.pathname, "/consent");
  }
});

test("nothing at hand: the page says what helps, and leads back", async () => {
  const sub = await server.addUser("fay");
  await addAppCodes(server, sub);
  const { browser, page } = await halfWay("fay");
  const lost = await browser.get(linkOn(page, SECOND));
  const none = await browser.get(
    `${lost.url.pathname}${lost.url.search.replace(/use=\w+/, "use=lost")}`,
  );
  assert.match(none.html, /Look for your recovery codes/);
  const back = await browser.get(linkOn(none, SECOND));
  assert.match(back.html, /Six digits/);
});

test("a password that was changed meanwhile, a new factor and ten minutes end a half-finished sign-in", async () => {
  const sub = await server.addUser("gus");
  const app = await addAppCodes(server, sub);
  const { store } = server.server;
  const one = await halfWay("gus");
  await store.raiseFactorVersion(sub);
  const changed = await sendCode(one.browser, one.page, app.code());
  assert.equal(changed.url.pathname, "/sign-in");
  const two = await halfWay("gus");
  server.advance(600);
  const late = await sendCode(two.browser, two.page, app.code());
  assert.equal(late.url.pathname, "/sign-in");
  const three = await halfWay("gus");
  const stranger = testBrowser(server);
  const stolen = await stranger.get(three.page.url.href.replace(ISSUER, ""));
  assert.equal(stolen.status, 400, "another browser");
  assert.ok(!stolen.html.includes("Six digits"));
  assert.equal(three.page.html.includes(PASSWORD), false);
  const four = await sendCode(three.browser, three.page, app.code());
  assert.equal(four.url.pathname, "/consent");
});

test("T13 a half-finished sign-in is no session: nothing opens before the second step", async () => {
  const sub = await server.addUser("hal");
  await addAppCodes(server, sub);
  const { browser, page } = await halfWay("hal");
  assert.equal(page.url.pathname, SECOND);
  const own = testBrowser(server);
  const half = await own.signIn(await own.get("/sign-in"), "hal");
  const address = half.url.href.replace(ISSUER, "");
  assert.equal((await own.get(address)).url.pathname, SECOND, "a reload");
  assert.equal((await testBrowser(server).get(address)).url.pathname, "/sign-in", "elsewhere");
  assert.equal((await browser.get("/account")).url.pathname, "/sign-in");
  const again = await browser.get(authorizationUrl(client));
  assert.equal(again.url.pathname, "/sign-in");
  assert.throws(() => browser.submit(page, {}, DECLINE), /no form/);
  const forged = await browser.submit(
    page,
    { way: "decline" },
    { action: SECOND, having: { way: "totp" } },
  );
  assert.equal(forged.status, 400);
  await server.server.store.raiseFactorVersion(sub);
  assert.equal((await own.get(address)).url.pathname, "/sign-in", "after a change");
});
