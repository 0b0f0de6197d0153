import assert from "node:assert/strict";
import { test } from "node:test";
import { redirectUriMismatch } from "./redirect_uri_mismatch.ts";

const callback = "https://printly.example/auth/callback";

for (const [sent, difference] of [
  ["https://printly.example/auth/callback/", "slash"],
  ["http://printly.example/auth/callback", "scheme"],
  ["https://printly.example:8443/auth/callback", "port"],
  ["https://www.printly.example/auth/callback", "www"],
  ["https://printly.example/Auth/Callback", "letter_case"],
  ["https://printly.example/auth/callback#done", "fragment"],
  ["https://printly.example/auth/callback?from=menu", "query"],
  ["https://printly.example/login", "path"],
] as const)
  test(`${sent} differs in: ${difference}`, () => {
    const near = { registered: callback, difference };
    assert.deepEqual(redirectUriMismatch(sent, ["https://other.example/cb", callback]), {
      sent,
      near,
    });
  });

test("the nearest registered address is named, whatever the order", () => {
  const registered = ["https://printly.example/a", "https://printly.example/b"];
  const { near } = redirectUriMismatch("https://printly.example/b/", registered);
  assert.deepEqual(near, { registered: "https://printly.example/b", difference: "slash" });
});

test("an address of another host learns no registered address", () => {
  for (const sent of ["https://evil.example/auth/callback", "com.evil.app:/cb", "no address", ""])
    assert.deepEqual(redirectUriMismatch(sent, [callback]), { sent, near: null });
});

test("addresses of an app are compared by their scheme", () => {
  const { near } = redirectUriMismatch("com.example.app:/cb/", ["com.example.app:/cb"]);
  assert.deepEqual(near, { registered: "com.example.app:/cb", difference: "slash" });
});

test("a request without an address has nothing to compare", () => {
  assert.deepEqual(redirectUriMismatch(undefined, [callback]), { sent: null, near: null });
});
