/** Clients of metadata documents: the grant that a request is about decides how they authenticate, and nothing else does. */
import assert from "node:assert/strict";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { decodeJwt, SignJWT } from "jose";
import { VERIFIER } from "../support/browser.ts";
import { type DocumentClient, documentClient } from "../support/document_client.ts";
import { authorize, post, type TokenBody, tokensFor } from "../support/flow.ts";
import { looseOutbound, type Stranger, stranger } from "../support/stranger.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

const NO_STORE = { "cache-control": "no-store" };
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
const confidential = {
  token_endpoint_auth_method: "private_key_jwt",
  jwks: { keys: [{ ...pair.publicKey.export({ format: "jwk" }), kid: "1" }] },
};

let site: Stranger;
let server: WatchedServer;
let ada: string;
before(async () => {
  site = await stranger();
  server = await watchedServer({ allow_private_fetch: true }, { outbound: looseOutbound() });
  ada = await server.addUser("ada");
  await server.addUser("eve");
});
after(async () => {
  await server.close();
  await site.close();
});

async function assertion(
  { client_id }: DocumentClient,
  { key, kid } = { key: pair.privateKey, kid: "1" },
): Promise<Record<string, string>> {
  const claims = { iss: client_id, sub: client_id, aud: server.issuer, jti: randomUUID() };
  const client_assertion = await new SignJWT({ ...claims, exp: server.now() + 60 })
    .setProtectedHeader({ alg: "ES256", kid })
    .sign(key);
  const client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  return { client_assertion, client_assertion_type };
}

const parameters = { scope: "openid offline_access" };

async function confidentialTokens(
  client: DocumentClient,
  username: string,
): Promise<TokenBody & { code: string }> {
  const { code } = await authorize(server, client, { username, parameters });
  const grant = { grant_type: "authorization_code", code, code_verifier: VERIFIER };
  const { status, body } = await post(server, "/token", { ...grant, ...(await assertion(client)) });
  assert.equal(status, 200);
  return { ...body, code };
}

test("the code or token of an older grant does not choose how the client authenticates for another grant", async () => {
  const client = documentClient(site, {}, NO_STORE);
  const { client_id } = client;
  const old = await tokensFor(server, client, { username: "eve", parameters });
  client.change(confidential);
  server.advance(2);
  const fresh = await confidentialTokens(client, "ada");
  const { code } = await authorize(server, client, { username: "ada", parameters });
  const strays = [old.code, old.refresh_token, old.access_token];
  const names = ["code", "refresh_token", "token", "device_code"];
  const requests: [string, Record<string, string>][] = [
    ["/token", { grant_type: "refresh_token", refresh_token: fresh.refresh_token }],
    ["/token", { grant_type: "authorization_code", code, code_verifier: VERIFIER }],
    ["/introspect", { token: fresh.refresh_token }],
    ["/introspect", { token: fresh.access_token }],
    ["/revoke", { token: fresh.refresh_token }],
  ];
  for (const [path, sent] of requests)
    for (const name of names.filter((each) => !(each in sent)))
      for (const stray of strays) {
        const { status, body } = await post(server, path, { ...sent, client_id, [name]: stray });
        assert.deepEqual([status, body.error], [401, "invalid_client"], `${path} ${name}`);
      }
  // The grants are unharmed.
  for (const [path, sent] of requests)
    assert.equal((await post(server, path, { ...sent, ...(await assertion(client)) })).status, 200);
});

test("the code or token of an older grant does not reveal who a person is", async () => {
  const client = documentClient(site, confidential, NO_STORE);
  const old = await confidentialTokens(client, "eve");
  client.change({ ...confidential, subject_type: "pairwise" });
  server.advance(2);
  const fresh = await confidentialTokens(client, "ada");
  const { sub } = decodeJwt(fresh.id_token);
  assert.notEqual(sub, ada);
  for (const name of ["code", "refresh_token"])
    for (const stray of [old.code, old.refresh_token, old.access_token]) {
      const asked = { token: fresh.refresh_token, [name]: stray, ...(await assertion(client)) };
      const answer: object = (await post(server, "/introspect", asked)).body;
      assert.equal("sub" in answer && answer.sub, sub);
    }
  const grant = { grant_type: "refresh_token", refresh_token: fresh.refresh_token };
  const stray = { code: old.refresh_token, token: old.refresh_token };
  const { body } = await post(server, "/token", {
    ...{ ...grant, ...stray },
    ...(await assertion(client)),
  });
  assert.deepEqual([decodeJwt(body.id_token).sub, decodeJwt(body.access_token).sub], [sub, sub]);
});

test("a document is fetched for an unknown key only for a live grant, and never from a denied host", async () => {
  const client = documentClient(site, confidential, NO_STORE);
  const { refresh_token } = await confidentialTokens(client, "ada");
  const unknown = { key: other.privateKey, kid: "unknown" };
  const fetchesFor = async (sent: Record<string, string>) => {
    server.advance(6);
    const before = client.asked();
    const proof = await assertion(client, unknown);
    assert.equal((await post(server, "/token", { ...sent, ...proof })).status, 401);
    return client.asked() - before;
  };
  const grant_type = "refresh_token";
  assert.equal(await fetchesFor({ grant_type, refresh_token: "x" }), 0);
  assert.equal(await fetchesFor({ grant_type: "client_credentials", refresh_token }), 0);
  assert.equal(await fetchesFor({ grant_type, refresh_token }), 1);
  const { deny } = server.server.settings.client_id_metadata_documents;
  (deny as string[]).push("127.0.0.1");
  assert.equal(await fetchesFor({ grant_type, refresh_token }), 0);
  (deny as string[]).pop();
  const revoked = await post(server, "/revoke", {
    token: refresh_token,
    ...(await assertion(client)),
  });
  assert.equal(revoked.status, 200);
  assert.equal(await fetchesFor({ grant_type, refresh_token }), 0);
});

test("the keys of a disabled client are not fetched", async () => {
  let fetched = 0;
  site.answer("/jwks.json", (_, response) => {
    fetched += 1;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(confidential.jwks));
  });
  const { record } = await server.addClient({
    ...{ client_name: "Snaps", grant_types: ["client_credentials"], redirect_uris: [] },
    ...{ response_types: [], token_endpoint_auth_method: "private_key_jwt" },
    jwks_uri: `${site.origin}/jwks.json`,
  });
  const { store } = server.server;
  await store.updateClient(
    { ...record, disabled_at: server.now() },
    { before: record, events: [] },
  );
  const proof = await assertion({ client_id: record.client_id } as DocumentClient);
  const { status } = await post(server, "/token", { grant_type: "client_credentials", ...proof });
  assert.deepEqual([status, fetched], [401, 0]);
});
