import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigError } from "../config.ts";
import { BadSecret } from "../crypto/server_secret.ts";
import { OAuthError } from "../oauth/errors.ts";
import { DatabaseError, DatabaseUnavailable } from "../store/sql/driver.ts";
import { CliError, explain, isWorthAStack, UsageError } from "./errors.ts";

describe("explanation of an error", () => {
  const uri = { reason: { redirect_uri: "http://a.example" } };
  const expected: [Error, number, string, RegExp][] = [
    [new CliError("no user", "look"), 1, "no user", /^look$/],
    [new UsageError("no name", "see --help"), 2, "no name", /^see --help$/],
    [new ConfigError("port: wrong"), 1, "port: wrong", /configuration\.md/],
    [new DatabaseError("damaged", "put back a backup"), 1, "damaged", /^put back/],
    [new DatabaseUnavailable("database is locked"), 1, "database is locked", /try again/],
    [new BadSecret("too short"), 1, "too short", /VALETKEY_SECRET/],
    [
      new OAuthError("invalid_redirect_uri", "must use https", uri),
      1,
      "must use https: http://a.example",
      /--help/,
    ],
    [new CliError("two\n  lines", "look"), 1, "two lines", /^look$/],
  ];
  for (const [error, code, text, help] of expected)
    test(`${error.name}: ${text}`, () => {
      const { message, hint, exit_code } = explain(error);
      assert.equal(message, text);
      assert.match(hint ?? "", help);
      assert.equal(exit_code, code);
      assert.ok(error instanceof OAuthError || !isWorthAStack(error));
    });

  test("an unexpected error is called a bug and shown with its stack", () => {
    for (const error of [new TypeError("x is not a function"), "thrown text"]) {
      const { message, hint, exit_code } = explain(error);
      assert.match(message, /^unexpected: /);
      assert.match(hint ?? "", /bug in valetkey: --debug/);
      assert.equal(exit_code, 1);
      assert.ok(isWorthAStack(error));
    }
  });
});
