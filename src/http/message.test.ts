import assert from "node:assert/strict";
import { test } from "node:test";
import { json, NO_STORE, redirect, text, withHeaders } from "./message.ts";
import { basePath, pathOf } from "./paths.ts";

test("H9: a response is not cached unless it says so", () => {
  for (const response of [json({}), redirect("/x"), text("x")])
    for (const header of NO_STORE)
      assert.ok(response.headers.some((each) => each[0] === header[0]));
  const cached = json({}, 200, [["cache-control", "public"]]);
  assert.deepEqual(cached.headers, [
    ["content-type", "application/json"],
    ["x-content-type-options", "nosniff"],
    ["cache-control", "public"],
  ]);
});

test("browsers do not sniff the content type of a response", () => {
  for (const { headers } of [json({}), json({}, 200, []), text("x"), text("x", 404, [])])
    assert.equal(Object.fromEntries(headers)["x-content-type-options"], "nosniff");
});

test("a redirect is followed with GET and without a referrer", () => {
  const { status, headers, body } = redirect("https://rp.test/cb?code=x", [["set-cookie", "a=b"]]);
  const found = Object.fromEntries(headers);
  assert.equal(status, 303);
  assert.equal(body, "");
  assert.equal(found.location, "https://rp.test/cb?code=x");
  assert.equal(found["referrer-policy"], "no-referrer");
  assert.equal(found["set-cookie"], "a=b");
});

test("headers are appended to existing ones, and the response itself is unchanged", () => {
  const response = text("x", 404);
  const more = withHeaders(response, [["x-a", "1"]]);
  assert.deepEqual(more.headers, [...response.headers, ["x-a", "1"]]);
  assert.equal(more.status, 404);
  assert.equal(withHeaders(response, []), response);
});

test("our own addresses are below the issuer", () => {
  for (const [issuer, base] of [
    ["https://as.test", ""],
    ["https://as.test/", ""],
    ["https://as.test/a", "/a"],
    ["https://as.test/a/b/", "/a/b"],
  ] as const) {
    assert.equal(basePath(issuer), base);
    assert.equal(pathOf({ issuer }, "/token"), `${base}/token`);
    const query = { continue: "a b&c=d#e\r\n" };
    assert.equal(pathOf({ issuer }, "/x", query), `${base}/x?continue=a+b%26c%3Dd%23e%0D%0A`);
  }
});
