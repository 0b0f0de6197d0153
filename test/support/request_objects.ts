/** Request objects (OpenID Connect Core §6): clients that sign, and stories for any setup with `legacy_grants`. */
import assert from "node:assert/strict";
import { decodeJwt, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { sha256 } from "../../src/crypto/hash.ts";
import { authorizationUrl, testBrowser, VERIFIER } from "./browser.ts";
import { redeem, tokensFor, walk } from "./flow.ts";
import { answerIn, newPerson } from "./legacy_stories.ts";
import { type TestClient, type TestServer, WEB } from "./server.ts";
import type { Story } from "./stories.ts";
import type { Stranger } from "./stranger.ts";

export interface SigningClient extends TestClient {
  /** Signs claims as they are, with `typ` and `alg` in the header. */
  sign(claims: JWTPayload, header?: Readonly<Record<string, unknown>>): Promise<string>;
}

export const SECOND = "https://printly.test/second";

export async function signingClient(
  server: TestServer,
  metadata: object = {},
  alg = "RS256",
): Promise<SigningClient> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  const client = await server.addClient({
    ...WEB,
    redirect_uris: [...WEB.redirect_uris, SECOND],
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: "k", alg, use: "sig" }] },
    ...metadata,
  });
  return {
    ...client,
    sign: (claims, header = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg, kid: "k", ...header }).sign(privateKey),
  };
}

/** A request with an object, and parameters beside it. */
export const withObject = (
  client: { client_id: string },
  request: string,
  beside: Record<string, string | undefined> = {},
): string => authorizationUrl(client, { ...beside, request });

export const objectStories: Readonly<Record<string, Story>> = {
  async "what a signed object says counts before what is beside it, the redirect URI too"(server) {
    const { username, sub } = await newPerson(server);
    for (const alg of ["RS256", "ES256", "PS256", "EdDSA"]) {
      const client = await signingClient(server, {}, alg);
      const request = await client.sign({
        redirect_uri: SECOND,
        state: "inside",
        nonce: "inside",
        scope: "openid email",
        max_age: 1000,
      });
      const beside = { state: "outside", nonce: "outside", scope: "openid" };
      const { page } = await walk(server, withObject(client, request, beside), { username });
      assert.equal(page.url.origin + page.url.pathname, SECOND);
      const answer = answerIn(page.url);
      assert.deepEqual([answer.state, answer.iss], ["inside", server.issuer]);
      const redirect_uri = SECOND;
      const { body } = await redeem(server, client, answer.code ?? "", { redirect_uri });
      const claims = decodeJwt(body.id_token);
      assert.deepEqual([claims.nonce, claims.sub], ["inside", sub]);
      assert.equal(body.scope, "openid email");
    }
  },

  async "parameters beside the object complete it, and resource may be a list"(server) {
    const { username } = await newPerson(server);
    const client = await signingClient(server);
    const resource = Object.keys(server.server.catalogue.resources);
    const request = await client.sign({ resource, scope: "photos.read prints.order" });
    const { page } = await walk(server, withObject(client, request), { username });
    const answer = answerIn(page.url);
    assert.equal(answer.state, "xyz");
    const { status, body } = await redeem(server, client, answer.code ?? "", {
      resource: resource[1],
    });
    assert.deepEqual([status, body.scope], [200, "prints.order"]);
  },

  async "an object sent by POST, or for prompt=none, is read like any other"(server) {
    const { username } = await newPerson(server);
    const client = await signingClient(server);
    const { browser } = await tokensFor(server, client, {
      username,
      parameters: { scope: "openid" },
    });
    const request = await client.sign({ prompt: "none", state: "inside", scope: "openid" });
    const silent = answerIn((await browser.get(withObject(client, request))).url);
    assert.ok(silent.code);
    const nobody = answerIn((await testBrowser(server).get(withObject(client, request))).url);
    assert.deepEqual([nobody.error, nobody.state], ["login_required", "inside"]);
    const [, query = ""] = withObject(client, request).split("?");
    const posted = await browser.request("/authorize", {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: query,
    });
    const { url } = await browser.get(posted.headers.get("location") ?? "");
    assert.ok(answerIn(url).code);
  },

  async "a refused object: the error goes to its own redirect URI, with its state and mode"(
    server,
  ) {
    const client = await signingClient(server);
    const said = { redirect_uri: SECOND, state: "inside", response_mode: "fragment" };
    for (const wrong of [{ aud: "https://other.test" }, { exp: server.now() - 100 }]) {
      const request = await client.sign({ ...said, ...wrong });
      const { url } = await testBrowser(server).get(withObject(client, request));
      assert.equal(url.origin + url.pathname, SECOND);
      assert.equal(url.search, "");
      const { error, state } = answerIn(url);
      assert.deepEqual([error, state], ["invalid_request_object", "inside"]);
    }
    // An address that is not registered is never led to, whatever the object says.
    const request = await client.sign({ ...said, redirect_uri: "https://evil.test/cb", aud: "x" });
    const { url } = await testBrowser(server).get(withObject(client, request));
    assert.equal(url.origin + url.pathname, WEB.redirect_uris[0]);
    assert.equal(answerIn(url).error, "invalid_request_object");
  },

  async "a client that always signs: plain requests are refused, and only its object counts"(
    server,
  ) {
    const { username } = await newPerson(server);
    const client = await signingClient(server, { require_signed_request_object: true });
    const plain = answerIn((await testBrowser(server).get(authorizationUrl(client))).url);
    assert.equal(plain.error, "invalid_request");
    const [, query = ""] = authorizationUrl(client).split("?");
    const { client_id: _, ...all } = Object.fromEntries(new URLSearchParams(query));
    const request = await client.sign({ ...all, scope: "openid", state: "inside" });
    const beside = { scope: "openid email photos.read", state: "outside", prompt: "none" };
    const { page } = await walk(server, withObject(client, request, beside), { username });
    const { code = "", state } = answerIn(page.url);
    assert.equal(state, "inside");
    assert.equal((await redeem(server, client, code)).body.scope, "openid");
  },
};

