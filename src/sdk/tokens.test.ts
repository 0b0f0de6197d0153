import assert from "node:assert/strict";
import { test } from "node:test";
import { claimsOf, headerOf } from "./tokens.ts";

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

test("the parts of a JWT are read, in any script", () => {
  const jwt = `${encode({ alg: "ES256" })}.${encode({ name: "Zoë 石?>" })}.x`;
  assert.deepEqual(headerOf(jwt), { alg: "ES256" });
  assert.deepEqual(claimsOf(jwt), { name: "Zoë 石?>" });
});

test("anything else is refused without showing it", () => {
  for (const text of ["", "s3cret", "a.b.c", `.${encode([1])}.`, `.${encode("text")}.`])
    assert.throws(
      () => claimsOf(text),
      (error: Error) => {
        assert.match(error.message, /^invalid_response: .*not a JWT/);
        assert.doesNotMatch(error.message, /s3cret/);
        return true;
      },
    );
});
