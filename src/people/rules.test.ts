import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPerson, InvalidPerson, posesAsAddress } from "./rules.ts";

const ada = { username: "ada", login_email: null, claims: {} };

test("valid account data is accepted", () => {
  for (const given of [
    {},
    { login_email: "ada@x.test", claims: { email: "ada@x.test", email_verified: true } },
    { username: "ada@x.test", login_email: "ada@x.test" },
    { username: "ADA@x.test", login_email: "ada@X.TEST" },
    { claims: { locale: "de", address: { country: "DE" } } },
  ])
    checkPerson({ ...ada, ...given });
});

test("invalid account data is refused with its field", () => {
  for (const [given, parameter] of [
    [{ username: "a b" }, "username"],
    [{ username: "" }, "username"],
    [{ username: "ada@x.test" }, "username"],
    [{ username: "ada\uff20x.test" }, "username"],
    [{ username: "ada@x.test", login_email: "eve@x.test" }, "username"],
    [{ username: "ada@x.test", claims: { email: "ada@x.test" } }, "username"],
    [{ login_email: "nobody" }, "email"],
    [{ claims: { email: "nobody" } }, "email"],
    [{ claims: { sub: "x" } }, "claims"],
    [{ claims: { iss: "x", locale: "de" } }, "claims"],
    [{ claims: { grant_id: "x" } }, "claims"],
    [{ claims: { email_verified: "true" } }, "claims"],
    [{ claims: { picture: "javascript:alert(1)" } }, "claims"],
  ] as const)
    assert.throws(
      () => checkPerson({ ...ada, ...given }),
      { name: "InvalidPerson", parameter },
      JSON.stringify(given),
    );
});

test("a user name shaped like an address is accepted only as that account's verified address", () => {
  assert.equal(posesAsAddress("ada", null), false);
  assert.equal(posesAsAddress("ceo@corp.test", null), true);
  assert.equal(posesAsAddress("ceo@corp.test", "ada@x.test"), true);
  assert.equal(posesAsAddress("CEO@corp.test", "ceo@CORP.test"), false);
});

test("people 13: every mistake of an account is told at once", () => {
  const wrong = {
    ...{ username: "a b", login_email: "nobody" },
    claims: { email: "nobody", sub: "x", locale: 1 },
  };
  assert.throws(
    () => checkPerson(wrong),
    (error: unknown) => {
      assert.ok(error instanceof InvalidPerson);
      assert.equal(error.parameter, "username");
      for (const part of [
        "a b can't be a user name (",
        "nobody is not an e-mail address (it is written",
        "the claim sub is set by the server",
        "the claim locale must be",
      ])
        assert.equal(error.message.split(part).length, 2, `${part} in ${error.message}`);
      return true;
    },
  );
});

test("claims of a wrong type are refused all at once, with what is wanted", () => {
  const claims = {
    email_verified: "true",
    updated_at: "2026-01-01",
    address: "Main St 1",
    locale: "de",
  };
  assert.throws(() => checkPerson({ ...ada, claims }), {
    message:
      "the claim email_verified must be true or false; the claim updated_at must be a number of seconds since 1970; " +
      'the claim address must be an object of strings, such as {"country":"DE"}',
  });
});
