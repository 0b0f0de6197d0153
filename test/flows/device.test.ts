/** The device authorization grant: a device without a browser, and a person who answers elsewhere (RFC 8628). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import {
  accountsOn,
  allowOnly,
  linkOn,
  type Page,
  type TestBrowser,
  testBrowser,
} from "../support/browser.ts";
import { post, refresh } from "../support/flow.ts";
import {
  ISSUER,
  PRINTS,
  SERVICE,
  SNAPS,
  type TestClient,
  testServer,
  WEB,
} from "../support/server.ts";

const GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const TV = {
  client_name: "Snaps TV",
  token_endpoint_auth_method: "none",
  application_type: "native",
  grant_types: [GRANT, "refresh_token"],
};
const SCOPE = "openid photos.read photos.write";
const ADDRESS = "198.51.100.7";

const server = await testServer();
after(() => server.close());
const ada = await server.addUser("ada");
const grace = await server.addUser("grace");
const tv = await server.addClient(TV);

interface Begun {
  device_code: string;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
  expires_in: number;
  interval: number;
  error?: string;
}

let others = 0;
/** Each request comes from a network of its own, unless told otherwise. */
function elsewhere(): string {
  others += 1;
  return `10.0.${Math.floor(others / 250)}.${others % 250}`;
}

async function ask(
  client: TestClient = tv,
  parameters: Record<string, string> = {},
  address = elsewhere(),
): Promise<{ status: number; headers: Headers; body: Begun }> {
  const body = new URLSearchParams({ client_id: client.client_id, scope: SCOPE, ...parameters });
  const request = new Request(`${ISSUER}/device_authorization`, { method: "POST", body });
  const response = await server.fetch(request, { address });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Begun,
  };
}

const poll = (device_code: string, client = tv, more: Record<string, string> = {}) =>
  post(server, "/token", { client, grant_type: GRANT, device_code, ...more });

const errorOf = async (device_code: string, client = tv): Promise<string> => {
  const { status, body } = await poll(device_code, client);
  return status === 200 ? "none" : (body.error ?? "?");
};

async function signedIn(username = "ada"): Promise<TestBrowser> {
  const browser = testBrowser(server, { address: ADDRESS });
  await browser.signIn(await browser.get("/sign-in"), username);
  return browser;
}

const enter = async (browser: TestBrowser, user_code: string): Promise<Page> =>
  browser.submit(await browser.get("/device"), { user_code }, "/device");

async function approve(browser: TestBrowser, user_code: string): Promise<Page> {
  return browser.submit(await enter(browser, user_code), { decision: "allow" }, "/consent");
}

