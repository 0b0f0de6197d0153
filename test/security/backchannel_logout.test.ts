/** Attacks by and on relying parties that are told of logouts (O4, X13). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeJwt } from "jose";
import { type TestBrowser, testBrowser } from "../support/browser.ts";
import { introspect, tokensFor } from "../support/flow.ts";
import { claimsOf, type LogoutReceiver, logoutReceiver } from "../support/logout_receiver.ts";
import { CONFIG, ISSUER, type TestServer, testServer, WEB } from "../support/server.ts";

const server = await testServer({ ...CONFIG, allow_private_fetch: true });
after(() => server.close());
await server.addUser("ada");

const signOut = async (browser: TestBrowser) =>
  browser.submit(await browser.get("/sign-out"), { which: "all" }, "/sign-out");

async function told(on: TestServer, receiver: LogoutReceiver, metadata = {}) {
  const backchannel_logout_uri = receiver.uri;
  const client = await on.addClient({ ...WEB, backchannel_logout_uri, ...metadata });
  const { browser, id_token } = await tokensFor(on, client);
  await signOut(browser);
  return { client, id_token };
}

test("O4 a logout token passes for no other token", async () => {
  await using receiver = await logoutReceiver();
  const { client, id_token } = await told(server, receiver);
  await receiver.until(1);
  const [first] = receiver.told;
  assert.ok(first);
  const claims = await claimsOf(first, server, client.client_id);
  assert.equal("nonce" in claims || "auth_time" in claims || "at_hash" in claims, false);
  assert.equal(claims.sid, decodeJwt(id_token).sid);
  const [[, logout_token = ""] = []] = first.fields;
  assert.deepEqual(await introspect(server, client, logout_token), { active: false });
  const headers = { authorization: `Bearer ${logout_token}` };
  const userinfo = await server.fetch(new Request(`${ISSUER}/userinfo`, { headers }));
  assert.equal(userinfo.status, 401);
  const { browser } = await tokensFor(server, client);
  const request = new URLSearchParams({ id_token_hint: logout_token });
  assert.equal((await browser.get(`/logout?${request}`)).url.pathname, "/logout", "it asks");
  assert.equal((await browser.get("/account")).url.pathname, "/account");
});

test("X13 without the switch for development no address of this computer is called", async () => {
  await using receiver = await logoutReceiver();
  await using strict = await testServer(CONFIG);
  await strict.addUser("ada");
  const { client } = await told(strict, receiver);
  await sleep(1500);
  assert.equal(receiver.told.length, 0);
  const { client_id } = client;
  const [event] = await strict.server.store.listAudit({ client_id, limit: 1 });
  assert.equal(event?.event, "logout_not_told");
});

test("X13 an endless answer and one of many headers hold up nothing", async () => {
  await using endless = await logoutReceiver((response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("x".repeat(65_536)), 10);
    response.on("close", () => clearInterval(timer));
  });
  await using headers = await logoutReceiver((response) => {
    for (let i = 0; i < 2000; i += 1) response.setHeader(`x-${i}`, "x".repeat(100));
    response.end();
  });
  await using good = await logoutReceiver();
  for (const receiver of [endless, headers, good]) await told(server, receiver);
  for (const receiver of [endless, headers, good]) await receiver.until(1);
});

test("O4 many sign-outs for a client that is down cost it few calls", async () => {
  const down = await logoutReceiver();
  const { uri: backchannel_logout_uri } = down;
  await down.close();
  let calls = 0;
  const outbound = {
    request(...given: Parameters<typeof server.server.outbound.request>) {
      calls += 1;
      return server.server.outbound.request(...given);
    },
  };
  await using busy = await testServer({ ...CONFIG, rate_limits: { changes: 0 } }, { outbound });
  await busy.addUser("ada");
  const client = await busy.addClient({ ...WEB, backchannel_logout_uri });
  for (let i = 0; i < 40; i += 1) {
    const browser = testBrowser(busy);
    await tokensFor(busy, client, { browser });
    await signOut(browser);
  }
  await sleep(1000);
  assert.ok(calls > 0 && calls <= 4, `${calls} calls`);
});
