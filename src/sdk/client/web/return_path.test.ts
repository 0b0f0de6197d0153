import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError } from "../../errors.ts";
import { refusedPath, returnPath } from "./return_path.ts";

const here = { origin: "https://app.test", prefix: "/auth" };

test("paths of this app are kept as they are", () => {
  for (const path of [
    ...["/", "/a", "/a/b?c=d&e=%2F%2F#f", "/a//b", "/?u=https://evil.test", "/authors"],
    `/${"a".repeat(1023)}`,
  ])
    assert.equal(returnPath(path, here), path);
});

test("a path is written as a browser would, so that it can stand in a header", () => {
  assert.equal(
    returnPath("/日本?ä=ö ü#é", here),
    "/%E6%97%A5%E6%9C%AC?%C3%A4=%C3%B6%20%C3%BC#%C3%A9",
  );
  assert.equal(returnPath("/a/../b", here), "/b");
  assert.equal(returnPath("/\ud800", here), "/%EF%BF%BD");
});

test("everything else becomes /", () => {
  for (const path of [
    ...[null, undefined, "", "a", "?a", "#a", "https://app.test/a", "//evil.test", "///evil.test"],
    ...[
      "/\\evil.test",
      "\\\\evil.test",
      "/a\\b",
      "/\t/evil.test",
      "\t//evil.test",
      "/\n/evil.test",
    ],
    ...[
      "/a\u0000",
      "/a\u007f",
      "/a\u0085",
      "javascript:alert(1)",
      "/auth",
      "/auth/login",
      "/auth/logout?a",
    ],
    ...["/a/../auth/login", "/./auth/login"],
    ...["/.//evil.test", "/..//evil.test", "/%2e//evil.test", "/a/..//evil.test", "/.//"],
    `/${"日".repeat(200)}`,
    `/${"a".repeat(1024)}`,
  ])
    assert.equal(returnPath(path, here), "/", String(path));
});

test("a refusal is told in a parameter of the page", () => {
  const error = new AuthError("access_denied", "she said no", { hint: "go on" });
  assert.equal(refusedPath("/a?b=c#d", error), "/a?b=c&auth_error=access_denied#d");
  assert.equal(refusedPath("/?auth_error=x", error), "/?auth_error=access_denied");
});
