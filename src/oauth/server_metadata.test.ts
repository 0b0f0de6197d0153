import assert from "node:assert/strict";
import { test } from "node:test";
import {
  authMembers,
  metadataPaths,
  openIdMembers,
  provingMethods,
  serverMetadata,
} from "./server_metadata.ts";

const NONE = { name: "none", signing_algs: [] };
const POST = { name: "client_secret_post", signing_algs: [] };
const JWT = { name: "private_key_jwt", signing_algs: ["ES256", "PS256"] };

test("the document is composed of its parts, each address below the issuer", () => {
  const pieces = {
    endpoints: { token_endpoint: "/token" },
    accepted: { grant_types: ["g"], response_types: ["code"] },
    members: [{ a: [1] }, {}, { b: false }],
  };
  for (const [issuer, token_endpoint] of [
    ["https://as.test", "https://as.test/token"],
    ["https://as.test/", "https://as.test/token"],
    ["https://as.test/id", "https://as.test/id/token"],
  ] as const)
    assert.deepEqual(serverMetadata({ ...pieces, issuer }), {
      issuer,
      token_endpoint,
      grant_types_supported: ["g"],
      response_types_supported: ["code"],
      a: [1],
      b: false,
    });
});

test("algorithms are listed only for methods that sign (RFC 8414 §2)", () => {
  assert.deepEqual(authMembers("token_endpoint", [NONE, JWT]), {
    token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
    token_endpoint_auth_signing_alg_values_supported: ["ES256", "PS256"],
  });
  assert.deepEqual(authMembers("revocation_endpoint", [NONE]), {
    revocation_endpoint_auth_methods_supported: ["none"],
  });
  assert.deepEqual(provingMethods([NONE, POST, JWT]), [POST, JWT]);
});

test("authentication contexts are listed if there are any", () => {
  const api = { name: "x", access_token: "jwt", access_token_signing_alg: "ES256" } as const;
  const catalogue = {
    issuer: "https://as.test",
    scopes: {
      "photos.read": { text: "x", claims: ["album"] },
      groups: { text: "x", claims: ["groups", "email"] },
    },
    resources: { "https://api.test": { ...api, scopes: ["photos.read"], open: false } },
  };
  const described = { catalogue, ui_locales: ["en"] };
  const without = openIdMembers({ ...described, acr_values: [] });
  assert.ok(!("acr_values_supported" in without));
  assert.ok(![without.claims_supported].flat().includes("acr"));
  const some = openIdMembers({ ...described, acr_values: ["urn:mfa"] });
  assert.deepEqual(some.acr_values_supported, ["urn:mfa"]);
  assert.ok([some.claims_supported].flat().includes("acr"));
  assert.ok([some.scopes_supported].flat().includes("photos.read"));
  // Each claim that a client of the server itself can get, once; what an API gets is no claim of an ID token.
  const claims = [some.claims_supported].flat();
  assert.equal(claims.filter((name) => name === "email" || name === "groups").length, 2);
  assert.ok(!claims.includes("album"));
});

test("M6: the issuer's path goes after the well-known part, and before it", () => {
  assert.deepEqual(metadataPaths("https://as.test"), [
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
  ]);
  assert.deepEqual(metadataPaths("https://as.test/id"), [
    "/.well-known/oauth-authorization-server/id", // RFC 8414 §3.1
    "/id/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration/id", // RFC 8414 §5
    "/id/.well-known/openid-configuration", // OpenID Connect Discovery §4.1
  ]);
});
