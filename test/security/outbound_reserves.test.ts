/** Attacks on the bounds of the server's own requests: strangers must not use up those of others (G5). */
import assert from "node:assert/strict";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { SignJWT } from "jose";
import type { Outbound } from "../../src/context.ts";
import { createOutbound } from "../../src/http/outbound.ts";
import { at, authorizationUrl } from "../support/browser.ts";
import { documentClient } from "../support/document_client.ts";
import { ISSUER, SERVICE, type TestServer, testServer, WEB } from "../support/server.ts";
import { stranger } from "../support/stranger.ts";

/** The real bounds, of a clock that stands still. */
const bounded = (): Outbound =>
  createOutbound({ allow_private_fetch: true, timeout: 5000, now: () => 0 });
const CONFIG = { allow_private_fetch: true, rate_limits: {} };

const visit = (server: TestServer, url: string, address: string): Promise<Response> =>
  server.fetch(new Request(at(server, url), { redirect: "manual" }), { address });
const naming = (client_id: string): string =>
  `/authorize?${new URLSearchParams({ client_id, response_type: "code" })}`;

const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
const KEYS = { keys: [{ ...own.publicKey.export({ format: "jwk" }), kid: "1" }] };

/** A request for a token by an operator's client that signs. @returns the status */
async function askAsService(server: TestServer, jwks_uri: string): Promise<number> {
  const { client_id } = await server.addClient({
    ...SERVICE,
    scope: "photos.read",
    token_endpoint_auth_method: "private_key_jwt",
    jwks_uri,
  });
  const claims = { iss: client_id, sub: client_id, aud: ISSUER, jti: randomUUID() };
  const client_assertion = await new SignJWT({
    ...claims,
    iat: server.now(),
    exp: server.now() + 9,
  })
    .setProtectedHeader({ alg: "ES256", kid: "1" })
    .sign(own.privateKey);
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_assertion,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  });
  return (await server.fetch(new Request(`${ISSUER}/token`, { method: "POST", body }))).status;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const forged = (claims: object): string => `${part({ alg: "ES256" })}.${part(claims)}.AAAA`;

test("G5 a stranger who names made-up apps of a site is stopped, and the site's app goes on", async () => {
  await using site = await stranger();
  await using server = await testServer(CONFIG, { outbound: bounded() });
  const seen: number[] = [];
  for (let n = 0; n < 30; n += 1) {
    const made_up = naming(`${site.origin}/no-such-${n}`);
    const { status, headers } = await visit(server, made_up, "198.51.100.9");
    seen.push(status);
    if (status === 429) assert.ok(Number(headers.get("retry-after")) > 0);
  }
  assert.deepEqual([seen.indexOf(429), site.asked.length], [20, 20]);
  const honest = documentClient(site);
  const answer = await visit(server, authorizationUrl(honest), "203.0.113.1");
  assert.deepEqual([answer.status, honest.asked()], [303, 1]);
  assert.match(answer.headers.get("location") ?? "", /\/sign-in/);
});

test("G5 visitors of many networks take no request from clients that an operator registered", async () => {
  await using site = await stranger();
  const outbound = bounded();
  await using server = await testServer(CONFIG, { outbound });
  for (let n = 0; n < 40; n += 1)
    await visit(server, naming(`${site.origin}/no-such-${n}`), `198.51.100.${n}`);
  assert.equal(site.asked.length, 30);
  assert.equal(await askAsService(server, site.publish("/jwks", KEYS)), 200);
  for (const purpose of [
    "operator_logout",
    "client_logout",
    "logo",
    "operator_object",
    "known_document",
  ] as const) {
    const url = site.publish(`/${purpose}`, "x");
    assert.equal((await outbound.request(url, { purpose })).status, 200, purpose);
  }
});

test("G5 keys of visitors' apps that hang hold up nobody else", async () => {
  await using site = await stranger();
  await using other = await stranger();
  const outbound = bounded();
  await using server = await testServer(CONFIG, { outbound });
  const reached = Promise.withResolvers<void>();
  const sockets: Socket[] = [];
  const hanging = createServer((socket) => {
    socket.on("error", () => {});
    if (sockets.push(socket) === 32) reached.resolve();
  });
  await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
  const { port } = hanging.address() as AddressInfo;
  const visits: Promise<Response>[] = [];
  for (let n = 0; n < 40; n += 1) {
    // Each app has a host of its own, so that the bound of one site does not stop them.
    const jwks_uri = `https://h${n}.localhost:${port}/keys`;
    const members = { token_endpoint_auth_method: "private_key_jwt", jwks_uri };
    const app = documentClient(n % 2 === 0 ? site : other, members);
    const request = forged({ client_id: app.client_id });
    visits.push(visit(server, authorizationUrl(app, { request }), `198.51.100.${n}`));
  }
  await reached.promise;
  const late = { purpose: "document_keys" } as const;
  await assert.rejects(outbound.request(`${site.origin}/late`, late), { kind: "budget" });
  assert.equal(await askAsService(server, site.publish("/jwks", KEYS)), 200);
  const honest = documentClient(site);
  const answer = await visit(server, authorizationUrl(honest), "203.0.113.1");
  assert.match(answer.headers.get("location") ?? "", /\/sign-in/);
  for (const socket of sockets) socket.destroy();
  await Promise.all(visits);
  await new Promise((resolve) => hanging.close(resolve));
});

test("G5 a registered request_uri is fetched once for many, and again soon", async () => {
  await using site = await stranger();
  const config = { ...CONFIG, legacy_grants: true };
  await using server = await testServer(config, { outbound: bounded() });
  const uri = site.publish("/object", "no object");
  const client = await server.addClient({ ...WEB, request_uris: [uri] });
  const errors = new Set<string | null>();
  for (let n = 0; n < 100; n += 1) {
    const url = authorizationUrl(client, { request_uri: uri });
    const { headers } = await visit(server, url, `198.51.100.${n}`);
    errors.add(new URL(headers.get("location") ?? "").searchParams.get("error"));
  }
  assert.deepEqual([...errors], ["invalid_request_object"]);
  assert.equal(site.asked.length, 1);
  // Another hash asks again, but not at once.
  for (let n = 0; n < 100; n += 1)
    await visit(server, authorizationUrl(client, { request_uri: `${uri}#${n}` }), "203.0.113.1");
  assert.equal(site.asked.length, 1);
  server.advance(2);
  await visit(server, authorizationUrl(client, { request_uri: uri }), "203.0.113.1");
  assert.equal(site.asked.length, 2);
});

test("G5 requests that are never sent drive no document out of memory", async () => {
  await using site = await stranger();
  await using server = await testServer(
    { ...CONFIG, rate_limits: { fetches: 0 } },
    { outbound: bounded() },
  );
  const honest = documentClient(site);
  await visit(server, authorizationUrl(honest), "203.0.113.1");
  const { clients } = server.server.fetched;
  assert.ok(clients.held(honest.client_id));
  let refused = 0;
  for (let n = 0; n < 17_000; n += 1)
    await clients.get(`http://127.0.0.1:1/${n}`).catch(() => {
      refused += 1;
    });
  assert.equal(refused, 17_000);
  assert.ok(clients.held(honest.client_id));
  await visit(server, authorizationUrl(honest), "203.0.113.1");
  assert.equal(honest.asked(), 1);
});
