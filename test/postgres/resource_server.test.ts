/** An API behind `valetkey/resource-server` and two nodes: a revocation at one of them reaches its JWTs in 2.5 s. */
import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { setClientDisabled } from "../../src/clients/change_client.ts";
import { setPersonDisabled } from "../../src/people/change_person.ts";
import { removeConsent } from "../../src/people/end_person.ts";
import { protect } from "../../src/sdk/resource_server/protect.ts";
import { testBrowser } from "../support/browser.ts";
import { post, tokensFor } from "../support/flow.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { SNAPS, type TestClient, type TestServer, testServer, WEB } from "../support/server.ts";
import { SECRET } from "../support/two_nodes.ts";

const BY_CODE = { kind: "operator", id: null, via: "code" } as const;
/** Seconds of the promise, and what a busy machine may add. */
const WITHIN = 2500;
const BUSY = 300;

let postgres: TestPostgres;
let one: TestServer;
let two: TestServer;
const http = createServer();
before(async () => {
  postgres = await startPostgres();
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  const issuer = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const config = { database: await postgres.newDatabase(), issuer, rate_limits: { changes: 0 } };
  const runtime = { secret: SECRET, clock: Date.now };
  [one, two] = await Promise.all([testServer(config, runtime), testServer(config, runtime)]);
  // The API and its list of ended tokens are at the other node than the people and operators.
  const toTwo: RequestListener = (request, response) => two.node(request, response);
  http.on("request", toTwo);
});
after(async () => {
  http.closeAllConnections();
  http.close();
  await Promise.all([one.close(), two.close()]);
  await postgres.stop();
});

interface Scene {
  client: TestClient;
  username: string;
  sub: string;
  refresh_token: string;
  browser: ReturnType<typeof testBrowser>;
}

const ENDS: Record<string, (scene: Scene) => Promise<unknown>> = {
  "a refresh token is revoked": ({ client, refresh_token }) =>
    post(one, "/revoke", { client, token: refresh_token }),
  "the app is removed by the person": ({ sub, client: { client_id } }) =>
    removeConsent({ sub, client_id }, BY_CODE, one.server),
  "the person signs out": async ({ browser }) =>
    browser.submit(await browser.get("/sign-out"), {}, "/sign-out"),
  "the person is disabled": async ({ sub }) => {
    const account = (await one.server.store.findAccount(sub)) ?? assert.fail();
    return setPersonDisabled({ account, disabled: true }, BY_CODE, one.server);
  },
  "the client is disabled": ({ client: { record: client } }) =>
    setClientDisabled({ client, disabled: true }, BY_CODE, one.server),
};

let scenes = 0;
for (const [name, end] of Object.entries(ENDS))
  test(`${name}: the API refuses the JWT within 2.5 s`, async () => {
    scenes += 1;
    const username = `person-${scenes}`;
    const sub = await one.addUser(username);
    const client = await one.addClient(WEB, { client_id: `app-${scenes}` });
    const browser = testBrowser(one);
    const asked = { username, browser, parameters: { scope: "openid photos.read" } };
    const { access_token, refresh_token } = await tokensFor(one, client, asked);
    const guard = protect({ issuer: one.issuer, audience: SNAPS });
    // An API in use: the token is known, and the list is followed.
    for (let i = 0; i < 5; i += 1) {
      assert.equal((await guard.verify(access_token)).sub, sub);
      await sleep(100);
    }
    await end({ client, username, sub, refresh_token, browser });
    const began = performance.now();
    const holds = () =>
      guard.verify(access_token).then(
        () => true,
        () => false,
      );
    while (await holds()) await sleep(10);
    const took = performance.now() - began;
    assert.ok(took < WITHIN + BUSY, `${took} ms`);
    await assert.rejects(guard.verify(access_token), /revoked/);
  });
