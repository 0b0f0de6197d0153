import assert from "node:assert/strict";
import { test } from "node:test";
import { type Catalogue, checkResources, findResource, knowsScope } from "./resource_indicator.ts";

const ISSUER = "https://as.test";
const SNAPS = "https://snaps.test/api";
const PRINTS = "https://prints.test/api";
const x = { text: "x", claims: [] };
const resource = { name: "x", access_token_signing_alg: "ES256" as const, open: false };
const catalogue: Catalogue = {
  issuer: ISSUER,
  scopes: { "photos.read": x, "photos.write": x, "prints.order": x, shared: x, notes: x },
  resources: {
    [SNAPS]: {
      ...resource,
      scopes: ["photos.read", "photos.write", "shared"],
      access_token: "jwt",
    },
    [PRINTS]: { ...resource, scopes: ["prints.order", "shared"], access_token: "opaque" },
  },
};

test("requested resources must be known and unique; the issuer names itself", () => {
  assert.deepEqual(checkResources([], catalogue), []);
  assert.deepEqual(checkResources([SNAPS], catalogue), [SNAPS]);
  assert.deepEqual(checkResources([SNAPS, PRINTS, SNAPS], catalogue), [SNAPS, PRINTS]);
  assert.deepEqual(checkResources([ISSUER, SNAPS], catalogue), [ISSUER, SNAPS]);
  for (const uri of [
    "https://unknown.test/api",
    `${SNAPS}/`,
    `${SNAPS}?x=1`,
    `${SNAPS}#x`,
    `${SNAPS}#`,
    SNAPS.toUpperCase(),
    `${ISSUER}//`,
    "snaps",
    "/api",
    "",
    "__proto__",
    "constructor",
    "urn:constructor",
    `https://${"x".repeat(10_000)}`,
  ]) {
    assert.throws(() => checkResources([uri], catalogue), { error: "invalid_target" }, uri);
    assert.throws(() => checkResources([SNAPS, uri], catalogue), { error: "invalid_target" }, uri);
  }
});

test("at the root of an origin the slash is optional, and the configured spelling is used", () => {
  const root = {
    issuer: ISSUER,
    scopes: { "a.read": x },
    resources: {
      "https://mcp.test": {
        name: "A",
        scopes: ["a.read"],
        access_token: "jwt",
        access_token_signing_alg: "ES256",
        open: false,
      },
    },
  } as const;
  assert.deepEqual(checkResources(["https://mcp.test/"], root), ["https://mcp.test"]);
  assert.deepEqual(checkResources([`${ISSUER}/`], root), [ISSUER]);
});

test("inherited property names are not resources", () => {
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    assert.equal(findResource(catalogue, name), undefined);
    assert.equal(knowsScope(catalogue, name), false);
  }
  assert.equal(knowsScope(catalogue, "openid"), true);
  assert.equal(knowsScope(catalogue, "photos.read"), true);
});
