import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type ErrorCode, OAuthError, withErrorHeaders } from "./errors.ts";

test("each error has the status of its specification", () => {
  const statuses: [ErrorCode, number][] = [
    ["invalid_request", 400],
    ["invalid_grant", 400],
    ["invalid_scope", 400],
    ["invalid_target", 400],
    ["unauthorized_client", 400],
    ["unsupported_grant_type", 400],
    ["invalid_client", 401],
    ["invalid_token", 401],
    ["insufficient_scope", 403],
    ["temporarily_unavailable", 503],
    ["server_error", 500],
  ];
  for (const [code, status] of statuses) assert.equal(new OAuthError(code, "x").status, status);
  assert.equal(new OAuthError("invalid_request", "x", { status: 415 }).status, 415);
});

test("descriptions are ASCII without quotes and backslashes, begin in lower case and have no full stop", () => {
  const literal =
    /(?:new OAuthError\(\s*(?:"[a-z_]+"|`[^`]+`),|\b(?:refuse|invalid|malformed)\()\s*(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)/g;
  const files = ["oauth", "client_auth", "tokens", "grants", "endpoints", "http"];
  const found = files
    .flatMap((folder) => globSync(`src/${folder}/*.ts`, { exclude: ["**/*.test.ts"] }))
    .flatMap((file) => [...readFileSync(file, "utf8").matchAll(literal)])
    .map(([, plain, template = ""]) => plain ?? template.replaceAll(/\$\{[^}]*\}/g, "x"));
  assert.ok(found.length > 40);
  for (const text of found) {
    assert.match(text, /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
    assert.match(text, /^([a-z]|OpenID)/, text);
    assert.doesNotMatch(text, /\.$/, text);
  }
});

test("an error has its parameter and headers, and more can be added without loss", () => {
  const plain = new OAuthError("invalid_request", "x");
  assert.deepEqual([plain.parameter, plain.headers, plain.reason], [null, [], {}]);
  const error = new OAuthError("invalid_client", "x", {
    parameter: "client_secret",
    headers: [["a", "1"]],
    reason: { method: "none" },
    status: 400,
  });
  const more = withErrorHeaders(error, [["b", "2"]]);
  assert.deepEqual({ ...more }, { ...error, headers: [...error.headers, ["b", "2"]] });
  assert.equal(more.message, "x");
  assert.equal(more.cause, error);
});

test("no decision depends on the text of a message of ours", () => {
  const reading =
    /\bmessage\s*(?:===|!==|\.(?:startsWith|endsWith|includes|match|search|indexOf)\b)|\.(?:test|exec)\((?:\w+\.)?message\)/;
  const files = globSync("src/**/*.ts", { exclude: ["**/*.test.ts"] });
  const found = files.filter((file) => reading.test(readFileSync(file, "utf8")));
  // The JSON parser of the runtime, and `pg`, report some errors by their text alone.
  assert.deepEqual(found.sort(), ["src/cli/config_file.ts", "src/store/postgres/errors.ts"]);
});
