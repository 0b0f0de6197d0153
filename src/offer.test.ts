import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "./config.ts";
import { FEATURES, featuresOf } from "./features.ts";
import { endpointsOf, offerOf, routesOf } from "./offer.ts";
import { languages } from "./pages/texts.ts";

function documentOf(issuer: string, acr = {}) {
  const config = parseConfig({ issuer, acr, scopes: { "photos.read": "x" } });
  const catalogue = { issuer, scopes: config.scopes, resources: {} };
  const described = { catalogue, settings: config, languages: languages({}) };
  return offerOf(featuresOf(config), described).metadata;
}
const document = documentOf("https://as.test");

const isStrings = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string");

test("RFC 8414 §2: required members and everything we support", () => {
  assert.equal(document.issuer, "https://as.test");
  for (const name of ["authorization_endpoint", "token_endpoint", "jwks_uri"])
    assert.match(String(document[name]), /^https:\/\/as\.test\/[a-z]+$/);
  for (const name of [
    "response_types_supported",
    "scopes_supported",
    "response_modes_supported",
    "grant_types_supported",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "revocation_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
    "introspection_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "code_challenge_methods_supported",
  ])
    assert.ok(isStrings(document[name]), name);
});

test("OpenID Connect Discovery §3: required members", () => {
  for (const name of [
    "response_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "claims_supported",
    "scopes_supported",
  ])
    assert.ok(isStrings(document[name]), name);
  assert.ok([document.id_token_signing_alg_values_supported].flat().includes("RS256"));
  assert.ok([document.scopes_supported].flat().includes("openid"));
  assert.match(String(document.userinfo_endpoint), /^https:/);
  // Their defaults are true or differ from our behaviour, so they must be stated.
  assert.equal(document.request_uri_parameter_supported, false);
  assert.equal(document.request_parameter_supported, true);
  assert.equal(document.claims_parameter_supported, true);
  assert.ok("grant_types_supported" in document && "response_modes_supported" in document);
});

test("J9: unsafe or unsupported features are not advertised", () => {
  assert.equal(document.authorization_response_iss_parameter_supported, true);
  assert.deepEqual(document.code_challenge_methods_supported, ["S256"]);
  assert.deepEqual(document.response_types_supported, ["code"]);
  for (const [name, value] of Object.entries(document)) {
    if (name.includes("_alg_values_"))
      assert.doesNotMatch(JSON.stringify(value), /"(none|HS\d+)"/i);
    assert.ok(value !== undefined && value !== null, name);
    if (Array.isArray(value)) assert.equal(new Set(value).size, value.length, name);
  }
  assert.ok(![document.introspection_endpoint_auth_methods_supported].flat().includes("none"));
  assert.ok(!("registration_endpoint" in document));
});

test("the document survives JSON", () => {
  assert.deepEqual(JSON.parse(JSON.stringify(document)), document);
});

test("configured scopes and authentication contexts are listed", () => {
  assert.ok([document.scopes_supported].flat().includes("photos.read"));
  assert.deepEqual(document.acr_values_supported, [
    "urn:valetkey:single",
    "urn:valetkey:multi",
    "phr",
  ]);
  const more = documentOf("https://as.test", { single: "urn:example:one" });
  assert.deepEqual(more.acr_values_supported, ["urn:example:one", "urn:valetkey:multi", "phr"]);
  assert.ok([more.claims_supported].flat().includes("acr"));
  assert.deepEqual(more.ui_locales_supported, ["en", "de"]);
});

test("M7: endpoints are below the issuer, which may have a path", () => {
  for (const issuer of ["https://as.test", "https://as.test/tenant/a", "http://127.0.0.1:4000"]) {
    const described = documentOf(issuer);
    assert.equal(described.issuer, issuer);
    const on = featuresOf(parseConfig({ issuer }));
    const routes = routesOf(on, issuer).map(({ path }) => new URL(path, issuer).href);
    for (const { name, path } of endpointsOf(on)) {
      assert.equal(described[name], issuer + path);
      assert.ok(routes.includes(issuer + path), "every advertised path has a route");
    }
  }
});

test("features have distinct names, grant types, client authentication methods and paths", () => {
  const names = (read: (feature: (typeof FEATURES)[number]) => string | undefined) =>
    FEATURES.map(read).filter((name) => name !== undefined);
  for (const all of [
    names(({ name }) => name),
    names(({ grant }) => grant?.grant_type),
    names(({ client_auth }) => client_auth?.name),
    routesOf(FEATURES, "https://as.test").map(({ path }) => path),
    endpointsOf(FEATURES).map(({ name }) => name),
  ])
    assert.equal(new Set(all).size, all.length);
});
