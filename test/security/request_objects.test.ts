/** Attacks on request objects: forged and foreign ones, and addresses that the server should fetch (A1, A3, A4). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { readRequestObject } from "../../src/authorization/request_object.ts";
import type { OutboundRequest } from "../../src/context.ts";
import { paramsOf } from "../../src/oauth/params.ts";
import { at, authorizationUrl } from "../support/browser.ts";
import { post } from "../support/flow.ts";
import { type SigningClient, signingClient, withObject } from "../support/request_objects.ts";
import { contextOf, WEB } from "../support/server.ts";
import { errorSent, refusedOnPage } from "./assertions.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

let server: WatchedServer;
let client: SigningClient;
let other: SigningClient;
const asked: string[] = [];
const outbound = {
  async request(url: string, _request?: OutboundRequest) {
    asked.push(url);
    return { status: 404, header: () => undefined, body: Buffer.from("") };
  },
};

before(async () => {
  server = await watchedServer({ legacy_grants: true }, { outbound });
  client = await signingClient(server);
  other = await signingClient(server);
});
after(() => server.close());

const refusedObject = (
  request: string,
  who: SigningClient = client,
  beside: Record<string, string> = {},
) =>
  errorSent(server, withObject(who, request, beside), "invalid_request_object", {
    redirect_uri: "https://printly.test/",
  });

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

test("A1 an object is signed, by a key of its client, with an allowed algorithm", async () => {
  const claims = { state: "xyz" };
  for (const alg of ["none", "NoNe", "HS256", undefined]) {
    await refusedObject(`${part({ alg })}.${part(claims)}.`);
    await refusedObject(`${part({ alg })}.${part(claims)}.AAAA`);
  }
  const signed = await client.sign(claims);
  const [head = "", body = "", signature = ""] = signed.split(".");
  await refusedObject(`${head}.${part({ ...claims, prompt: "none" })}.${signature}`);
  await refusedObject(`${head}.${body}.`);
  await refusedObject(`${head}.${body}`);
  await refusedObject("nonsense");
  await refusedObject(`${signed}.x.y`, client);
  await refusedObject(await other.sign(claims));
  // HS256 with the public key as its secret.
  const [key] = client.record.metadata.jwks?.keys ?? [];
  const secret = new TextEncoder().encode(JSON.stringify(key));
  await refusedObject(await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(secret));
  const without = await signingClient(server, { jwks: undefined });
  await refusedObject(await without.sign(claims), without);
});

test("A1 an object is signed with the registered algorithm, where there is one", async () => {
  const strict = await signingClient(server, { request_object_signing_alg: "PS256" });
  await refusedObject(await strict.sign({ state: "xyz" }), strict);
});

test("A1 an object is by this client, for this server, and valid now", async () => {
  const now = server.now();
  for (const wrong of [
    { iss: other.client_id },
    { iss: server.issuer },
    { aud: "https://other.test" },
    { aud: `${server.issuer}/` },
    { aud: ["https://other.test", "x"] },
    { exp: now - 60 },
    { nbf: now + 60 },
    { client_id: other.client_id },
    { response_type: "token" },
  ])
    await refusedObject(await client.sign({ ...wrong, state: "xyz" }));
  for (const exp of ["soon", null])
    await refusedObject(await client.sign({ exp, state: "xyz" } as never));
});

test("a key or its address in the header of an object is not believed, and nothing is fetched", async () => {
  const evil = await generateKeyPair("RS256");
  const jwk = await exportJWK(evil.publicKey);
  for (const more of [
    { jwk },
    { jku: "https://evil.test/jwks" },
    { x5u: "https://evil.test/x" },
    { x5c: ["AAAA"] },
  ]) {
    const header = { alg: "RS256", kid: "k", ...more };
    await refusedObject(
      await new SignJWT({ state: "xyz" }).setProtectedHeader(header).sign(evil.privateKey),
    );
    await refusedObject(await client.sign({ state: "xyz" }, more));
  }
  assert.deepEqual(asked, []);
});

test("ambiguous JSON in an object is refused", async () => {
  const [head = "", , signature = ""] = (await client.sign({ state: "xyz" })).split(".");
  for (const text of ['{"state":"xyz","scope":"a","scope":"b"}', '{"__proto__":{"x":1}}', "[]"])
    await refusedObject(`${head}.${Buffer.from(text).toString("base64url")}.${signature}`);
  assert.equal(({} as Record<string, unknown>).x, undefined);
});

test("an object names no other object", async () => {
  for (const nested of [{ request: "x" }, { request_uri: "https://evil.test/x" }])
    await refusedObject(await client.sign({ ...nested, state: "xyz" }));
});

test("A3 a client assertion is no request object", async () => {
  const { client_id } = client;
  const now = server.now();
  const times = { iat: now, exp: now + 60, jti: "a" };
  const assertion = { iss: client_id, sub: client_id, aud: server.issuer, ...times };
  await refusedObject(await client.sign(assertion));
  for (const typ of ["client-authentication+jwt", "at+jwt", "dpop+jwt", "logout+jwt", "", 7])
    await refusedObject(await client.sign({ state: "xyz" }, { typ }));
});

test("A3 a request object is no client assertion", async () => {
  const pkj = await signingClient(server, { token_endpoint_auth_method: "private_key_jwt" });
  const { client_id } = pkj;
  const now = server.now();
  const said = { iss: client_id, aud: server.issuer, client_id, exp: now + 60, iat: now, jti: "b" };
  const objects = [
    await pkj.sign(said),
    await pkj.sign({ ...said, sub: client_id }, { typ: "oauth-authz-req+jwt" }),
  ];
  for (const client_assertion of objects) {
    const { status, body } = await post(server, "/token", {
      grant_type: "authorization_code",
      code: "x",
      client_assertion,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    });
    assert.deepEqual([status, body.error], [401, "invalid_client"]);
  }
});

test("an object leads to no address that is not registered", async () => {
  const redirect_uri = "https://evil.test/cb";
  // The signature is genuine: the client itself names a wrong address.
  const request = await client.sign({ redirect_uri });
  await refusedOnPage(server, withObject(client, request));
  // A forged object falls back to the address beside it, if that is registered.
  const forged = await other.sign({ redirect_uri });
  await refusedObject(forged);
  await refusedOnPage(server, withObject(client, forged, { redirect_uri }));
});

test("A4 a request_uri of the attacker is not fetched", async () => {
  const registered = await signingClient(server, {
    request_uris: ["https://printly.test/object#hash"],
  });
  const wanted = [
    "http://169.254.169.254/",
    "https://printly.test/object",
    "https://printly.test/object#other",
    "https://printly.test/object#hash#hash",
    "https://printly.test/other",
    "urn:ietf:params:oauth:request_uri:x",
    "file:///etc/passwd",
  ];
  asked.length = 0;
  for (const request_uri of wanted)
    for (const who of [client, registered])
      await errorSent(server, authorizationUrl(who, { request_uri }), "invalid_request_uri");
  // What a metadata document lists is no registration.
  const document = { ...registered.record, created_by: "metadata_document" as const };
  const params = paramsOf([["request_uri", "https://printly.test/object#hash"]]);
  const read = await readRequestObject(params, document, contextOf(server));
  assert.equal(read.refused?.error, "request_uri_not_supported");
  assert.deepEqual(asked, []);
  const both = { request: "x", request_uri: "https://printly.test/object#hash" };
  await errorSent(server, authorizationUrl(client, both), "invalid_request");
  assert.deepEqual(asked, []);
});

test("A4 without the legacy switch no request_uri is fetched, whatever is registered", async () => {
  await using plain = await watchedServer({}, { outbound });
  const request_uri = "https://printly.test/object";
  const registered = await signingClient(plain, { request_uris: [request_uri] });
  asked.length = 0;
  await errorSent(
    plain,
    authorizationUrl(registered, { request_uri }),
    "request_uri_not_supported",
    { redirect_uri: WEB.redirect_uris[0] ?? "" },
  );
  assert.deepEqual(asked, []);
});

test("members about request objects that can't be honoured refuse the registration", async () => {
  for (const [member, value] of [
    ["request_object_signing_alg", "none"],
    ["request_object_signing_alg", "HS256"],
    ["require_signed_request_object", "yes"],
    ["require_signed_request_object", true],
    ["request_uris", ["http://169.254.169.254/"]],
    ["request_uris", ["javascript:alert(1)"]],
    ["request_uris", "https://printly.test/object"],
    ["request_uris", [`https://printly.test/${"x".repeat(512)}`]],
  ] as const)
    await assert.rejects(server.registerClient({ ...WEB, [member]: value } as object), {
      error: "invalid_client_metadata",
      parameter: member,
    });
});

test("A5 the signed objects of one network are limited, and a page says so", async () => {
  await using strict = await watchedServer({ rate_limits: { verifications: 2 } });
  const app = await signingClient(strict);
  const ask = async (address: string) => {
    const forged = (await app.sign({ state: "xyz" })).replace(/[^.]+$/, "AAAA");
    const { status, headers } = await strict.fetch(
      new Request(at(strict, withObject(app, forged)), { redirect: "manual" }),
      { address },
    );
    return [status, headers.get("retry-after")];
  };
  assert.deepEqual(await ask("203.0.113.1"), [303, null]);
  assert.deepEqual(await ask("203.0.113.1"), [303, null]);
  assert.deepEqual(await ask("203.0.113.1"), [429, "30"]);
  assert.deepEqual(await ask("203.0.113.2"), [303, null], "others go on");
});
