/** An ID token that is shown again (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeJwt } from "jose";
import { type JwtType, signJwt } from "../../src/crypto/jwt.ts";
import { PUBLISHED_BEFORE_SIGNING, signingKeyAt } from "../../src/crypto/signing_key.ts";
import { addKey } from "../../src/keys/keyring.ts";
import { placeIn } from "../../src/store/place.ts";
import { readIdTokenHint } from "../../src/tokens/id_token_hint.ts";
import { authorize, redeem, refresh } from "../support/flow.ts";
import { contextOf, type TestServer, testServer, WEB } from "../support/server.ts";

const DAY = 86_400;

async function signedIn(server: TestServer) {
  const client = await server.addClient({ ...WEB, id_token_signed_response_alg: "ES256" });
  const sub = await server.addUser("ada");
  const { code } = await authorize(server, client);
  const { body } = await redeem(server, client, code);
  return { client, sub, code, ...body };
}

const read = (server: TestServer, text: string, client_id: string | null = null) =>
  readIdTokenHint(text, client_id, contextOf(server, server.now()));

test("it names its client, person and session, and leads to its grant, also long after its end", async () => {
  await using server = await testServer();
  const { client, id_token } = await signedIn(server);
  const { sub, sid } = decodeJwt(id_token);
  for (const wait of [0, 7 * DAY]) {
    server.advance(wait);
    const hint = await read(server, id_token, client.client_id);
    assert.ok(hint?.grant_id);
    const { grant_id, ...named } = hint;
    assert.deepEqual(named, { client_id: client.client_id, sub, sid });
    const loaded = await server.server.store.loadGrant(grant_id);
    assert.equal(loaded?.grant.client_id, client.client_id);
    assert.equal(loaded?.session?.session_id, loaded?.grant.sid);
  }
});

test("the jti of an ID token is new each time, and tells the place of nobody", async () => {
  await using server = await testServer();
  const { client, id_token, refresh_token } = await signedIn(server);
  const again = (await refresh(server, client, refresh_token)).body.id_token;
  const [one, two] = [id_token, again].map((text) => String(decodeJwt(text).jti));
  assert.notEqual(one, two);
  const [hint] = await Promise.all([read(server, id_token), read(server, again)]);
  assert.ok(hint?.grant_id);
  const place = placeIn(hint.grant_id).toString(16).padStart(4, "0");
  const text = Buffer.from(one ?? "", "base64url").toString("latin1");
  assert.equal(text.includes(place) || text.includes(hint.grant_id), false);
});

test("tokens of other kinds, altered ones and those of other clients or issuers are no hints", async () => {
  await using server = await testServer();
  const { client, id_token, access_token } = await signedIn(server);
  const [head = "", body = "", signature = ""] = id_token.split(".");
  const claims = decodeJwt(id_token);
  const key = signingKeyAt(await server.server.keys(), "ES256", server.now());
  assert.ok(key);
  const signed = (changed: object, typ: JwtType = "JWT") =>
    signJwt({ ...claims, ...changed }, typ, key);
  const wrong: Record<string, string> = {
    "an access token": access_token,
    "a logout token": signed({}, "logout+jwt"),
    "ID token claims typed as an access token": signed({}, "at+jwt"),
    "a signed answer of userinfo": signed({ exp: undefined, sid: undefined, jti: undefined }),
    "an answer with a session and without an end": signed({ exp: undefined }),
    "an answer without a session": signed({ sid: undefined }),
    "an answer without an id": signed({ jti: undefined }),
    "another issuer": signed({ iss: "https://other.test" }),
    "several audiences": signed({ aud: [client.client_id, "other"] }),
    "altered claims": [
      head,
      Buffer.from(JSON.stringify({ ...claims, sub: "x" })).toString("base64url"),
      signature,
    ].join("."),
    "no signature": `${head}.${body}.`,
    "alg none": `${Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url")}.${body}.`,
    nonsense: "nonsense",
    "an empty text": "",
  };
  for (const [name, text] of Object.entries(wrong))
    assert.equal(await read(server, text), null, name);
  assert.ok(await read(server, signed({})));
  assert.equal(await read(server, id_token, "client-of-another"), null);
});

test("a signed answer of userinfo is no hint, although the same key signed it for the same client", async () => {
  await using server = await testServer();
  await server.addUser("ada");
  const client = await server.addClient({ ...WEB, userinfo_signed_response_alg: "RS256" });
  const { code } = await authorize(server, client);
  const { body } = await redeem(server, client, code);
  const headers = { authorization: `Bearer ${body.access_token}` };
  const answer = await server.fetch(new Request(`${server.issuer}/userinfo`, { headers }));
  assert.match(answer.headers.get("content-type") ?? "", /^application\/jwt/);
  const text = await answer.text();
  assert.equal(decodeJwt(text).aud, client.client_id);
  assert.equal(await read(server, text), null);
  assert.ok(await read(server, body.id_token));
});

test("a rotated key goes on verifying hints for the life of a session, until it is retired", async () => {
  await using server = await testServer({ lifetimes: { session: 10 * DAY } });
  const { id_token } = await signedIn(server);
  const [old] = (await server.server.keys()).filter(({ alg }) => alg === "ES256");
  assert.ok(old);
  const { store, secrets } = server.server;
  const now = server.now();
  await addKey(store, secrets, { alg: "ES256", now, signs_at: now + PUBLISHED_BEFORE_SIGNING });
  server.advance(PUBLISHED_BEFORE_SIGNING + 10 * DAY - 1);
  const jwks = await (await server.fetch(new Request(`${server.issuer}/jwks`))).text();
  assert.equal(jwks.includes(old.kid), false, "JWKS publishes it no longer");
  assert.ok(await read(server, id_token));
  server.advance(1);
  assert.equal(await read(server, id_token), null);
  server.advance(-DAY);
  assert.ok(await read(server, id_token));
  await store.retireSigningKey(old.kid, server.now());
  server.advance(2);
  assert.equal(await read(server, id_token), null);
});

test("after a restore an ID token is still a hint, but leads to no grant", async () => {
  await using server = await testServer();
  const { id_token } = await signedIn(server);
  const ctx = contextOf(server, server.now());
  const hint = await readIdTokenHint(id_token, null, { ...ctx, epoch: 2 });
  assert.equal(hint?.grant_id, null, "a restored database has no such grant");
  assert.equal(hint?.client_id, "client-1");
});
