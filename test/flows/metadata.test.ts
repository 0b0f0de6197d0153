/** Metadata and keys: RFC 8414 §3, OpenID Connect Discovery §4, RFC 7517, RFC 9207 §3. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decodeJwt, importJWK, type JWK } from "jose";
import type { AuthorizationServer } from "oauth4webapi";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { post, tokensFor } from "../support/flow.ts";
import { completeKeySet } from "../support/key_set.ts";
import { NATIVE, SNAPS, testServer, WEB } from "../support/server.ts";

const root = await testServer({ issuer: "https://as.test" });
const below = await testServer({ issuer: "https://as.test/id" });
after(() => Promise.all([root.close(), below.close()]));

const FORMS = [
  {
    server: root,
    paths: ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"],
  },
  {
    server: below,
    paths: [
      "/.well-known/oauth-authorization-server/id", // RFC 8414 §3.1
      "/.well-known/openid-configuration/id", // RFC 8414 §5
      "/id/.well-known/openid-configuration", // OpenID Connect Discovery §4.1
      "/id/.well-known/oauth-authorization-server",
    ],
  },
];

const get = (server: typeof root, url: string, init: RequestInit = {}) =>
  server.fetch(new Request(new URL(url, server.issuer), init));

async function metadataOf(
  server: typeof root,
  url = "/.well-known/openid-configuration",
): Promise<AuthorizationServer> {
  return JSON.parse(await (await get(server, url)).text());
}

for (const { server, paths } of FORMS)
  test(`${server.issuer}: every well-known location of a specification serves the same document`, async () => {
    const documents = await Promise.all(
      paths.map(async (path) => {
        const response = await get(server, path);
        assert.equal(response.status, 200, path);
        assert.equal(response.headers.get("content-type"), "application/json");
        assert.equal(response.headers.get("cache-control"), "public, max-age=300");
        assert.equal(response.headers.get("access-control-allow-origin"), "*");
        assert.equal(response.headers.get("access-control-allow-credentials"), null);
        assert.equal(response.headers.get("set-cookie"), null);
        const { valetkey_ended_endpoint, ...others } = JSON.parse(await response.text());
        const of_oauth = path.includes("oauth-authorization-server");
        const address = `${server.issuer}/ended`;
        assert.equal(valetkey_ended_endpoint, of_oauth ? address : undefined, path);
        return JSON.stringify(others);
      }),
    );
    assert.equal(new Set(documents).size, 1);
    assert.equal(JSON.parse(documents[0] ?? "").issuer, server.issuer);
  });

const ALGS = ["RS256", "ES256", "PS256", "EdDSA"];

test("an issuer with a path serves nothing outside of it, except well-known documents", async () => {
  const paths = ["/.well-known/openid-configuration", "/authorize", "/token", "/jwks", "/", "/idx"];
  for (const path of paths) assert.equal((await get(below, path)).status, 404, path);
});

test("every endpoint in the metadata is below the issuer and exists", async () => {
  for (const { server, paths } of FORMS) {
    const metadata = await metadataOf(server, paths[0]);
    const endpoints = Object.entries(metadata).filter(([name]) =>
      /_endpoint$|^jwks_uri$/.test(name),
    );
    assert.equal(endpoints.length, 9);
    for (const [name, url] of endpoints) {
      assert.ok(String(url).startsWith(`${server.issuer}/`), name);
      const { status } = await get(server, String(url));
      assert.ok(status !== 404, `${name}: ${status}`);
    }
  }
});

test("the metadata describes the server, without null or empty members", async () => {
  const metadata = await metadataOf(root);
  for (const [name, value] of Object.entries(metadata)) {
    assert.ok(value !== null && value !== "", name);
    // “Claims with zero elements MUST be omitted” (RFC 8414 §3.2).
    if (Array.isArray(value)) assert.ok(value.length > 0, name);
  }
  assert.deepEqual(metadata.response_types_supported, ["code"]);
  assert.deepEqual(metadata.response_modes_supported, ["query", "fragment", "form_post"]);
  assert.deepEqual(metadata.grant_types_supported, [
    "authorization_code",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:device_code",
    "client_credentials",
  ]);
  assert.deepEqual(metadata.code_challenge_methods_supported, ["S256"]);
  assert.deepEqual(metadata.id_token_signing_alg_values_supported, ALGS);
  assert.deepEqual(metadata.userinfo_signing_alg_values_supported, ALGS);
  assert.deepEqual(metadata.token_endpoint_auth_methods_supported, [
    "none",
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
  ]);
  assert.deepEqual(metadata.subject_types_supported, ["public", "pairwise"]);
  assert.equal(metadata.authorization_response_iss_parameter_supported, true);
  // The default of this member is `true` (OpenID Connect Discovery §3).
  assert.equal(metadata.request_uri_parameter_supported, false);
  for (const scope of ["openid", "profile", "email", "address", "phone", "photos.read"])
    assert.ok(metadata.scopes_supported?.includes(scope), scope);
  const levels = ["urn:valetkey:single", "urn:valetkey:multi", "phr"];
  assert.deepEqual(metadata.acr_values_supported, levels);
});

test("every advertised grant type, response mode and prompt is accepted", async () => {
  const metadata = await metadataOf(root);
  const client = await root.addClient(WEB);
  for (const grant_type of metadata.grant_types_supported ?? []) {
    const { body } = await post(root, "/token", { client, grant_type });
    assert.notEqual(body.error, "unsupported_grant_type", grant_type);
  }
  const browser = testBrowser(root);
  for (const response_mode of metadata.response_modes_supported ?? []) {
    const page = await browser.get(authorizationUrl(client, { response_mode }));
    assert.equal(page.url.pathname, "/sign-in", response_mode);
  }
  assert.deepEqual(metadata.prompt_values_supported, [
    "none",
    "login",
    "consent",
    "select_account",
  ]);
  await using open = await testServer({ sign_up: true });
  assert.ok([(await metadataOf(open)).prompt_values_supported].flat().includes("create"));
  for (const prompt of ["login", "consent", "select_account", "login consent"]) {
    const page = await browser.get(authorizationUrl(client, { prompt }));
    assert.equal(page.url.pathname, "/sign-in", prompt);
  }
});

test("the published keys are public, have a kid, and cover every algorithm", async () => {
  await completeKeySet(root);
  const response = await get(root, "/jwks");
  assert.equal(response.headers.get("cache-control"), "public, max-age=300");
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  const { keys }: { keys: JWK[] } = JSON.parse(await response.text());
  assert.deepEqual(keys.map(({ alg }) => alg).sort(), [...ALGS].sort());
  assert.equal(new Set(keys.map(({ kid }) => kid)).size, 4);
  for (const key of keys) {
    assert.equal(key.use, "sig");
    for (const secret of ["d", "p", "q", "dp", "dq", "qi", "k"]) assert.equal(secret in key, false);
    await importJWK(key);
  }
});

test("acr_values_supported lists the configured names, and ID tokens carry one", async () => {
  await using server = await testServer({ acr: { single: "urn:example:gold" } });
  const metadata = await metadataOf(server);
  const levels = ["urn:example:gold", "urn:valetkey:multi", "phr"];
  assert.deepEqual(metadata.acr_values_supported, levels);
  assert.ok(metadata.claims_supported?.includes("acr"));
  const client = await server.addClient(WEB);
  await server.addUser("ada");
  const { id_token } = await tokensFor(server, client);
  assert.equal(decodeJwt(id_token).acr, "urn:example:gold");
});

test("HEAD returns the headers of a document only; other methods get 405 with Allow", async () => {
  for (const path of ["/jwks", "/.well-known/openid-configuration"]) {
    const head = await get(root, path, { method: "HEAD" });
    assert.equal(head.status, 200, path);
    assert.equal(await head.text(), "");
    const posted = await get(root, path, { method: "POST" });
    assert.equal(posted.status, 405);
    assert.match(posted.headers.get("allow") ?? "", /GET/);
  }
});

test("CORS preflights are allowed for client endpoints, never for pages", async () => {
  const preflight = (path: string) =>
    get(root, path, {
      method: "OPTIONS",
      headers: { origin: "https://spa.test", "access-control-request-method": "POST" },
    });
  const manyNames = Array.from({ length: 65 }, (_, i) => `x-${i}`).join(",");
  const allowedHeaders = async (path: string, names: string) => {
    const headers = { origin: "https://spa.test", "access-control-request-headers": names };
    const { headers: answer } = await get(root, path, { method: "OPTIONS", headers });
    return answer.get("access-control-allow-headers");
  };
  for (const path of [
    "/token",
    "/revoke",
    "/userinfo",
    "/jwks",
    "/.well-known/openid-configuration",
  ]) {
    const { status, headers } = await preflight(path);
    assert.equal(status, 204, path);
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.match(headers.get("access-control-allow-headers") ?? "", /authorization/);
    assert.equal(headers.get("access-control-allow-credentials"), null);
    for (const names of [
      "mcp-protocol-version",
      "x-requested-with",
      "authorization,traceparent",
      "user-agent",
      "cache-control",
      "baggage, sentry-trace , dpop",
    ])
      assert.equal(await allowedHeaders(path, names), names, path);
    for (const names of [
      "*",
      "a,*",
      "a b",
      "a,,b",
      "",
      ",",
      "a\u00e9",
      `${"x".repeat(101)}`,
      manyNames,
    ])
      assert.equal(
        await allowedHeaders(path, names),
        "authorization, content-type, dpop",
        names.slice(0, 20),
      );
  }
  for (const path of ["/authorize", "/sign-in", "/consent", "/account", "/introspect"]) {
    const { status, headers } = await preflight(path);
    assert.equal(status, 405, path);
    assert.equal(headers.get("access-control-allow-origin"), null);
  }
  const client = await root.addClient(NATIVE);
  const { headers } = await post(root, "/token", { client, grant_type: "refresh_token" });
  assert.equal(headers.get("access-control-allow-origin"), "*", "errors are readable too");
});

test("documents, tokens and keys are served for any host, pages for the issuer's host only", async () => {
  const client = await root.addClient(WEB);
  const elsewhere = (path: string, init?: RequestInit) =>
    root.fetch(new Request(`https://inside.test${path}`, init));
  const document = await elsewhere("/.well-known/openid-configuration");
  assert.deepEqual(await document.json(), await metadataOf(root));
  assert.equal((await elsewhere("/jwks")).status, 200);
  assert.equal((await elsewhere("/token", { method: "POST" })).status, 401);
  assert.equal((await elsewhere("/userinfo")).status, 401);
  const page = await elsewhere(authorizationUrl(client, { resource: SNAPS }));
  assert.equal(page.status, 421);
  assert.match(await page.text(), /https:\/\/as\.test\/authorize/);
  assert.equal((await elsewhere("/sign-in", { method: "POST" })).status, 421);
});
