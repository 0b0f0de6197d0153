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

test("localhost and 127.0.0.1 are told apart, whatever the port", () => {
  const registered = "http://localhost/callback";
  for (const sent of ["http://127.0.0.1:40123/callback", "http://[::1]/callback"])
    assert.deepEqual(redirectUriMismatch(sent, [registered]).near, {
      ...{ registered, difference: "loopback" },
    });
  const { near } = redirectUriMismatch("http://localhost:1/callback", [registered]);
  assert.equal(near?.difference, "port");
  assert.equal(redirectUriMismatch("http://192.0.2.1/callback", [registered]).near, null);
});

test("addresses of an app are compared by their scheme", () => {
  const { near } = redirectUriMismatch("com.example.app:/cb/", ["com.example.app:/cb"]);
  assert.deepEqual(near, { registered: "com.example.app:/cb", difference: "slash" });
});

test("a request without an address has nothing to compare", () => {
  assert.deepEqual(redirectUriMismatch(undefined, [callback]), { sent: null, near: null });
});
