/** JSON bodies at token, revocation and introspection. Many clients send them; the checks are the same as for forms. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { at, authorizationUrl, VERIFIER } from "../support/browser.ts";
import { authorize, basic, tokensFor } from "../support/flow.ts";
import { adaWithAnApp } from "../support/scene.ts";
import { NATIVE, PRINTS, SERVICE, SNAPS, type TestClient } from "../support/server.ts";

const { server, client } = await adaWithAnApp();
const service = await server.addClient(SERVICE);

async function send(
  path: string,
  body: unknown,
  { own, type = "application/json" }: { own?: TestClient; type?: string } = {},
) {
  const headers = new Headers({ "content-type": type });
  if (own) headers.set("authorization", basic(own));
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const request = new Request(at(server, path), { method: "POST", headers, body: text });
  const response = await server.fetch(request);
  const answer: Record<string, string> = JSON.parse(await response.text());
  return { status: response.status, body: answer };
}

test("a whole flow in JSON: code, refresh, introspection, revocation", async () => {
  const parameters = { scope: "openid photos.read" };
  const { code } = await authorize(server, client, { parameters });
  const grant_type = "authorization_code";
  const redeem = { grant_type, code, code_verifier: VERIFIER };
  const first = await send("/token", redeem, { own: client });
  assert.equal(first.status, 200, JSON.stringify(first.body));
  assert.equal(first.body.scope, "openid photos.read");
  const again = { grant_type: "refresh_token", refresh_token: first.body.refresh_token };
  const second = await send("/token", again, { own: client });
  assert.equal(second.status, 200);
  const token = second.body.access_token;
  assert.equal((await send("/introspect", { token }, { own: client })).body.active, true);
  assert.equal((await send("/revoke", { token }, { own: client })).status, 200);
  assert.deepEqual((await send("/introspect", { token }, { own: client })).body, { active: false });
});

test("a client authenticates in a JSON body by client_id, or with its secret", async () => {
  const posting = await server.addClient({
    ...SERVICE,
    token_endpoint_auth_method: "client_secret_post",
  });
  const { client_id, client_secret } = posting;
  const body = { grant_type: "client_credentials", client_id, client_secret };
  assert.equal((await send("/token", body)).status, 200);
  assert.equal((await send("/token", { ...body, client_secret: "x" })).status, 401);

  const native = await server.addClient(NATIVE);
  const redirect_uri = "http://127.0.0.1:1999/callback";
  const { code } = await authorize(server, native, { parameters: { redirect_uri } });
  const redeem = { grant_type: "authorization_code", code, code_verifier: VERIFIER };
  const tokens = await send("/token", { ...redeem, client_id: native.client_id });
  assert.equal(tokens.status, 200);
});

test("resource may be a JSON array, under the same rules", async () => {
  const ask = (resource: unknown) =>
    send("/token", { grant_type: "client_credentials", resource }, { own: service });
  assert.equal((await ask([SNAPS])).status, 200);
  assert.equal((await ask(SNAPS)).status, 200);
  assert.equal((await ask([SNAPS, PRINTS])).body.error, "invalid_target");
  for (const wrong of [[1], [[SNAPS]], [null], { uri: SNAPS }])
    assert.equal((await ask(wrong)).body.error, "invalid_request", JSON.stringify(wrong));
});

test("charset and letter case of the content type do not matter", async () => {
  const body = { grant_type: "client_credentials" };
  for (const type of ["application/json; charset=utf-8", "Application/JSON"])
    assert.equal((await send("/token", body, { own: service, type })).status, 200, type);
});

test("a body that is not an object of strings is invalid_request, never a server error", async () => {
  const bodies = [
    "",
    "{",
    "[]",
    "null",
    '"client_credentials"',
    "1",
    '{"grant_type":1}',
    '{"grant_type":null}',
    '{"grant_type":["client_credentials"]}',
    '{"grant_type":{"a":"b"}}',
    '{"grant_type":"client_credentials","grant_type":"client_credentials"}',
    '{"grant_type":"client_credentials","\\u0067rant_type":"x"}',
    '{"__proto__":{"grant_type":"client_credentials"},"grant_type":"client_credentials"}',
    `{"a":${"[".repeat(1000)}${"]".repeat(1000)}}`,
    JSON.stringify(Object.fromEntries([...Array(101)].map((_, i) => [`p${i}`, "x"]))),
    "{grant_type:'client_credentials'}",
  ];
  for (const path of ["/token", "/revoke", "/introspect"])
    for (const body of bodies) {
      const answer = await send(path, body, { own: service });
      assert.equal(answer.status, 400, `${path} ${body.slice(0, 80)}`);
      assert.equal(answer.body.error, "invalid_request");
    }
});

test("other content types and query parameters are refused", async () => {
  const grant_type = "client_credentials";
  for (const type of ["text/plain", "application/jwt", "multipart/form-data; boundary=x"]) {
    const answer = await send("/token", { grant_type }, { own: service, type });
    assert.equal(answer.status, 415, type);
    assert.equal(answer.body.error, "invalid_request");
  }
  const in_query = await send("/token?grant_type=client_credentials", {}, { own: service });
  assert.equal(in_query.body.error, "invalid_request");
});

test("an empty value counts as absent, in forms and JSON", async () => {
  const empty = { grant_type: "client_credentials", scope: "", resource: "" };
  assert.equal((await send("/token", empty, { own: service })).status, 200);
  const form = new URLSearchParams(empty).toString();
  const type = "application/x-www-form-urlencoded";
  assert.equal((await send("/token", form, { own: service, type })).status, 200);
});

test("pages and the authorization endpoint accept forms only", async () => {
  const { browser } = await tokensFor(server, client);
  const query = new URL(authorizationUrl(client), server.issuer).searchParams;
  const json = (path: string, value: object) =>
    browser.request(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(value),
    });
  assert.equal((await json("/authorize", Object.fromEntries(query))).status, 415);
  assert.equal((await json("/sign-out", { csrf: "x" })).status, 415);
  assert.equal((await json("/sign-in", { username: "ada", password: "x" })).status, 415);
});
