import assert from "node:assert/strict";
import { test } from "node:test";
import { startAddress } from "./initiated_login.ts";

test("the address of an app gets the issuer, and a hint where there is one; its own query stays", () => {
  const issuer = "https://as.test/id";
  for (const [uri, login_hint, expected] of [
    ["https://rp.test/start", null, "https://rp.test/start?iss=https%3A%2F%2Fas.test%2Fid"],
    [
      "https://rp.test/start?a=1",
      "ada&x=1",
      "https://rp.test/start?a=1&iss=https%3A%2F%2Fas.test%2Fid&login_hint=ada%26x%3D1",
    ],
  ] as const)
    assert.equal(startAddress(uri, { issuer, login_hint }), expected);
});
