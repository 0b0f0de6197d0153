import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError } from "./errors.ts";

test("the message says what happened and what to do", () => {
  const error = new AuthError("issuer_mismatch", 'the metadata says "a", the configuration "b"', {
    hint: "set issuer to a",
  });
  assert.equal(
    error.message,
    'issuer_mismatch: the metadata says "a", the configuration "b". hint: set issuer to a',
  );
  assert.deepEqual(
    [error.name, error.code, error.hint, error.retryable],
    ["AuthError", "issuer_mismatch", "set issuer to a", false],
  );
  assert.ok(error instanceof Error);
  assert.ok(!("status" in error) && !("provider" in error) && !("cause" in error));
});

test("it carries status, provider and cause where there are any", () => {
  const cause = new Error("socket hang up");
  const { status, provider, retryable, ...error } = new AuthError("issuer_unreachable", "it", {
    ...{ hint: "wait", retryable: true, status: 503, provider: "github", cause },
  });
  assert.deepEqual([status, provider, retryable], [503, "github", true]);
  assert.equal(error.code, "issuer_unreachable");
});
