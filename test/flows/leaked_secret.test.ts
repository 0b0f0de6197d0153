/** A leaked server secret: the promises of docs/operations.md, for each purpose of the secret. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Runtime } from "../../src/authorization_server.ts";
import { makeProbe, PROBE_HEADER } from "../../src/crypto/probe.ts";
import { seal } from "../../src/crypto/seal.ts";
import { serverSecrets } from "../../src/crypto/server_secret.ts";
import { endLeakedGrants } from "../../src/keys/retire_secret.ts";
import { parseHandle } from "../../src/tokens/handle.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { authorize, introspect, post, redeem, refresh, tokensFor } from "../support/flow.ts";
import { completeKeySet } from "../support/key_set.ts";
import { OPERATOR } from "../support/operation.ts";
import {
  ISSUER,
  NATIVE,
  PRINTS,
  SERVICE,
  START,
  type TestClient,
  type TestServer,
  testServer,
  WEB,
} from "../support/server.ts";

const [OLD, NEW] = [1, 2].map((n) => Buffer.alloc(32, n).toString("base64url")) as [string, string];
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const TV = { ...NATIVE, grant_types: [DEVICE_GRANT] };
const LASTING = { scope: "openid offline_access photos.read" };
const LOCAL = { redirect_uri: "http://127.0.0.1:3456/callback", scope: "openid offline_access" };
const INACTIVE = { active: false };

const folder = mkdtempSync(join(tmpdir(), "valetkey-leak-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newDatabase = (): string => {
  files += 1;
  return `sqlite:${join(folder, `${files}.sqlite`)}`;
};
const RETIRED = { secret: NEW, leaked_secrets: [OLD] };

/** The same database at its own time, with the secrets that a restart gives it. */
async function start(database: string, secrets: Runtime, began = START): Promise<TestServer> {
  let time = began;
  const clock = () => time * 1000;
  const server = await testServer({ database }, { previous_secrets: [], clock, ...secrets });
  return {
    ...server,
    advance(seconds) {
      time += seconds;
    },
  };
}

/** A server with one of everything that depends on the secret. */
async function lived(database: string) {
  const server = await start(database, { secret: OLD });
  await server.addUser("ada");
  const [web, native, service] = [
    await server.addClient(WEB),
    await server.addClient(NATIVE),
    await server.addClient(SERVICE),
  ];
  const { browser, ...confidential } = await tokensFor(server, web, { parameters: LASTING });
  const rotated = await tokensFor(server, native, { browser, parameters: LOCAL });
  const { code } = await authorize(server, web, { browser, parameters: LASTING });
  const own = await post(server, "/token", {
    ...{ client: service, grant_type: "client_credentials" },
    ...{ resource: PRINTS, scope: "prints.order" },
  });
  const opaque = own.body.access_token;
  assert.match(opaque, /^vka_/);
  assert.equal((await introspect(server, service, opaque)).active, true);
  const tv = await server.addClient(TV);
  const waiting = await post(server, "/device_authorization", { client: tv, scope: "openid" });
  const { device_code }: { device_code?: string } = Object(waiting.body);
  const poll = { client: tv, grant_type: DEVICE_GRANT, device_code };
  assert.equal((await post(server, "/token", poll)).body.error, "authorization_pending");
  const form = await browser.get("/sign-out");
  const asked = await testBrowser(server).get(authorizationUrl(web));
  const kids = await kidsOf(server);
  return {
    server,
    web,
    native,
    service,
    browser,
    confidential,
    rotated,
    code,
    opaque,
    form,
    asked,
    poll,
    kids,
  };
}

async function kidsOf(server: TestServer): Promise<unknown[]> {
  return (await completeKeySet(server)).keys.map(({ kid }) => kid);
}
const secretOf = async (server: TestServer, token: string): Promise<string | undefined> =>
  (await server.server.store.findGrant(parseHandle(token)?.grant_id ?? ""))?.secret_id;
const ids = [OLD, NEW].map((secret) => serverSecrets(secret).current.secret_id);

