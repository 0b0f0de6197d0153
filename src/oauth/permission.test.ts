import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apisOf,
  isPermitted,
  permissionOf,
  permissionsAsked,
  permitted,
  resourceOf,
  scopeOf,
  scopesAt,
  scopesOf,
  union,
  without,
} from "./permission.ts";
import type { Catalogue } from "./resource_indicator.ts";

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

const read = `${SNAPS} photos.read`;

test("a permission is a resource with a scope, or the resource alone", () => {
  for (const [resource, scope] of [
    [SNAPS, "photos.read"],
    [SNAPS, null],
    [ISSUER, "https://scope.test/with:everything"],
  ] as const) {
    const permission = permissionOf(resource, scope);
    assert.equal(resourceOf(permission), resource);
    assert.equal(scopeOf(permission), scope);
  }
});

test("a requested scope belongs to the named resources; without any, to the first API that lists it", () => {
  for (const [scope, resources, expected] of [
    [["openid", "photos.read"], [], [`${ISSUER} openid`, read]],
    [["photos.read", "openid"], [], [read, `${ISSUER} openid`]],
    [["shared"], [], [`${SNAPS} shared`]],
    [["shared"], [PRINTS], [`${PRINTS} shared`]],
    [["shared"], [PRINTS, SNAPS], [`${PRINTS} shared`, `${SNAPS} shared`]],
    [["photos.read", "notes"], [PRINTS], [`${ISSUER} notes`, PRINTS]],
    [["openid"], [SNAPS], [`${ISSUER} openid`, SNAPS]],
    [["openid", "photos.read"], [ISSUER], [`${ISSUER} openid`]],
    [["photos.read"], [ISSUER, SNAPS], [read]],
    [[], [], []],
  ] as const)
    assert.deepEqual(permissionsAsked(scope, resources, catalogue), expected);
});

test("names, APIs and scopes of a list are unique and in order", () => {
  const all = [`${PRINTS} shared`, `${ISSUER} openid`, `${SNAPS} shared`, read, SNAPS];
  assert.deepEqual(scopesOf(all), ["shared", "openid", "photos.read"]);
  assert.deepEqual(apisOf(all, catalogue), [PRINTS, SNAPS]);
  assert.deepEqual(scopesAt(all, SNAPS), ["shared", "photos.read"]);
  assert.deepEqual(scopesAt(all, "https://snaps.test"), []);
});

test("the same scope of another API is a different permission; any scope permits its API", () => {
  assert.equal(isPermitted([`${PRINTS} shared`], [`${SNAPS} shared`]), false);
  assert.equal(isPermitted([SNAPS], [read]), true);
  assert.equal(isPermitted([read], [SNAPS]), false);
  assert.deepEqual(permitted([SNAPS, PRINTS, read], [read]), [SNAPS, read]);
  assert.deepEqual(union([read], [SNAPS, read]), [read, SNAPS]);
  assert.deepEqual(without([read, SNAPS], [SNAPS]), [read]);
});
