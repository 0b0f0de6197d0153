import assert from "node:assert/strict";
import { test } from "node:test";
import { claimsAsked, isClaimAllowed, parseClaimsRequest } from "./claims_request.ts";
import { claimOf, claimPermission, scopeOf, scopesOf } from "./permission.ts";

const ISSUER = "https://as.test";
const catalogue = {
  issuer: ISSUER,
  scopes: {
    groups: { text: "See your groups", claims: ["groups", "constructor"] },
    "photos.read": { text: "See your photos", claims: ["album"] },
  },
  resources: {
    "https://snaps.test/api": {
      ...{ name: "Snaps", scopes: ["photos.read"], access_token: "jwt" as const },
      ...{ access_token_signing_alg: "ES256" as const, open: false },
    },
  },
};
const ALL = ["openid", "profile", "email", "address", "phone", "groups", "photos.read"];
const parse = (value: unknown) => parseClaimsRequest(JSON.stringify(value));

test("names are read at both places, in order, whatever is asked about them", () => {
  // OpenID Connect Core §5.5.
  const asked = parse({
    userinfo: {
      given_name: { essential: true },
      nickname: null,
      email: { essential: true },
      "http://example.info/claims/groups": null,
    },
    id_token: {
      auth_time: { essential: true },
      acr: { values: ["urn:mace:incommon:iap:silver"] },
    },
  });
  assert.deepEqual(asked.userinfo, [
    ...["given_name", "nickname", "email"],
    "http://example.info/claims/groups",
  ]);
  assert.deepEqual(asked.id_token, ["auth_time", "acr"]);
  assert.deepEqual(asked.acr, { values: ["urn:mace:incommon:iap:silver"], essential: false });
  assert.equal(asked.sub, null);
  assert.deepEqual(parseClaimsRequest(undefined), parse({}));
});

test("sub is the person that either place names", () => {
  for (const place of ["userinfo", "id_token"]) {
    assert.equal(parse({ [place]: { sub: { value: "ada" } } }).sub, "ada");
    assert.equal(parse({ [place]: { sub: { values: ["ada", "eve"] } } }).sub, "ada");
    for (const odd of [null, {}, { value: 1 }, { value: ["ada"] }, { values: "ada" }, "ada"])
      assert.equal(parse({ [place]: { sub: odd } }).sub, null);
  }
});

test("acr is asked for with value or values, and essential only by true", () => {
  const acr = (member: unknown) => parse({ id_token: { acr: member } }).acr;
  assert.deepEqual(acr({ essential: true, value: "a" }), { values: ["a"], essential: true });
  assert.deepEqual(acr({ essential: "true", values: ["a", 1, "b"] }), {
    values: ["a", "b"],
    essential: false,
  });
  for (const nothing of [null, {}, { essential: true }, { values: [] }, { value: null }])
    assert.equal(acr(nothing), null);
  assert.equal(parse({ userinfo: { acr: { value: "a" } } }).acr, null);
});

test("H3: text that is no object, ambiguous, too deep or too long is invalid_request", () => {
  const deep = `${'{"a":'.repeat(40)}1${"}".repeat(40)}`;
  for (const text of [
    ...["", "x", "1", "null", '"a"', "[]", "{", "{}{}", '{"userinfo":}'],
    '{"userinfo":{"name":null,"name":null}}',
    '{"userinfo":{},"userinfo":{}}',
    '{"userinfo":{"__proto__":{"essential":true}}}',
    '{"__proto__":{"userinfo":{"name":null}}}',
    `{"id_token":${deep}}`,
    JSON.stringify({ userinfo: { name: { value: "x".repeat(4096) } } }),
  ])
    assert.throws(() => parseClaimsRequest(text), {
      error: "invalid_request",
      parameter: "claims",
    });
  assert.equal(Object.hasOwn(Object.prototype, "essential"), false);
});

test("H3: what is asked for in another shape is ignored", () => {
  for (const value of [
    { userinfo: null, id_token: "name" },
    { userinfo: ["name"], id_token: 1 },
    { other: { name: null }, constructor: { prototype: { name: null } } },
  ])
    assert.deepEqual(parse(value), parse({}));
  const { userinfo } = parse({ userinfo: { constructor: null, toString: null, name: 1 } });
  assert.deepEqual(userinfo, ["constructor", "toString", "name"]);
});

const asked = (names: { userinfo?: string[]; id_token?: string[] }, scopes: string[], may = ALL) =>
  claimsAsked(
    { userinfo: [], id_token: [], ...names },
    { permissions: scopes.map((name) => `${ISSUER} ${name}`), allowed_scope: may, catalogue },
  );

test("claims beyond the scopes of the request need a permission of their own, each once", () => {
  const names = { userinfo: ["name", "email", "groups"], id_token: ["email", "phone_number"] };
  const { claims, permissions } = asked(names, ["openid", "profile"]);
  assert.deepEqual(claims, names);
  assert.deepEqual(
    permissions,
    ["email", "groups", "phone_number"].map((name) => claimPermission(ISSUER, name)),
  );
  assert.deepEqual(asked(names, ["openid", "profile", "email", "phone", "groups"]).permissions, []);
});

test("unknown claims, those of an API and those of scopes that the client may not have are left out", () => {
  const names = { userinfo: ["favourite", "album", "iss", "name"], id_token: ["toString", "sub"] };
  assert.deepEqual(asked(names, ["openid"]).claims, { userinfo: ["name"], id_token: [] });
  const few = asked({ userinfo: ["name", "email"] }, ["openid"], ["openid", "email"]);
  assert.deepEqual(few.claims.userinfo, ["email"]);
  assert.deepEqual(few.permissions, [claimPermission(ISSUER, "email")]);
  assert.equal(isClaimAllowed("name", ["openid", "email"], catalogue), false);
  assert.equal(isClaimAllowed("constructor", ["groups"], catalogue), true);
  assert.equal(isClaimAllowed("toString", ALL, catalogue), false);
});

test("without openid there is nothing to put claims into", () => {
  const { claims, permissions } = asked({ userinfo: ["name"], id_token: ["name"] }, ["profile"]);
  assert.deepEqual([claims, permissions], [{ userinfo: [], id_token: [] }, []]);
});

test("the permission for a claim is no scope, and no scope is one", () => {
  const permission = claimPermission(ISSUER, "name");
  assert.equal(claimOf(permission), "name");
  assert.equal(scopeOf(permission), null);
  assert.deepEqual(scopesOf([permission, `${ISSUER} openid`]), ["openid"]);
  for (const other of [ISSUER, `${ISSUER} claim`, `${ISSUER} openid`, `${ISSUER} claims.read`])
    assert.equal(claimOf(other), null, other);
  assert.equal(scopeOf(`${ISSUER} claim`), "claim");
});
