import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { delivered, errorResponse, responseMembers } from "./authorization_response.ts";
import { OAuthError } from "./errors.ts";
import type { ResponseTarget } from "./response_target.ts";

const ISSUER = "https://as.test";
const target = (given: Partial<ResponseTarget> = {}): ResponseTarget => ({
  redirect_uri: "https://rp.test/cb",
  response_mode: "query",
  state: "xyz",
  ...given,
});
const CODE = { code: "c" };
function address(given: Partial<ResponseTarget> = {}): string {
  const delivery = delivered(responseMembers(CODE, target(given), ISSUER), target(given));
  return delivery.by === "redirect" ? delivery.location : assert.fail("no redirect");
}

test("M1: every response has iss once, and state as it came or not at all", () => {
  const refusal = errorResponse(new OAuthError("access_denied", "the person did not agree"));
  for (const [parameters, state, expected] of [
    [CODE, "xyz", { code: "c", state: "xyz", iss: ISSUER }],
    [CODE, null, { code: "c", iss: ISSUER }],
    [
      refusal,
      "xyz",
      {
        error: "access_denied",
        error_description: "the person did not agree",
        state: "xyz",
        iss: ISSUER,
      },
    ],
  ] as const) {
    const members = responseMembers(parameters, target({ state }), ISSUER);
    assert.deepEqual(Object.fromEntries(members), expected);
    assert.equal(members.length, Object.keys(expected).length);
  }
});

test("response parameters are appended, and the registered query stays", () => {
  const answer = "code=c&state=xyz&iss=https%3A%2F%2Fas.test";
  for (const [redirect_uri, expected] of [
    ["https://rp.test/cb", `https://rp.test/cb?${answer}`],
    ["https://rp.test", `https://rp.test?${answer}`],
    ["https://rp.test/cb?", `https://rp.test/cb?${answer}`],
    ["https://rp.test/cb?a=1", `https://rp.test/cb?a=1&${answer}`],
    ["https://rp.test/cb?a=1&", `https://rp.test/cb?a=1&${answer}`],
    ["https://rp.test/cb?a=%20+b&c", `https://rp.test/cb?a=%20+b&c&${answer}`],
    ["http://127.0.0.1:53712/cb", `http://127.0.0.1:53712/cb?${answer}`],
    ["com.example.app:/cb", `com.example.app:/cb?${answer}`],
  ] as const)
    assert.equal(address({ redirect_uri }), expected);
});

test("in fragment mode the query is unchanged", () => {
  const answer = "code=c&state=xyz&iss=https%3A%2F%2Fas.test";
  for (const redirect_uri of ["https://rp.test/cb", "https://rp.test/cb?a=1"])
    assert.equal(address({ redirect_uri, response_mode: "fragment" }), `${redirect_uri}#${answer}`);
});

test("M2, H6: state comes back byte for byte, and cannot break a line or add a parameter", () => {
  for (const state of [
    "xyz",
    "",
    " ",
    "a b+c%20d",
    "a&code=evil&iss=https://evil.test",
    "a#b?c=d",
    "a\r\nSet-Cookie: x=1",
    "\0\u0001\u007f",
    "\u00e4\u20ac\u{1f511}",
    "\u202e\u2028",
    "<script>'\"",
    "=&=&",
    "x".repeat(4096),
    JSON.stringify({ nonce: "n", return_to: "/a?b=c" }),
  ])
    for (const response_mode of ["query", "fragment"] as const) {
      const url = address({ state, response_mode });
      assert.match(url, /^[\x21-\x7e]+$/);
      assert.equal(url.split("#").length, response_mode === "fragment" ? 2 : 1);
      const members = [...new URLSearchParams(url.split(/[?#]/)[1])];
      assert.deepEqual(members, [
        ["code", "c"],
        ["state", state],
        ["iss", ISSUER],
      ]);
    }
});

test("a client reads any state exactly as it sent it", () => {
  const text = fc.string({ unit: "grapheme" }).filter((state) => state.isWellFormed());
  fc.assert(
    fc.property(text, (state) => {
      const url = new URL(address({ state, redirect_uri: "https://rp.test/cb?a=1" }));
      assert.deepEqual([...url.searchParams.keys()], ["a", "code", "state", "iss"]);
      assert.equal(url.searchParams.get("state"), state);
    }),
    { numRuns: 300 },
  );
});