test("a television gets tokens once a person has entered its user code and allowed it", async () => {
  const { status, body, headers } = await ask();
  assert.equal(status, 200);
  assert.equal(headers.get("cache-control"), "no-store");
  assert.match(body.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  assert.match(body.device_code, /^vkd_[\w-]{65}$/);
  assert.equal(body.verification_uri, `${ISSUER}/device`);
  assert.equal(body.verification_uri_complete, `${ISSUER}/device?user_code=${body.user_code}`);
  assert.deepEqual([body.expires_in, body.interval], [600, 5]);
  assert.equal(await errorOf(body.device_code), "authorization_pending");

  const browser = testBrowser(server, { address: ADDRESS });
  const sign_in = await enter(browser, ` ${body.user_code.toLowerCase().replace("-", " ")}`);
  assert.equal(sign_in.url.pathname, "/sign-in");
  assert.match(sign_in.html, /Snaps TV/);
  const consent = await browser.signIn(sign_in, "ada");
  assert.equal(consent.url.pathname, "/consent");
  for (const shown of [
    /Snaps TV/,
    new RegExp(body.user_code),
    /Asked \d+ seconds? ago, <strong>from another network/,
    /10\.0\.\d+\.\d+/,
    /See your photos/,
  ])
    assert.match(consent.html, shown);
  assert.equal(
    await errorOf(body.device_code),
    "slow_down",
    "no person has answered, and the poll is early",
  );

  const done = await browser.submit(consent, allowOnly(consent, "photos.read"), "/consent");
  assert.equal(done.status, 200);
  assert.match(done.html, /Your device is connected/);
  const { body: tokens } = await poll(body.device_code);
  assert.equal(tokens.scope, "openid photos.read");
  assert.equal(decodeJwt(tokens.access_token).sub, ada);
  assert.equal(decodeJwt(tokens.id_token).aud, tv.client_id);
  const again = await refresh(server, tv, tokens.refresh_token);
  assert.equal(again.status, 200);
  assert.match((await browser.get("/account")).html, /Snaps TV/);
  assert.equal(await errorOf(body.device_code), "invalid_grant", "used");
  assert.equal(
    (await refresh(server, tv, again.body.refresh_token)).status,
    200,
    "polling does not end the request",
  );
});

test("verification_uri_complete prefills the user code and never approves by itself", async () => {
  const trusted = await server.addClient(TV, { trusted: true });
  const { body } = await ask(trusted);
  const browser = await signedIn();
  const page = await browser.get(
    new URL(body.verification_uri_complete).pathname +
      new URL(body.verification_uri_complete).search,
  );
  assert.equal(page.url.pathname, "/device");
  assert.match(page.html, new RegExp(`value="${body.user_code}"`));
  const consent = await browser.submit(page, {}, "/device");
  assert.equal(consent.url.pathname, "/consent", "also for a trusted app, or one allowed before");
  await browser.submit(consent, { decision: "allow" }, "/consent");
  assert.equal((await poll(body.device_code, trusted)).status, 200);
  const second = await ask(trusted);
  assert.equal((await enter(browser, second.body.user_code)).url.pathname, "/consent");
});

test("V5 polling too fast is slow_down and adds five seconds; polling at the interval never is", async () => {
  const { body } = await ask();
  for (let i = 0; i < 10; i += 1) {
    assert.equal(await errorOf(body.device_code), "authorization_pending", `poll ${i}`);
    server.advance(body.interval);
  }
  assert.equal(await errorOf(body.device_code), "authorization_pending");
  server.advance(4);
  assert.equal(await errorOf(body.device_code), "slow_down");
  server.advance(5);
  assert.equal(
    await errorOf(body.device_code),
    "slow_down",
    "ten seconds since the last poll, while the interval is now fifteen",
  );
  server.advance(6);
  assert.equal(await errorOf(body.device_code), "authorization_pending");
});

test("V5 an expired, refused, foreign or forged device code gets its own error", async () => {
  const late = (await ask()).body;
  server.advance(600);
  assert.equal(await errorOf(late.device_code), "expired_token");
  const browser = await signedIn();
  assert.equal((await enter(browser, late.user_code)).status, 404);

  const refused = (await ask()).body;
  const consent = await enter(browser, refused.user_code);
  const answer = await browser.submit(consent, { decision: "deny" }, "/consent");
  assert.match(answer.html, /Your device is not connected/);
  assert.equal(await errorOf(refused.device_code), "access_denied");
  assert.equal(await errorOf(refused.device_code), "access_denied", "every time");
  const after = await browser.submit(consent, { decision: "allow" }, "/consent");
  assert.equal(after.status, 403, "a refusal is final");
  assert.equal(await errorOf(refused.device_code), "access_denied");

  const { device_code } = (await ask()).body;
  const other = await server.addClient(TV);
  assert.equal(await errorOf(device_code, other), "invalid_grant");
  const forged = device_code.slice(0, -1) + (device_code.endsWith("A") ? "B" : "A");
  for (const made_up of [forged, `vkd_${"A".repeat(65)}`, "vkd_", "x", `${device_code}A`])
    assert.equal(await errorOf(made_up), "invalid_grant", made_up);
  const web = await server.addClient(WEB);
  assert.equal(await errorOf(device_code, web), "unauthorized_client");
});

test("tokens approved in the last second can be fetched for 30 more seconds", async () => {
  const browser = await signedIn();
  const [one, two] = [(await ask()).body, (await ask()).body];
  server.advance(599);
  for (const { user_code } of [one, two]) await approve(browser, user_code);
  server.advance(30);
  assert.equal((await poll(one.device_code)).status, 200);
  server.advance(30);
  assert.equal(await errorOf(two.device_code), "expired_token");
});

test("V2 a user code that one person has entered is refused for another", async () => {
  const { body } = await ask();
  const hers = await signedIn("ada");
  const consent = await enter(hers, body.user_code);
  assert.equal(consent.url.pathname, "/consent");
  const his = await signedIn("grace");
  assert.equal((await enter(his, body.user_code)).status, 404);
  const stolen = await his.get(`/consent${consent.url.search}`);
  assert.equal(stolen.status, 400, "the consent page is bound to the first browser");
  await hers.submit(consent, { decision: "allow" }, "/consent");
  assert.equal(decodeJwt((await poll(body.device_code)).body.access_token).sub, ada);
});

test("the person can choose another account before answering", async () => {
  const { body } = await ask();
  const browser = await signedIn("ada");
  const consent = await enter(browser, body.user_code);
  const choice = await browser.get(linkOn(consent, "/select-account"));
  const sign_in = await browser.get(linkOn(choice, "/sign-in"));
  const theirs = await browser.signIn(sign_in, "grace");
  assert.equal(theirs.url.pathname, "/consent");
  assert.match(theirs.html, /grace/);
  await browser.submit(theirs, { decision: "allow" }, "/consent");
  assert.equal(decodeJwt((await poll(body.device_code)).body.access_token).sub, grace);
});

test("with several accounts, the person chooses which one the device gets", async () => {
  const { body } = await ask();
  const browser = await signedIn("ada");
  await browser.signIn(await browser.get("/sign-in?other=yes"), "grace");
  const choice = await enter(browser, body.user_code);
  const { ada: key = "" } = accountsOn(choice);
  const hers = await browser.submit(choice, { account: key }, "/select-account");
  assert.equal(hers.url.pathname, "/consent");
  // She changes her mind, and the code is the other account's.
  const again = await browser.get(linkOn(hers, "/select-account"));
  const { grace: other = "" } = accountsOn(again);
  const theirs = await browser.submit(again, { account: other }, "/select-account");
  const done = await browser.submit(theirs, { decision: "allow" }, "/consent");
  assert.equal(done.status, 200);
  assert.equal(decodeJwt((await poll(body.device_code)).body.access_token).sub, grace);
});

test("a code that is entered again can be answered by another account of the browser, and of no other one", async () => {
  const { body } = await ask();
  const browser = await signedIn("ada");
  await browser.signIn(await browser.get("/sign-in?other=yes"), "grace");
  for (const username of ["ada", "grace"]) {
    const choice = await enter(browser, body.user_code);
    const { [username]: account = "" } = accountsOn(choice);
    const consent = await browser.submit(choice, { account }, "/select-account");
    assert.equal(consent.url.pathname, "/consent", username);
  }
  const stranger = await signedIn("ada");
  assert.equal((await enter(stranger, body.user_code)).status, 404, "grace has it now");
  assert.equal((await approve(await signedIn("grace"), body.user_code)).status, 200);
  assert.equal(decodeJwt((await poll(body.device_code)).body.access_token).sub, grace);
});

test("V3 ten wrong user codes in a session, or fifty in a network, cause a wait", async () => {
  const { body } = await ask();
  const browser = await signedIn();
  for (let i = 0; i < 10; i += 1) assert.equal((await enter(browser, "BBBB-BBBB")).status, 404);
  const limited = await enter(browser, body.user_code);
  assert.equal(limited.status, 429);
  assert.match(limited.headers.get("retry-after") ?? "", /^\d+$/);
  assert.equal(await errorOf(body.device_code), "authorization_pending");
  // Fifty in one network, across sessions.
  const address = "192.0.2.77";
  const statuses: number[] = [];
  for (let i = 0; i < 51; i += 1) {
    const other = testBrowser(server, { address });
    statuses.push((await enter(other, i % 2 ? "BBBB-BBBB" : "no code")).status);
  }
  assert.deepEqual([...new Set(statuses.slice(0, 50))], [404]);
  assert.equal(statuses[50], 429);
  server.advance(3601);
  const later = testBrowser(server, { address });
  assert.equal((await enter(later, "BBBB-BBBB")).status, 404);
});

test("valid user codes are not counted", async () => {
  const browser = await signedIn();
  for (let i = 0; i < 15; i += 1) {
    const { body } = await ask();
    assert.equal((await enter(browser, body.user_code)).url.pathname, "/consent", `${i}`);
  }
});

test("a client may have ten pending requests per network, and a network thirty an hour", async () => {
  const address = "192.0.2.99";
  const browser = await signedIn();
  const begun: Begun[] = [];
  for (let i = 0; i < 10; i += 1) begun.push((await ask(tv, {}, address)).body);
  const full = await ask(tv, {}, address);
  assert.equal(full.status, 429);
  assert.match(full.headers.get("retry-after") ?? "", /^\d+$/);
  await approve(browser, begun[0]?.user_code ?? "");
  assert.equal((await ask(tv, {}, address)).status, 200, "one request has been answered");
  const radio = await server.addClient(TV);
  for (let i = 0; i < 10; i += 1) assert.equal((await ask(radio, {}, address)).status, 200);
  const third = await server.addClient(TV);
  const statuses: number[] = [];
  for (let i = 0; i < 10; i += 1) statuses.push((await ask(third, {}, address)).status);
  assert.deepEqual(statuses, [...Array.from({ length: 9 }, () => 200), 429]);
  server.advance(3601);
  assert.equal((await ask(tv, {}, address)).status, 200);
});

test("V6 a device token request cannot widen scope or resource", async () => {
  const { body } = await ask(tv, { scope: "photos.read" });
  await approve(await signedIn(), body.user_code);
  for (const [more, error] of [
    [{ scope: "photos.read photos.write" }, "invalid_scope"],
    [{ resource: PRINTS }, "invalid_target"],
  ] as const)
    assert.equal((await poll(body.device_code, tv, more)).body.error, error);
  const { body: tokens } = await poll(body.device_code, tv, { resource: SNAPS });
  assert.equal(tokens.scope, "photos.read");
  assert.equal(tokens.id_token, undefined);
});

test("V8 of 50 concurrent polls after approval, one gets the tokens, and they stay valid", async () => {
  const { body } = await ask();
  await approve(await signedIn(), body.user_code);
  const answers = await Promise.all(Array.from({ length: 50 }, () => poll(body.device_code)));
  const won = answers.filter(({ status }) => status === 200);
  assert.equal(won.length, 1);
  for (const { status, body } of answers.filter((each) => each.status !== 200))
    assert.deepEqual([status, body.error], [400, "invalid_grant"]);
  assert.equal((await refresh(server, tv, won[0]?.body.refresh_token ?? "")).status, 200);
});

test("a device's grant outlives the session that approved it", async () => {
  const { body } = await ask();
  const browser = await signedIn();
  await approve(browser, body.user_code);
  const { body: tokens } = await poll(body.device_code);
  await browser.submit(await browser.get("/sign-out"), {}, "/sign-out");
  assert.equal((await refresh(server, tv, tokens.refresh_token)).status, 200);
});

test("unanswerable device requests are refused at once", async () => {
  const web = await server.addClient({ ...WEB, token_endpoint_auth_method: "client_secret_post" });
  const service = await server.addClient(SERVICE);
  const secret = { client_secret: web.client_secret };
  assert.equal((await ask(web, secret)).body.error, "unauthorized_client");
  assert.equal((await ask(service)).body.error, "invalid_client");
  assert.equal((await ask(tv, { scope: "nothing" })).body.error, "invalid_scope");
  assert.equal((await ask(tv, { resource: "https://nobody.test" })).body.error, "invalid_target");
  const { body } = await ask();
  await server.server.store.updateClient({ ...tv.record, disabled_at: server.now() });
  assert.equal(await errorOf(body.device_code), "invalid_client");
  assert.equal((await enter(await signedIn(), body.user_code)).status, 403);
  await server.server.store.updateClient({ ...tv.record, disabled_at: null });
});

test("the metadata names the device authorization endpoint", async () => {
  const response = await server.fetch(new Request(`${ISSUER}/.well-known/openid-configuration`));
  const document = (await response.json()) as Record<string, unknown>;
  assert.equal(document.device_authorization_endpoint, `${ISSUER}/device_authorization`);
  assert.ok([document.grant_types_supported].flat().includes(GRANT));
});
