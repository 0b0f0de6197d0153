import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contextOf, testServer } from "../../test/support/server.ts";
import type { Context } from "../context.ts";
import { readBody, readJson, readQuery } from "./body.ts";
import type { HttpRequest } from "./message.ts";

const server = await testServer({ limits: { parameters: 3 } });
after(() => server.close());
const ctx: Context = contextOf(server);
const FORM = "application/x-www-form-urlencoded";
const request = (body: string, type?: string, query = ""): HttpRequest => ({
  method: "POST",
  path: "/token",
  query,
  header: (name) => (name === "content-type" ? type : undefined),
  body,
  origin: "https://as.test",
  address: "203.0.113.7",
});

test("a body is parsed by its content type", () => {
  for (const [type, body] of [
    [FORM, "a=b"],
    ["APPLICATION/X-WWW-FORM-URLENCODED", "a=b"],
    [`${FORM}; charset=UTF-8`, "a=b"],
    [` ${FORM} ;charset=utf-8`, "a=b"],
    ["application/json", '{"a":"b"}'],
    ["Application/JSON; charset=utf-8", '{"a":"b"}'],
  ] as const)
    assert.equal(readBody(request(body, type), ctx, { json: true }).get("a"), "b", type);
});

test("H2, H18: another content type is refused, and the error names the accepted ones", () => {
  for (const type of [
    undefined,
    "",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/jsonp",
    "application/json-patch+json",
    "application/ld+json",
    `x${FORM}`,
    `text/plain; ${FORM}`,
  ])
    for (const json of [true, false])
      assert.throws(
        () => readBody(request("a=b", type), ctx, { json }),
        (error) =>
          error instanceof Error &&
          "status" in error &&
          error.status === 415 &&
          error.message.includes("json") === json,
        type ?? "none",
      );
  const json = request('{"a":"b"}', "application/json");
  assert.throws(() => readBody(json, ctx, { json: false }), { status: 415 });
});

test("an empty body has no parameters and needs no content type", () => {
  for (const type of [undefined, "", "text/plain", FORM])
    assert.deepEqual(readBody(request("", type), ctx, { json: true }).names(), []);
  assert.throws(() => readBody(request("", "application/json"), ctx, { json: true }), {
    error: "invalid_request",
  });
});

test("C10: parameters in the query are refused", () => {
  for (const query of ["grant_type=x", "a", "&", "=", "code=x&client_secret=y"])
    assert.throws(() => readBody(request("a=b", FORM, query), ctx, { json: true }), {
      error: "invalid_request",
      status: 400,
    });
});

test("too many parameters are refused in body and query", () => {
  assert.equal(readBody(request("a=1&b=2&c=3", FORM), ctx, { json: false }).names().length, 3);
  const four = "a=1&b=2&c=3&d=4";
  assert.throws(() => readBody(request(four, FORM), ctx, { json: false }), {
    error: "invalid_request",
  });
  assert.throws(() => readQuery(request("", undefined, four), ctx), { error: "invalid_request" });
  assert.equal(readQuery(request("", undefined, "a=1&b=%202"), ctx).get("b"), " 2");
});

test("a JSON document keeps the types of its values, nested ones too", () => {
  const text = '{"a":[1,{"b":true}],"c":null,"constructor":"x"}';
  const document = readJson(request(text, "application/json; charset=utf-8"), ctx);
  assert.deepEqual(document, { a: [1, { b: true }], c: null, constructor: "x" });
});

test("a JSON document is one object without parser-dependent content", () => {
  const refused = { error: "invalid_request", status: 400 };
  const deep = `${'{"a":'.repeat(33)}1${"}".repeat(33)}`;
  for (const text of [
    "",
    "null",
    "[]",
    '"a"',
    "1",
    "{",
    '{"a":1}x',
    "{'a':1}",
    '{"a":1,"a":2}',
    '{"a":{"b":1,"\\u0062":2}}',
    '{"__proto__":{}}',
    '\ufeff{"a":1}',
    deep,
  ])
    assert.throws(() => readJson(request(text, "application/json"), ctx), refused, text);
});

test("a JSON document has limited members, its content type, and no query", () => {
  const JSON_TYPE = "application/json";
  const three = '{"a":1,"b":{"x":1,"y":1,"z":1,"zz":1},"c":1}';
  assert.equal(Object.keys(readJson(request(three, JSON_TYPE), ctx)).length, 3);
  assert.throws(() => readJson(request('{"a":1,"b":1,"c":1,"d":1}', JSON_TYPE), ctx), {
    error: "invalid_request",
  });
  for (const type of [undefined, "", FORM, "text/json", "application/ld+json", "application/jsonp"])
    assert.throws(() => readJson(request("{}", type), ctx), { status: 415 }, type);
  assert.throws(() => readJson(request("{}", JSON_TYPE, "a=b"), ctx), { error: "invalid_request" });
});
