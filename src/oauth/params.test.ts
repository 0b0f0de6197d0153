import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OAuthError } from "./errors.ts";
import { NO_PARAMS, type Params, parseForm, parseJson } from "./params.ts";

const MOST = 100;
const form = (text: string) => parseForm(text, MOST);
const json = (value: unknown) =>
  parseJson(typeof value === "string" ? value : JSON.stringify(value), MOST);
const refused = { name: "OAuthError", error: "invalid_request", status: 400 };

test("a form is decoded like a query: + is a space, %XX are bytes of UTF-8", () => {
  for (const [text, name, expected] of [
    ["a=b", "a", "b"],
    ["a=b&c=d", "c", "d"],
    ["a=b+c", "a", "b c"],
    ["a=b%2Bc", "a", "b+c"],
    ["a=%C3%A4%F0%9F%94%91", "a", "\u00e4\u{1f511}"],
    ["a=b=c", "a", "b=c"],
    ["a=%0d%0a%00", "a", "\r\n\0"],
    ["a=1&&b=2", "b", "2"],
    ["a%20b=1", "a b", "1"],
    ["a[]=1", "a[]", "1"],
    ["scope[a]=b", "scope", undefined],
    ["A=1", "a", undefined],
    ["a", "a", undefined],
    ["a=", "a", undefined],
    ["", "a", undefined],
    ["__proto__[x]=1", "__proto__[x]", "1"],
    ["__proto__=1", "__proto__", "1"],
    ["constructor=1", "constructor", "1"],
    ["a=1", "constructor", undefined],
    ["a=1", "__proto__", undefined],
    ["a=1", "toString", undefined],
  ] as const)
    assert.equal(form(text).get(name), expected, text);
  assert.equal(Object.hasOwn(Object.prototype, "x"), false);
});

test("R16: a repeated parameter is refused in any spelling; only resource may repeat", () => {
  for (const text of [
    "a=1&a=1",
    "a=1&b=2&a=3",
    "a=&a=1",
    "a=1&a=",
    "a&a",
    "a=1&%61=2",
    "redirect_uri=https://rp.test/cb&redirect_uri=https://evil.test/cb",
    "scope=a&scope=b",
    "resource=x&client_id=a&client_id=a",
    "Resource=x&Resource=y",
    "resource[]=x&resource[]=y",
  ])
    assert.throws(() => form(text), refused, text);
  assert.deepEqual(form("resource=a&x=1&resource=b&resource=a").all("resource"), ["a", "b", "a"]);
  assert.equal(form("resource=a&resource=b").get("resource"), "a");
  assert.deepEqual(form("resource=&resource=b").all("resource"), ["b"]);
  assert.deepEqual(form("resource=").all("resource"), []);
  assert.deepEqual(form("").all("resource"), []);
});

test("a repeated parameter is named in the log and not in the answer", () => {
  const name = "secret_name".repeat(20);
  assert.throws(
    () => form(`${name}=1&${name}=2`),
    (error) =>
      error instanceof OAuthError &&
      !error.message.includes("secret_name") &&
      error.parameter === name.slice(0, 100),
  );
});

test("the number of parameters is limited", () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => `p${i}=1`).join("&");
  assert.equal(form(many(MOST)).names().length, MOST);
  assert.throws(() => form(many(MOST + 1)), refused);
  assert.throws(() => form("resource=a&".repeat(MOST + 1)), refused);
  assert.throws(() => form("a=1&".repeat(100_000)), refused);
});

test("a JSON body is an object of strings; resource may be a list of them", () => {
  const params = json({ grant_type: "x", scope: "a b", empty: "", resource: ["r", "s"] });
  assert.equal(params.get("grant_type"), "x");
  assert.equal(params.get("scope"), "a b");
  assert.equal(params.get("empty"), undefined);
  assert.deepEqual(params.all("resource"), ["r", "s"]);
  assert.deepEqual(json({ resource: "r" }).all("resource"), ["r"]);
  assert.deepEqual(json({ resource: [] }).all("resource"), []);
  assert.deepEqual(json("{}").names(), []);
});

test("H2: any other JSON body is refused", () => {
  for (const body of [
    "",
    "null",
    "[]",
    '"a"',
    "1",
    "{",
    "a=b",
    { a: 1 },
    { a: true },
    { a: null },
    { a: {} },
    { a: ["x"] },
    { scope: ["a", "b"] },
    { resource: [1] },
    { resource: ["a", null] },
    { resource: [["a"]] },
    { resource: { 0: "a" } },
    '{"a":"1","a":"1"}',
    '{"a":"1","\\u0061":"2"}',
    '{"__proto__":"x"}',
    '{"a":{"__proto__":"x"}}',
    Object.fromEntries(Array.from({ length: MOST + 1 }, (_, i) => [`p${i}`, "1"])),
    { resource: Array.from({ length: MOST + 1 }, () => "r") },
  ])
    assert.throws(() => json(body), refused, JSON.stringify(body).slice(0, 80));
});

test("form and JSON give the same parameters", () => {
  const name = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
    .filter((text) => text !== "__proto__" && text.isWellFormed());
  const value = fc.string({ unit: "grapheme", maxLength: 8 }).filter((text) => text.isWellFormed());
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key }), (pairs) => {
      const bodies: Params[] = [
        form(new URLSearchParams(pairs).toString()),
        json(Object.fromEntries(pairs)),
      ];
      for (const params of bodies)
        for (const [key, expected] of pairs)
          assert.equal(params.get(key), expected === "" ? undefined : expected);
    }),
    { numRuns: 300 },
  );
});

test("an empty body has no parameters", () => {
  assert.equal(NO_PARAMS.get("a"), undefined);
  assert.deepEqual(NO_PARAMS.all("a"), []);
  assert.deepEqual(NO_PARAMS.names(), []);
});

const join = (pieces: readonly string[]): string => pieces.join("");

test("a form is parsed as browsers do, except for a leading question mark", () => {
  const piece = fc.oneof(
    fc.constantFrom("%", "+", "=", "%41", "%2", "%c3%a4", "%ff", "%E0%A4", "\u00e4", "%00", "a"),
    fc.string({ unit: "grapheme", maxLength: 3 }),
  );
  const pair = fc.tuple(fc.array(piece), fc.array(piece)).map((sides) => sides.map(join).join("="));
  fc.assert(
    fc.property(pair, fc.array(piece).map(join), (first, second) => {
      const form = `x=1&${first}&&y${second}`;
      const expected = new Map(new URLSearchParams(form));
      fc.pre(expected.size === [...new URLSearchParams(form)].length);
      const params = parseForm(form, 100);
      assert.deepEqual(params.names(), [...expected.keys()]);
      for (const [name, value] of expected) assert.equal(params.get(name) ?? "", value);
    }),
  );
  assert.deepEqual(parseForm("?a=1", 1).names(), ["?a"]);
});
