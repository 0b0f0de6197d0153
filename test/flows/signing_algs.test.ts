/** The algorithms of ID tokens, userinfo and access tokens, with relying parties written by others. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyResult, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import { at } from "../support/browser.ts";
import { introspect, tokensFor } from "../support/flow.ts";
import { completeKeySet, keySet } from "../support/key_set.ts";
import { blocksOf, pasteRequests } from "../support/pasted.ts";
import { SNAPS, type TestServer, testServer, WEB } from "../support/server.ts";
import { webServer } from "../support/web.ts";

const ALGS = ["RS256", "ES256", "PS256", "EdDSA"] as const;
const server = await webServer();
after(() => server.close());
const sub = await server.addUser("ada", { claims: { name: "Ada" } });

async function verified(
  on: TestServer,
  token: string,
  keys: JSONWebKeySet,
): Promise<JWTVerifyResult> {
  return jwtVerify(token, createLocalJWKSet(keys), {
    issuer: on.issuer,
    currentDate: new Date(on.now() * 1000),
  });
}

test("a key that was not needed before is made by the first signature", async () => {
  await using fresh = await testServer();
  await fresh.addUser("ada");
  const ofPs256 = async () =>
    (await fresh.server.store.listSigningKeys()).filter(({ alg }) => alg === "PS256").length;
  const client = await fresh.addClient({ ...WEB, id_token_signed_response_alg: "PS256" });
  const tries = await Promise.all([1, 2, 3].map(() => tokensFor(fresh, client, {})));
  assert.equal(await ofPs256(), 1);
  for (const { id_token } of tries) {
    const { protectedHeader } = await verified(fresh, id_token, await keySet(fresh));
    assert.equal(protectedHeader.alg, "PS256");
  }
});

test("right after the start the key set holds a key of each algorithm, and these sign", async () => {
  await using fresh = await testServer();
  await fresh.addUser("ada");
  const keys = await completeKeySet(fresh);
  assert.ok(keys.keys.every((key) => !("d" in key) && !("p" in key)));
  for (const alg of ALGS) {
    const client = await fresh.addClient({ ...WEB, id_token_signed_response_alg: alg });
    const { id_token } = await tokensFor(fresh, client, {});
    assert.equal((await verified(fresh, id_token, keys)).protectedHeader.alg, alg);
  }
});

test("oauth4webapi reads signed userinfo, which names its issuer and the client", async () => {
  const keys = await completeKeySet(server);
  for (const alg of ALGS) {
    const added = await server.addClient({ ...WEB, userinfo_signed_response_alg: alg });
    const { access_token } = await tokensFor(server, added, {
      parameters: { scope: "openid profile" },
    });
    const as = {
      issuer: server.issuer,
      userinfo_endpoint: at(server, "/userinfo"),
      jwks_uri: at(server, "/jwks"),
    };
    const client = { client_id: added.client_id, userinfo_signed_response_alg: alg };
    const insecure = { [oauth.allowInsecureRequests]: true };
    const response = await oauth.userInfoRequest(as, client, access_token, insecure);
    assert.equal(response.headers.get("content-type"), "application/jwt");
    assert.equal(response.headers.get("cache-control"), "no-store");
    const { payload, protectedHeader } = await verified(
      server,
      await response.clone().text(),
      keys,
    );
    assert.deepEqual(
      [protectedHeader.alg, payload.aud, payload.iss, payload.exp],
      [alg, added.client_id, server.issuer, undefined],
    );
    const person = await oauth.processUserInfoResponse(as, client, sub, response);
    assert.equal(person.name, "Ada");
  }
});

test("without an algorithm, or with none, userinfo is JSON; its errors are JSON for every client", async () => {
  for (const more of [{}, { userinfo_signed_response_alg: "none" }]) {
    const client = await server.addClient({ ...WEB, ...more });
    const { access_token } = await tokensFor(server, client, {});
    const headers = { authorization: `Bearer ${access_token}` };
    const response = await server.fetch(new Request(at(server, "/userinfo"), { headers }));
    assert.equal(response.headers.get("content-type"), "application/json");
  }
  const client = await server.addClient({ ...WEB, userinfo_signed_response_alg: "ES256" });
  const { access_token } = await tokensFor(server, client, {
    parameters: { scope: "photos.read" },
  });
  for (const token of [access_token, `${access_token}x`]) {
    const headers = { authorization: `Bearer ${token}` };
    const response = await server.fetch(new Request(at(server, "/userinfo"), { headers }));
    assert.ok(response.status === 401 || response.status === 403);
    assert.equal(response.headers.get("content-type"), "application/json");
  }
});

test("an API and the server itself may have access tokens signed with EdDSA", async () => {
  await using edwards = await testServer({
    access_token_signing_alg: "EdDSA",
    resources: {
      [SNAPS]: { name: "Snaps", scopes: ["photos.read"], access_token_signing_alg: "EdDSA" },
    },
  });
  await edwards.addUser("ada");
  const client = await edwards.addClient(WEB);
  for (const scope of ["openid", "photos.read"]) {
    const { access_token } = await tokensFor(edwards, client, { parameters: { scope } });
    const { protectedHeader } = await verified(edwards, access_token, await keySet(edwards));
    assert.deepEqual([protectedHeader.alg, protectedHeader.typ], ["EdDSA", "at+jwt"]);
    assert.equal((await introspect(edwards, client, access_token)).active, true);
  }
});

test("the page about signatures: its request shows every algorithm", async () => {
  const page = "docs/signing.md";
  await completeKeySet(server);
  const [shown] = await pasteRequests(page, { ISSUER: server.issuer });
  assert.equal(shown, blocksOf(page, "json")[0]);
});
