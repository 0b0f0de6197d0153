import assert from "node:assert/strict";
import { test } from "node:test";
import { UnsecuredJWT } from "jose";
import { redactBody, redactHeaders, redactUrl, shorten } from "./redact.ts";

const SECRET = "vkr_0123456789abcdefghijklmnopqrstuvwxyz";
const FORM = "application/x-www-form-urlencoded;charset=UTF-8";

test("secrets are shortened wherever they stand", () => {
  const basic = `Basic ${Buffer.from(`printly:${SECRET}`).toString("base64")}`;
  const shown = [
    redactHeaders(new Headers({ authorization: `Bearer ${SECRET}` })),
    redactHeaders(new Headers({ authorization: basic })),
    redactUrl(new URL(`http://printly.test/callback?code=${SECRET}&state=s`)),
    redactBody(new URLSearchParams({ code: SECRET, code_verifier: SECRET }).toString(), FORM),
    redactBody(JSON.stringify({ nested: [{ refresh_token: SECRET }] }), "application/json"),
  ];
  for (const each of shown) {
    assert.ok(!JSON.stringify(each).includes(SECRET), JSON.stringify(each));
    assert.ok(JSON.stringify(each).includes("vkr_"), JSON.stringify(each));
  }
});

test("a secret too short to have a beginning is not shown at all", () => {
  assert.equal(shorten("short"), "…");
});

test("a value that is not secret stays as it is", () => {
  const { url, body } = redactUrl(new URL("http://as.test/authorize?nonce=abc&scope=a+b"));
  assert.equal(url, "http://as.test/authorize");
  assert.deepEqual(body, {
    kind: "fields",
    fields: [
      { name: "nonce", value: "abc" },
      { name: "scope", value: "a b" },
    ],
  });
});

test("tokens in an answer are opened", () => {
  const token = `${new UnsecuredJWT({ sub: "ada", scope: "photos.read" }).encode()}signature`;
  const body = redactBody(JSON.stringify({ access_token: token }), "application/json");
  assert.equal(body?.kind, "json");
  assert.deepEqual(body?.kind === "json" && body.tokens[0]?.claims, {
    sub: "ada",
    scope: "photos.read",
  });
});

test("an answer that is not what it says it is does no harm", () => {
  assert.equal(redactBody("<html>", "application/json")?.kind, "note");
  assert.equal(redactBody("", "application/json"), null);
  const body = redactBody('{"access_token":"eyJ.eyJ.x"}', "application/json");
  assert.deepEqual(body?.kind === "json" && body.tokens, []);
});
