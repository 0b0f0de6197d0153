import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatScope, isOpenIdScope, isScopeToken, isWithin, parseScope, within } from "./scope.ts";

test("scope is a list of space-separated tokens, each once", () => {
  for (const [text, expected] of [
    ["openid", ["openid"]],
    ["openid profile", ["openid", "profile"]],
    ["b a", ["b", "a"]],
    ["a a b a", ["a", "b"]],
    [" a  b ", ["a", "b"]],
    ["A a", ["A", "a"]],
    ["urn:x:y/z?q=1&r", ["urn:x:y/z?q=1&r"]],
    ["!#$%&'()*+,-./:;<=>?@[]^_`{|}~", ["!#$%&'()*+,-./:;<=>?@[]^_`{|}~"]],
    ["__proto__ constructor", ["__proto__", "constructor"]],
    ["x".repeat(200), ["x".repeat(200)]],
  ] as const)
    assert.deepEqual(parseScope(text), expected);
});

test("characters that RFC 6749 forbids in a scope are refused", () => {
  for (const text of [
    "",
    " ",
    'a"b',
    "a\\b",
    "a\tb",
    "a\nb",
    "a\u00a0b",
    "caf\u00e9",
    "a\0",
    "a\u007f",
    "\u{1f511}",
    "x".repeat(201),
  ])
    assert.throws(() => parseScope(text), { error: "invalid_scope" }, JSON.stringify(text));
});

test("a formatted scope parses back to the same list", () => {
  const token = fc
    .string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)),
      minLength: 1,
      maxLength: 9,
    })
    .filter(isScopeToken);
  fc.assert(
    fc.property(fc.uniqueArray(token, { minLength: 1 }), (scope) => {
      assert.deepEqual(parseScope(formatScope(scope)), scope);
    }),
  );
});

test("within keeps common elements in the order of the first list", () => {
  for (const [scope, bound, kept, all] of [
    [["a", "b"], ["b", "a", "c"], ["a", "b"], true],
    [["a", "b"], ["b"], ["b"], false],
    [["a"], [], [], false],
    [[], [], [], true],
    [[], ["a"], [], true],
    [["ab"], ["a", "b"], [], false],
  ] as const) {
    assert.deepEqual(within(scope, bound), kept);
    assert.equal(isWithin(scope, bound), all);
  }
});

test("OpenID Connect scopes are recognized by their exact names", () => {
  for (const name of ["openid", "profile", "email", "address", "phone", "offline_access"])
    assert.equal(isOpenIdScope(name), true);
  for (const name of ["OpenID", "openid ", "", "photos.read", "toString"])
    assert.equal(isOpenIdScope(name), false);
});