/** By reference: only with `legacy_grants`, and a server that may fetch from this computer. */
export const referenceStories = (publisher: () => Stranger): Readonly<Record<string, Story>> => ({
  async "a registered request_uri is fetched, and its fragment is the hash of the object"(server) {
    const { username } = await newPerson(server);
    const { origin } = publisher();
    const path = `/object-${username}`;
    const client = await signingClient(server, { request_uris: [origin + path] });
    const jwt = await client.sign({ state: "inside", redirect_uri: SECOND, iss: client.client_id });
    publisher().publish(path, jwt, { "content-type": "application/oauth-authz-req+jwt" });
    for (const fragment of ["", `#${sha256(jwt)}`]) {
      const request_uri = origin + path + fragment;
      const { page } = await walk(server, authorizationUrl(client, { request_uri }), { username });
      assert.equal(page.url.origin + page.url.pathname, SECOND);
      const { code = "", state } = answerIn(page.url);
      assert.equal(state, "inside");
      const { status } = await redeem(server, client, code, {
        redirect_uri: SECOND,
        code_verifier: VERIFIER,
      });
      assert.equal(status, 200);
    }
    const request_uri = `${origin + path}#${sha256("other")}`;
    const { url } = await testBrowser(server).get(authorizationUrl(client, { request_uri }));
    assert.equal(answerIn(url).error, "invalid_request_uri");
  },

  async "a request_uri that can't be fetched, or holds no object of the client, is refused"(
    server,
  ) {
    const { origin, publish } = publisher();
    const paths = ["/gone", "/text", "/foreign", "/large"].map((path) => `${path}-1`);
    const client = await signingClient(server, {
      request_uris: paths.map((path) => origin + path),
    });
    const other = await signingClient(server);
    publish("/text-1", "hello");
    publish("/foreign-1", await other.sign({ state: "inside" }));
    publish("/large-1", "x".repeat(20_000));
    for (const [path, error] of [
      ["/gone-1", "invalid_request_uri"],
      ["/text-1", "invalid_request_object"],
      ["/foreign-1", "invalid_request_object"],
      ["/large-1", "invalid_request_uri"],
    ] as const) {
      const request_uri = origin + path;
      const page = await testBrowser(server).get(authorizationUrl(client, { request_uri }));
      assert.equal(answerIn(page.url).error, error, path);
    }
  },
});
