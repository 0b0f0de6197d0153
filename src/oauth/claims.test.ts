import assert from "node:assert/strict";
import { test } from "node:test";
import {
  claimsAt,
  claimsOfScope,
  hasValue,
  RESERVED_CLAIMS,
  SCOPE_CLAIMS,
  wantedInstead,
  worthAsking,
} from "./claims.ts";
import type { Catalogue } from "./resource_indicator.ts";

const ISSUER = "https://as.test";
const API = "https://api.test";
const OTHER = "https://other.test";
const api = {
  name: "x",
  access_token: "jwt",
  access_token_signing_alg: "ES256",
  open: false,
} as const;
const catalogue: Catalogue = {
  issuer: ISSUER,
  scopes: {
    groups: { text: "See your groups", claims: ["groups", "roles"] },
    staff: { text: "See where you work", claims: ["department", "email"] },
    "photos.read": { text: "See your photos", claims: ["album"] },
    "jobs:run": { text: "Run jobs", claims: [] },
  },
  resources: {
    [API]: { ...api, scopes: ["photos.read"] },
    [OTHER]: { ...api, scopes: [] },
  },
};

test("a scope gives the claims of OpenID Connect, or those that the configuration names", () => {
  for (const [name, expected] of [
    ["openid", []],
    ["email", ["email", "email_verified"]],
    ["groups", ["groups", "roles"]],
    ["jobs:run", []],
    ["unknown", []],
    ["constructor", []],
    ["__proto__", []],
    ["toString", []],
  ] as const)
    assert.deepEqual(claimsOfScope(name, catalogue), expected, name);
});

test("claims of the issuer's scopes are the app's, those of an API's scopes are that API's", () => {
  const scope = ["openid", "email", "staff", "photos.read"];
  assert.deepEqual(claimsAt(ISSUER, scope, catalogue), ["email", "email_verified", "department"]);
  assert.deepEqual(claimsAt(API, scope, catalogue), ["album"]);
  assert.deepEqual(claimsAt(OTHER, scope, catalogue), []);
  assert.deepEqual(claimsAt("https://unknown.test", scope, catalogue), []);
});

test("empty values count as none; false, 0 and objects of any class do not", () => {
  for (const value of [undefined, null, "", {}, []]) assert.equal(hasValue(value), false);
  for (const value of [false, 0, " ", [0], { a: null }, new Date(), new Map()])
    assert.equal(hasValue(value), true);
});

test("I11: no scope releases a claim reserved for the server", () => {
  const names = Object.values(SCOPE_CLAIMS).flat();
  assert.deepEqual(
    names.filter((name) => RESERVED_CLAIMS.has(name)),
    [],
  );
});

test("the claims of each scope are those of OpenID Connect Core §5.4", () => {
  assert.deepEqual(SCOPE_CLAIMS, {
    profile:
      "name family_name given_name middle_name nickname preferred_username profile picture website gender birthdate zoneinfo locale updated_at".split(
        " ",
      ),
    email: ["email", "email_verified"],
    address: ["address"],
    phone: ["phone_number", "phone_number_verified"],
  });
});

test("each standard claim has the type of OpenID Connect Core §5.1", () => {
  const of_type: [unknown, string[]][] = [
    [true, ["email_verified", "phone_number_verified"]],
    [1_700_000_000, ["updated_at"]],
    [{ country: "DE" }, ["address"]],
    ["ada@example.com", ["email"]],
    ["1815-12-10", ["birthdate"]],
    ["https://example.com/ada", ["profile", "picture", "website"]],
  ];
  const special = of_type.flatMap(([, names]) => names);
  const texts = Object.values(SCOPE_CLAIMS)
    .flat()
    .filter((name) => !special.includes(name));
  of_type.push(["any text", texts]);
  for (const [value, names] of of_type)
    for (const name of names) assert.equal(wantedInstead(name, value), null, name);
  for (const name of Object.values(SCOPE_CLAIMS).flat())
    for (const [value, names] of of_type) {
      const fits =
        names.includes(name) || (typeof value === "string" && texts.includes(name)) || false;
      if (!fits) assert.notEqual(wantedInstead(name, value), null, `${name} ${value}`);
    }
});

const BIRTHDATE = "a date such as 1815-12-10, 0000-12-10 without the year, or a year alone";

test("a birthdate may lack its year, or have nothing else", () => {
  for (const value of ["1815-12-10", "0000-12-10", "1815"])
    assert.equal(wantedInstead("birthdate", value), null, value);
});

test("a claim of the wrong type is refused with the type that is wanted", () => {
  for (const [name, value, wanted] of [
    ["email_verified", "true", "true or false"],
    ["phone_number_verified", 1, "true or false"],
    ["updated_at", "2026-01-01", "a number of seconds since 1970"],
    ["updated_at", Number.NaN, "a number of seconds since 1970"],
    ["updated_at", new Date(), "a number of seconds since 1970"],
    ["address", "Main St 1", 'an object of strings, such as {"country":"DE"}'],
    ["address", ["Main St 1"], 'an object of strings, such as {"country":"DE"}'],
    ["address", { postal_code: 12345 }, 'an object of strings, such as {"country":"DE"}'],
    ["name", {}, "a string"],
    ["locale", ["de"], "a string"],
    ["phone_number", 4420, "a string"],
    ["birthdate", 18151210, BIRTHDATE],
    ["birthdate", "10.12.1815", BIRTHDATE],
    ["birthdate", "1815-13-10", BIRTHDATE],
    ["email", "ada", "an e-mail address"],
    ["picture", "javascript:alert(1)", "a web address"],
    ["picture", "data:image/png;base64,AA==", "a web address"],
    ["website", "//example.com", "a web address"],
    ["groups", undefined, "a value that JSON can hold"],
    ["groups", 1n, "a value that JSON can hold"],
    ["groups", () => 1, "a value that JSON can hold"],
    ["groups", [new Date()], "a value that JSON can hold"],
  ] as const)
    assert.equal(wantedInstead(name, value), wanted, `${name} ${String(value)}`);
  for (const value of ["admins", ["admins"], 7, true, { of: ["x"] }, null])
    assert.equal(wantedInstead("groups", value), null);
});

test("a scope whose claims the account has not got is not worth asking for", () => {
  const asked = ["openid", "profile", "email", "phone", "groups", "jobs:run"];
  const permissions = [...asked.map((name) => `${ISSUER} ${name}`), `${API} photos.read`, OTHER];
  const worth = (claims: object) => worthAsking(permissions, { ...claims }, catalogue);
  const always = [`${ISSUER} openid`, `${ISSUER} jobs:run`, `${API} photos.read`, OTHER];
  assert.deepEqual(worth({}), always);
  assert.deepEqual(worth({ email: "", phone_number: null, groups: [], roles: undefined }), always);
  // A claim of a wrong type counts as absent, too.
  assert.deepEqual(worth({ email: "nobody", updated_at: "today" }), always);
  const all = { email_verified: false, name: "Ada", phone_number: "1", roles: ["x"] };
  assert.deepEqual(worth(all), permissions);
  assert.deepEqual(worthAsking([`${ISSUER} phone`], {}, catalogue), [`${ISSUER} phone`]);
});
