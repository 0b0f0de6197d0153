import assert from "node:assert/strict";
import { test } from "node:test";
import { assertLinearTime } from "../../test/support/linear_time.ts";
import { bearerChallenge, parseBearer } from "./bearer.ts";
import { OAuthError } from "./errors.ts";

test("a bearer token is parsed from the Authorization header", () => {
  for (const [header, expected] of [
    ["Bearer abc", "abc"],
    ["bearer abc", "abc"],
    ["BEARER abc", "abc"],
    ["Bearer   abc  ", "abc"],
    ["Bearer a.b-c_d~e+f/g==", "a.b-c_d~e+f/g=="],
    ["Bearer vka_AbC", "vka_AbC"],
    [undefined, null],
    ["", null],
    ["Bearer", null],
    ["Bearer ", null],
    ["Bearerabc", null],
    ["Bearer a b", null],
    ["Bearer a,b", null],
    ['Bearer "abc"', null],
    ["Bearer abc\n", null],
    ["Bearer\tabc", null],
    [" Bearer abc", null],
    ["Bearer \u00e4", null],
    ["Basic abc", null],
    ["DPoP abc", null],
    ["Bearer abc, Bearer def", null],
  ] as const)
    assert.equal(parseBearer(header), expected, header ?? "none");
});

test("a long header is read in linear time", async () => {
  for (const unit of [" ", "a"])
    await assertLinearTime(
      (size) => assert.equal(parseBearer(`Bearer ${unit.repeat(size)}!`), null),
      { size: 100_000, name: unit },
    );
});

test("the challenge names an error only if there was a token", () => {
  assert.equal(bearerChallenge("https://as.test"), 'Bearer realm="https://as.test"');
  assert.equal(
    bearerChallenge("https://as.test", new OAuthError("invalid_token", "it has ended")),
    'Bearer realm="https://as.test", error="invalid_token", error_description="it has ended"',
  );
  assert.equal(
    bearerChallenge("https://as.test", new OAuthError("insufficient_scope", "no"), "openid"),
    'Bearer realm="https://as.test", error="insufficient_scope", error_description="no", scope="openid"',
  );
});
