import assert from "node:assert/strict";
import { test } from "node:test";
import { claimsForScope, RESERVED_CLAIMS, SCOPE_CLAIMS } from "./claims.ts";

const ada = {
  name: "Ada Lovelace",
  nickname: "",
  gender: null,
  birthdate: undefined,
  updated_at: 0,
  email: "ada@x.test",
  email_verified: false,
  address: {},
  phone_number: "+44 1",
  role: "admin",
  sub: "somebody else",
  iss: "https://evil.test",
};

test("each scope releases its own claims; those without a value are left out", () => {
  for (const [scope, expected] of [
    [["openid"], {}],
    [["openid", "profile"], { name: "Ada Lovelace", updated_at: 0 }],
    [["email"], { email: "ada@x.test", email_verified: false }],
    [["address"], {}],
    [["phone"], { phone_number: "+44 1" }],
    [["photos.read", "role", "sub"], {}],
    [["constructor", "__proto__", "toString"], {}],
    [[], {}],
  ] as const)
    assert.deepEqual(claimsForScope(scope, ada), expected);
  const address = { locality: "London" };
  assert.deepEqual(claimsForScope(["address"], { address }), { address });
  assert.deepEqual(claimsForScope(["address"], { address: [] }), {});
});

test("I11: no scope releases a claim reserved for the server", () => {
  const names = Object.values(SCOPE_CLAIMS).flat();
  assert.deepEqual(
    names.filter((name) => RESERVED_CLAIMS.has(name)),
    [],
  );
  const all = claimsForScope(Object.keys(SCOPE_CLAIMS), ada);
  assert.deepEqual(
    Object.keys(all).filter((name) => RESERVED_CLAIMS.has(name)),
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