test("values sealed under a leaked secret and tokens of its keys are refused at once, and the keys replaced", async () => {
  const database = newDatabase();
  const before = await lived(database);
  const { web, service, browser, opaque, kids, form, asked, poll, confidential } = before;
  await before.server.close();
  await using server = await start(database, RETIRED);

  assert.deepEqual(await introspect(server, service, opaque), INACTIVE);
  const forged = seal(
    JSON.stringify({
      ...{ iss: ISSUER, sub: service.client_id, client_id: service.client_id, aud: PRINTS },
      ...{ exp: START + 600, iat: START, jti: "forged", scope: "prints.order" },
    }),
    "access_token",
    { secrets: serverSecrets(OLD), epoch: 1, issuer: ISSUER },
    "access_token",
  );
  assert.deepEqual(await introspect(server, service, `vka_${forged}`), INACTIVE);
  // The forms of a signed-in browser, and a pending request without a sign-in.
  const same = testBrowser(server);
  for (const [name, value] of browser.cookies) same.cookies.set(name, value);
  assert.equal((await same.submit(form, {}, "/sign-out")).status, 403);
  assert.equal(
    (await same.get("/account")).status,
    200,
    "the session depends on no secret and goes on",
  );
  const other = testBrowser(server);
  assert.notEqual((await other.signIn(asked, "ada")).status, 200);
  assert.equal((await post(server, "/token", poll)).body.error, "invalid_grant");
  const probe = { [PROBE_HEADER]: makeProbe(serverSecrets(OLD), START) };
  const probed = await server.fetch(new Request(`${ISSUER}/probe`, { headers: probe }));
  assert.equal(probed.status, 404);

  // No old signing key is published, and its tokens are refused.
  const now = await kidsOf(server);
  assert.equal(now.length, kids.length);
  assert.ok(now.every((kid) => !kids.includes(kid)));
  assert.deepEqual(await introspect(server, web, confidential.access_token), INACTIVE);
  const signed = await post(server, "/token", {
    client: service,
    grant_type: "client_credentials",
  });
  const [head = ""] = signed.body.access_token.split(".");
  const { kid } = JSON.parse(Buffer.from(head, "base64url").toString());
  assert.ok(now.includes(kid));
  const events = (await server.server.store.listAudit({ limit: 100 })).map(({ event }) => event);
  assert.equal(events.filter((event) => event === "signing_key_retired").length, kids.length);
  assert.equal(events.filter((event) => event === "signing_key_added").length, kids.length);
});

test("a setup link sealed under a leaked secret is refused", async () => {
  const database = newDatabase();
  const first = await start(database, { secret: OLD });
  const link = (await first.setupLink()) ?? "";
  await first.close();
  await using server = await start(database, RETIRED);
  assert.equal((await server.fetch(new Request(link))).status, 410);
  const own = (await server.setupLink()) ?? "";
  assert.equal((await server.fetch(new Request(own))).status, 200);
});

test("codes and refresh tokens work until their next use, which gives the grant a new key", async () => {
  const database = newDatabase();
  const before = await lived(database);
  const { web, native, code, confidential, rotated } = before;
  await before.server.close();
  await using server = await start(database, RETIRED);
  const [old_id, new_id] = ids;

  const redeemed = await redeem(server, web, code);
  assert.equal(redeemed.status, 200);
  assert.equal(await secretOf(server, redeemed.body.refresh_token), new_id);
  assert.equal(
    (await refresh(server, web, redeemed.body.refresh_token)).body.refresh_token,
    redeemed.body.refresh_token,
  );

  // A confidential client gets another token once, and then keeps it.
  const token = confidential.refresh_token;
  assert.equal(await secretOf(server, token), old_id);
  assert.equal((await introspect(server, web, token)).active, true);
  const next = (await refresh(server, web, token)).body.refresh_token;
  assert.notEqual(next, token);
  assert.equal(await secretOf(server, next), new_id);
  assert.equal((await refresh(server, web, next)).body.refresh_token, next);

  const second = (await refresh(server, native, rotated.refresh_token)).body.refresh_token;
  assert.equal(await secretOf(server, second), new_id);
  const third = (await refresh(server, native, second)).body.refresh_token;
  assert.equal(
    (await introspect(server, native, third)).active,
    undefined,
    "a public client is refused at introspection",
  );
  assert.equal((await refresh(server, native, third)).status, 200);
});

