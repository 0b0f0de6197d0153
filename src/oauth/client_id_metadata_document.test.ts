import assert from "node:assert/strict";
import { test } from "node:test";
import { RULES } from "../../test/support/client_rules.ts";
import {
  documentUrlProblem,
  isHostAllowed,
  looksLikeDocumentUrl,
  parseMetadataDocument,
} from "./client_id_metadata_document.ts";

const URL_A = "https://app.test/oauth/client.json";
const KEY = { kty: "EC", crv: "P-256", x: "x", y: "y" };
const DOCUMENT = {
  client_id: URL_A,
  client_name: "App",
  redirect_uris: ["https://app.test/cb"],
};

test("the URL of a document is https with a path, in one spelling (§3)", () => {
  const problem = (url: string, allow_loopback = false) =>
    documentUrlProblem(url, { allow_loopback });
  for (const url of [
    URL_A,
    "https://app.test/c",
    "https://app.test:8443/c",
    "https://app.test/c?v=1",
    "https://xn--bcher-kva.test/c",
    "https://192.0.2.1/c",
  ])
    assert.equal(problem(url), null, url);
  for (const url of [
    "http://app.test/c",
    "https://app.test",
    "https://app.test/",
    "https://app.test?c",
    "https://app.test/#c",
    "https://app.test/c#",
    "https://app.test/c#f",
    "https://ada@app.test/c",
    "https://ada:pw@app.test/c",
    "https://@app.test/c",
    "https://app.test/./c",
    "https://app.test/a/../c",
    "https://app.test/a/..",
    "https://app.test/%2e%2e/c",
    "https://app.test/%2E/c",
    "https://App.test/c",
    "https://app.test./c",
    "https://app.test.:8443/c",
    "https://192.0.2.1./c",
    "HTTPS://app.test/c",
    "https://app.test:443/c",
    "https:/app.test/c",
    "https:app.test/c",
    "https://app.test\\c",
    "https://app.test/c d",
    "https://app.test/ü",
    "https://bücher.test/c",
    "https://0x7f.1/c",
    " https://app.test/c",
    "https://app.test/c\n",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "app",
    `https://app.test/${"c".repeat(500)}`,
  ])
    assert.notEqual(problem(url), null, url);
  for (const url of ["http://127.0.0.1:4000/c", "http://localhost:1/c", "http://[::1]:1/c"]) {
    assert.equal(problem(url, true), null, url);
    assert.notEqual(problem(url), null, url);
  }
  assert.notEqual(problem("http://app.test/c", true), null);
});

test("only a URL is looked at as a document", () => {
  for (const client_id of ["https://app.test/c", "HTTP://app.test"])
    assert.equal(looksLikeDocumentUrl(client_id), true);
  for (const client_id of ["app", "https", "x https://app.test/c", "com.example:/x"])
    assert.equal(looksLikeDocumentUrl(client_id), false);
});

test("the lists of hosts: denied ones win, and a star stands for names below", () => {
  for (const [url, allow, deny, expected] of [
    [URL_A, [], [], true],
    [URL_A, ["app.test"], [], true],
    [URL_A, ["*.app.test"], [], false],
    ["https://a.app.test/c", ["*.app.test"], [], true],
    ["https://a.b.app.test/c", ["*.app.test"], [], true],
    ["https://evilapp.test/c", ["*.app.test", "app.test"], [], false],
    ["https://app.test.evil.test/c", ["*.app.test", "app.test"], [], false],
    [URL_A, [], ["app.test"], false],
    [URL_A, ["app.test"], ["app.test"], false],
    ["https://a.app.test/c", ["*.app.test"], ["a.app.test"], false],
    ["https://app.test:8443/c", [], ["app.test"], false],
  ] as const)
    assert.equal(isHostAllowed(url, { allow, deny }), expected, `${url} ${allow} ${deny}`);
});

test("the document names its own URL, and holds nothing secret (§4.1)", () => {
  for (const document of [
    null,
    [],
    "text",
    {},
    { ...DOCUMENT, client_id: undefined },
    { ...DOCUMENT, client_id: "https://app.test/oauth/other.json" },
    { ...DOCUMENT, client_id: `${URL_A}/` },
    { ...DOCUMENT, client_id: [URL_A] },
    { ...DOCUMENT, client_secret: "s" },
    { ...DOCUMENT, client_secret: null },
    { ...DOCUMENT, client_secret_expires_at: 0 },
    { ...DOCUMENT, token_endpoint_auth_method: "client_secret_basic" },
    { ...DOCUMENT, token_endpoint_auth_method: "client_secret_post" },
    { ...DOCUMENT, token_endpoint_auth_method: "client_secret_jwt" },
    { ...DOCUMENT, token_endpoint_auth_method: "private_key_jwt" },
    { ...DOCUMENT, jwks: { keys: [{ kty: "oct", k: "AAAA" }] } },
    { ...DOCUMENT, jwks: { keys: [{ ...KEY, d: "d" }] } },
    { ...DOCUMENT, jwks: { keys: [KEY] }, jwks_uri: "https://app.test/jwks" },
    { ...DOCUMENT, jwks_uri: "http://app.test/jwks" },
    { ...DOCUMENT, redirect_uris: [] },
    { ...DOCUMENT, redirect_uris: ["https://app.test/cb", "javascript:alert(1)"] },
    { ...DOCUMENT, redirect_uris: ["cursor://callback"] },
    { ...DOCUMENT, grant_types: ["client_credentials"] },
    { ...DOCUMENT, grant_types: ["implicit"] },
    { ...DOCUMENT, sector_identifier_uri: "https://app.test/sector" },
  ])
    assert.throws(
      () => parseMetadataDocument(document, URL_A, { ...RULES, short_schemes: [] }),
      { name: "OAuthError" },
      JSON.stringify(document),
    );
});

test("unknown members, and those that only operators decide, are left out", () => {
  const read = (more: object) => parseMetadataDocument({ ...DOCUMENT, ...more }, URL_A, RULES);
  const plain = read({});
  assert.equal(plain.token_endpoint_auth_method, "none");
  assert.deepEqual(plain.grant_types, ["authorization_code"]);
  const extra = { "x-unknown": 1, trusted: true, resource: "https://a.test/", client_uri: null };
  assert.deepEqual(
    read({ ...extra, resources: ["https://a.test/"], id_token_claims: "none" }),
    plain,
  );
  assert.deepEqual(read({ legacy_assertion_audience: true, required_acr: "multi" }), plain);
  assert.equal(read({ subject_type: "pairwise" }).subject_type, "pairwise");
  // A client that publishes keys is expected to use them.
  assert.equal(read({ jwks: { keys: [KEY] } }).token_endpoint_auth_method, "private_key_jwt");
  assert.equal(
    read({ jwks_uri: "https://app.test/jwks" }).token_endpoint_auth_method,
    "private_key_jwt",
  );
  const legacy = {
    grant_types: ["authorization_code", "refresh_token", "client_credentials", "implicit"],
    response_types: ["code", "token", "code id_token"],
  };
  assert.deepEqual(read(legacy).grant_types, ["authorization_code", "refresh_token"]);
  assert.deepEqual(read(legacy).response_types, ["code"]);
});
