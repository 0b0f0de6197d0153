/** Passkeys, by an authenticator in software: added, used to sign in, as a stronger sign-in, named and removed. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import { authenticator } from "../support/authenticator.ts";
import { authorizationUrl, linkOn, testBrowser } from "../support/browser.ts";
import { redeem } from "../support/flow.ts";
import {
  ADD,
  addPasskey,
  DECLINE,
  optionsOf,
  PASSKEYS,
  REMOVE,
  RENAME,
  signInByPasskey,
} from "../support/passkeys.ts";
import { ISSUER, PASSWORD, SNAPS, testServer, WEB } from "../support/server.ts";

const server = await testServer();
after(() => server.close());
const client = await server.addClient(WEB);
const device = authenticator(ISSUER);
const SECURITY = "/account/security";

async function person(name: string) {
  const sub = await server.addUser(name);
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), name);
  return { sub, browser };
}

test("a person adds a passkey and signs in with it; the tokens tell the truth", async () => {
  const { sub, browser } = await person("ada");
  const passkey = await addPasskey(browser, device, "Work laptop");
  const other = testBrowser(server);
  const asked = await other.get(authorizationUrl(client));
  const consent = await signInByPasskey(other, asked, device, [passkey]);
  assert.equal(consent.url.pathname, "/consent");
  const answered = await other.submit(consent, { decision: "allow" }, "/consent");
  const code = answered.url.searchParams.get("code") ?? "";
  const { body } = await redeem(server, client, code);
  const claims = decodeJwt(body.id_token);
  assert.equal(claims.sub, sub);
  assert.deepEqual(claims.amr, ["pop", "user", "mfa"]);
  assert.equal(claims.acr, "phr");
  assert.equal(claims.auth_time, server.now());
});

test("a request that demands a stronger sign-in gets a passkey, or the way to add one first", async () => {
  const { browser } = await person("ben");
  const parameters = { resource: SNAPS, scope: "openid photos.read", acr_values: "phr" };
  // Without a passkey: the page that offers one, and back into the request.
  const offer = await browser.get(authorizationUrl(client, parameters));
  assert.equal(offer.url.pathname, "/sign-in/enrol");
  const declined = await browser.submit(offer, {}, "/sign-in/enrol");
  assert.equal(
    declined.url.searchParams.get("error"),
    "unmet_authentication_requirements",
    "the app learns it",
  );
  const page = await browser.get(linkOn(offer, PASSKEYS));
  const { passkey, credential } = device.create(optionsOf(page, "create"));
  const back = await browser.submit(page, { credential, name: "Key" }, ADD);
  assert.equal(back.url.pathname, "/sign-in/second", "the new passkey has to prove itself");
  const consent = await signInByPasskey(browser, back, device, [passkey]);
  assert.equal(consent.url.pathname, "/consent");
  const answered = await browser.submit(consent, { decision: "allow" }, "/consent");
  const { body } = await redeem(server, client, answered.url.searchParams.get("code") ?? "");
  assert.equal(decodeJwt(body.access_token).acr, "phr");
});

test("a wish for a passkey asks those who have one, and lets them go on without", async () => {
  const { browser } = await person("cleo");
  const wish = { acr_values: "phr" };
  const consent = await browser.get(authorizationUrl(client, wish));
  assert.equal(consent.url.pathname, "/consent", "an account without a passkey is not asked");
  const passkey = await addPasskey(browser, device);
  const asked = await browser.get(authorizationUrl(client, wish));
  assert.equal(asked.url.pathname, "/sign-in/second");
  const silently = await browser.get(authorizationUrl(client, { ...wish, prompt: "none" }));
  assert.equal(silently.url.searchParams.get("error"), "consent_required");
  const without = await browser.submit(asked, {}, DECLINE);
  assert.equal(without.url.pathname, "/consent");
  const with_it = await signInByPasskey(browser, asked, device, [passkey]);
  assert.equal(with_it.url.pathname, "/consent");
  const again = await browser.get(authorizationUrl(client, { ...wish, acr_values: "phr gold" }));
  assert.equal(again.url.pathname, "/consent", "the session has reached it");
});

test("changes of passkeys need a fresh proof at the highest level of the account", async () => {
  const { sub, browser } = await person("dora");
  const passkey = await addPasskey(browser, device);
  // The session is a password's, and the account has a passkey by now.
  const confirm = await browser.get(PASSKEYS);
  assert.equal(confirm.url.pathname, "/confirm");
  const shown = await signInByPasskey(browser, confirm, device, [passkey]);
  assert.equal(shown.url.pathname, PASSKEYS);
  server.advance(601);
  const old = await browser.submit(shown, {}, REMOVE);
  assert.equal(old.url.pathname, "/confirm", "ten minutes later");
  assert.equal((await server.server.store.loadFactors(sub)).passkeys.length, 1);
  const renamed = await browser.submit(shown, { name: "My <b>key" }, RENAME);
  assert.ok(!renamed.html.includes("<b>key"));
  const [named] = (await server.server.store.loadFactors(sub)).passkeys;
  assert.equal(named?.name, "My <b>key", "a name needs no proof");
  const confirmed = await signInByPasskey(browser, old, device, [passkey]);
  const removed = await browser.submit(confirmed, {}, REMOVE);
  assert.match(removed.html, /The passkey is removed/);
  assert.deepEqual((await server.server.store.loadFactors(sub)).passkeys, []);
  const gone = await testBrowser(server).get("/sign-in");
  const refused = await signInByPasskey(testBrowser(server), gone, device, [passkey]);
  assert.equal(refused.status, 403, "a page of another browser");
});

test("a new password needs the passkey of the account, and the session keeps its level", async () => {
  const { sub, browser } = await person("ivy");
  const passkey = await addPasskey(browser, device);
  const form = { action: SECURITY, having: { intent: "change_password" } };
  const typed = { current_password: PASSWORD, new_password: "another long password" };
  const confirm = await browser.submit(await browser.get(SECURITY), typed, form);
  assert.equal(confirm.url.pathname, "/confirm");
  const page = await signInByPasskey(browser, confirm, device, [passkey]);
  const changed = await browser.submit(page, typed, form);
  assert.match(changed.html, /Your password is changed/);
  const [session] = await server.server.store.listSessions(sub, { limit: 9 });
  assert.deepEqual(
    session?.proofs.map(({ kind }) => kind),
    ["passkey"],
  );
});

test("without a password, the last passkey stays", async () => {
  const { sub, browser } = await person("emil");
  const passkey = await addPasskey(browser, device);
  const { store } = server.server;
  const account = await store.findAccount(sub);
  assert.ok(account);
  await store.updateAccount({ ...account, password_hash: null }, ["emil"]);
  const confirm = await browser.get(PASSKEYS);
  const page = await signInByPasskey(browser, confirm, device, [passkey]);
  const refused = await browser.submit(page, {}, REMOVE);
  assert.equal(refused.status, 409);
  assert.match(refused.html, /only way to sign in/);
});

test("documents for browsers and password managers", async () => {
  const read = async (path: string) => (await server.fetch(new Request(`${ISSUER}${path}`))).json();
  assert.deepEqual(await read("/.well-known/webauthn"), { origins: [ISSUER] });
  const at = `${ISSUER}${PASSKEYS}`;
  assert.deepEqual(await read("/.well-known/passkey-endpoints"), { enroll: at, manage: at });
  const { headers } = await server.fetch(new Request(`${ISSUER}/.well-known/change-password`));
  assert.equal(headers.get("location"), "/account/security");
});

test("at an IP address no passkeys are offered, and the page says why", async () => {
  await using local = await testServer({ issuer: "http://127.0.0.1:4000" });
  await local.addUser("ada");
  const browser = testBrowser(local);
  const page = await browser.get("/sign-in");
  assert.doesNotMatch(page.html, /<form[^>]*data-passkey/);
  assert.match(page.html, /autocomplete="username"/);
  await browser.signIn(page, "ada");
  const security = await browser.get(SECURITY);
  assert.match(security.html, /this page is open at an IP address/);
  const { acr_values_supported } = local.server.metadata;
  assert.deepEqual(acr_values_supported, ["urn:valetkey:single", "urn:valetkey:multi"]);
});