test("after the new key a lost response is repeated; a later replay revokes the grant of a public client only", async () => {
  const database = newDatabase();
  const before = await lived(database);
  const { web, native, confidential, rotated } = before;
  await before.server.close();
  await using server = await start(database, RETIRED);
  const successor = async (client: TestClient, token: string) =>
    (await refresh(server, client, token)).body.refresh_token;

  const first = await successor(native, rotated.refresh_token);
  const kept = await successor(web, confidential.refresh_token);
  server.advance(59);
  assert.equal(await successor(native, rotated.refresh_token), first);
  server.advance(5);
  assert.equal((await refresh(server, native, rotated.refresh_token)).status, 400);
  assert.equal(
    (await refresh(server, native, first)).status,
    400,
    "revoked, since the token has leaked",
  );

  server.advance(3600);
  assert.equal(await successor(web, confidential.refresh_token), kept);
  server.advance(86_400);
  const late = await refresh(server, web, confidential.refresh_token);
  assert.equal(late.body.error, "invalid_grant");
  assert.match(late.body.error_description ?? "", /was replaced/);
  assert.equal((await refresh(server, web, kept)).status, 200, "the client itself was late");
});

test("redeeming a code twice revokes its grant, though the first redemption gave it a new key", async () => {
  const database = newDatabase();
  const before = await lived(database);
  const { web, code } = before;
  await before.server.close();
  await using server = await start(database, RETIRED);
  const { body } = await redeem(server, web, code);
  assert.equal((await redeem(server, web, code)).status, 400);
  assert.equal((await refresh(server, web, body.refresh_token)).status, 400);
  const events = (await server.server.store.listAudit({ limit: 100 })).map(({ event }) => event);
  assert.ok(events.includes("code_reused"));
});

test("--end-grants ends codes and refresh tokens, even those with a new key; consent stays", async () => {
  const database = newDatabase();
  const before = await lived(database);
  const { web, native, browser, code, confidential, rotated } = before;
  await before.server.close();
  await using server = await start(database, RETIRED);
  const moved = (await refresh(server, web, confidential.refresh_token)).body.refresh_token;
  assert.equal(await secretOf(server, moved), ids[1]);
  const same = testBrowser(server);
  for (const [name, value] of browser.cookies) same.cookies.set(name, value);
  const later = await tokensFor(server, web, { browser: same, parameters: LASTING });

  assert.equal(await endLeakedGrants(OPERATOR, server.server), 3);
  assert.equal((await redeem(server, web, code)).body.error, "invalid_grant");
  for (const [client, token] of [
    [web, moved],
    [native, rotated.refresh_token],
  ] as const)
    assert.equal((await refresh(server, client, token)).body.error, "invalid_grant");
  assert.deepEqual(await introspect(server, web, moved), INACTIVE);
  assert.equal(
    (await refresh(server, web, later.refresh_token)).status,
    200,
    "issued after the leaked secret was retired",
  );
  const again = await same.get(authorizationUrl(web, { ...LASTING, prompt: "none" }));
  assert.ok(again.url.searchParams.has("code"));
  const [event] = (await server.server.store.listAudit({ limit: 100 })).filter(
    (each) => each.event === "grants_ended",
  );
  assert.deepEqual(event?.details, { secret_ids: [ids[0]] });
  assert.equal(await endLeakedGrants(OPERATOR, server.server), 0);
});

test("a leaked secret without the row is not enough to forge a code or refresh token", async () => {
  const database = newDatabase();
  const before = await lived(database);
  const { web, native, confidential, rotated } = before;
  await before.server.close();
  await using server = await start(database, RETIRED);
  for (const [client, token] of [
    [web, confidential.refresh_token],
    [native, rotated.refresh_token],
  ] as const) {
    const bytes = Buffer.from(token.slice(4), "base64url");
    bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
    assert.equal((await refresh(server, client, `vkr_${bytes.toString("base64url")}`)).status, 400);
    // A handle of the next generation, under the current secret, which an attacker does not have.
    bytes.write(ids[1] ?? "", 1, "hex");
    assert.equal((await refresh(server, client, `vkr_${bytes.toString("base64url")}`)).status, 400);
    assert.equal((await refresh(server, client, token)).status, 200);
  }
});

test("40 concurrent refreshes at two nodes that know of the leak get the same successor", async () => {
  const database = newDatabase();
  const before = await lived(database);
  const { web, native, confidential, rotated } = before;
  await before.server.close();
  await using one = await start(database, RETIRED);
  await using two = await start(database, RETIRED);
  for (const [client, token] of [
    [native, rotated.refresh_token],
    [web, confidential.refresh_token],
  ] as const) {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => refresh(i % 2 === 0 ? one : two, client, token)),
    );
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    const successors = new Set(answers.map(({ body }) => body.refresh_token));
    assert.equal(successors.size, 1);
    const [next = ""] = successors;
    assert.notEqual(next, token);
    assert.equal((await refresh(two, client, next)).status, 200);
  }
  const kids = [await kidsOf(one), await kidsOf(two)];
  assert.deepEqual(kids[0], kids[1]);
});

test("while one node does not know of the leak yet, refreshes work and each node accepts the other's keys", async () => {
  const database = newDatabase();
  const before = await lived(database);
  const { web, native, service, confidential, rotated } = before;
  await before.server.close();
  // As docs/operations.md says, every node knows the new secret before one of them uses it.
  await using late = await start(database, { secret: OLD, previous_secrets: [NEW] });
  await using ahead = await start(database, RETIRED);
  const nodes = [late, ahead] as const;
  const pick = (i: number) => nodes[i % 2] ?? late;
  let [token, own] = [rotated.refresh_token, confidential.refresh_token];
  for (let round = 0; round < 10; round += 1) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => refresh(pick(i + round), native, token)),
    );
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200], `round ${round}`);
    const successors = [...new Set(answers.map(({ body }) => body.refresh_token))];
    assert.equal(successors.length, 1, `round ${round}`);
    token = successors[0] ?? "";
    const others = await Promise.all(
      Array.from({ length: 20 }, (_, i) => refresh(pick(i + round), web, own)),
    );
    assert.deepEqual([...new Set(others.map(({ status }) => status))], [200], `round ${round}`);
    own = others.at(-1)?.body.refresh_token ?? "";
  }
  // The node that knows of the leak prevails: a refresh there gives the grant its new key.
  const [, new_id] = ids;
  token = (await refresh(ahead, native, token)).body.refresh_token;
  own = (await refresh(ahead, web, own)).body.refresh_token;
  for (const each of [token, own]) assert.equal(await secretOf(late, each), new_id);
  assert.equal((await refresh(late, native, token)).status, 200);
  assert.equal((await refresh(late, web, own)).body.refresh_token, own);
  await ahead.server.store.currentState();
  for (const [i, node] of nodes.entries()) {
    const signed = await post(node, "/token", {
      client: service,
      grant_type: "client_credentials",
    });
    assert.equal(signed.status, 200);
    const seen = await introspect(pick(i + 1), service, signed.body.access_token);
    assert.equal(seen.active, true);
  }
});

test("an earlier, unleaked secret is accepted for each purpose only while its values can be valid", async () => {
  const database = newDatabase();
  const before = await lived(database);
  const { web, service, confidential, kids } = before;
  await before.server.close();
  await using server = await start(database, { secret: NEW, previous_secrets: [OLD] }, START + 10);
  const ownToken = () => {
    const claims = {
      ...{ iss: ISSUER, sub: service.client_id, client_id: service.client_id, aud: PRINTS },
      ...{ exp: server.now() + 600, iat: server.now(), jti: `at ${server.now()}` },
    };
    const context = { secrets: serverSecrets(OLD), epoch: 1, issuer: ISSUER };
    return `vka_${seal(JSON.stringify(claims), "access_token", context, "access_token")}`;
  };
  assert.equal((await introspect(server, service, ownToken())).active, true);
  server.advance(server.config.lifetimes.access_token + 3599);
  assert.equal(
    (await introspect(server, service, ownToken())).active,
    true,
    "nodes may differ for a while",
  );
  server.advance(1);
  assert.deepEqual(await introspect(server, service, ownToken()), INACTIVE);
  // Longer-lived values stay: keys until the schedule replaces them, and grants to their end.
  assert.deepEqual(await kidsOf(server), kids);
  const { status, body } = await refresh(server, web, confidential.refresh_token);
  assert.deepEqual([status, body.refresh_token], [200, confidential.refresh_token]);
});
