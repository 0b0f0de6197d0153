import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseBasic } from "./client_secret_basic.ts";

const basic = (pair: string | Buffer, scheme = "Basic") =>
  `${scheme} ${Buffer.from(pair).toString("base64")}`;

test("K12: id and secret are form-encoded, then joined and base64-encoded", () => {
  for (const [pair, client_id, secret] of [
    ["id:secret", "id", "secret"],
    ["id:", "id", ""],
    ["id:a:b:c", "id", "a:b:c"],
    ["a%3Ab:c%3Ad", "a:b", "c:d"],
    ["a+b:c+d", "a b", "c d"],
    ["a%2Bb:c%2Bd", "a+b", "c+d"],
    ["a%25b:c%25d", "a%b", "c%d"],
    ["%C3%A4:%E2%82%AC", "\u00e4", "\u20ac"],
    ["\u00e4:\u20ac", "\u00e4", "\u20ac"],
    // Unencoded: a stray % stands for itself
    ["id:100%", "id", "100%"],
    ["id:%zz", "id", "%zz"],
    ["id:%FF", "id", "%FF"],
    // RFC 6749 §2.3.1
    ["s6BhdRkqt3:7Fjfp0ZBr1KtDRbnfVdmIw", "s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw"],
  ] as const) {
    const expected = { client_id, credential: secret };
    assert.deepEqual(parseBasic(basic(pair)), expected, pair);
    assert.deepEqual(parseBasic(basic(pair, "bAsIc")), expected, pair);
    assert.deepEqual(parseBasic(`${basic(pair, "Basic  ")}  `), expected, pair);
  }
});

test("another scheme or no header is not Basic authentication", () => {
  for (const header of [undefined, "", "Bearer abc", "Digest x", "DPoP x", " Basic aWQ6eA=="])
    assert.equal(parseBasic(header), null, header ?? "none");
});

test("a malformed Basic header is refused, not treated as absent", () => {
  for (const header of [
    "Basic",
    "Basic ",
    "basic\t",
    "Basicaaaa",
    "Basic !!!!",
    "Basic aWQ6eA== x",
    "Basic aWQ6eA==, Bearer x",
    "Basic a-_b",
    "Basic aWQ6eA===",
    "Basic a=WQ6",
    basic("no colon"),
    basic(":secret"),
    basic(":"),
    basic(""),
  ])
    assert.throws(() => parseBasic(header), { error: "invalid_client", status: 401 }, header);
});

test("any id and secret survive the encoding of the RFC", () => {
  const text = fc.string({ unit: "grapheme" }).filter((each) => each.isWellFormed());
  const encode = (each: string) => encodeURIComponent(each).replaceAll("%20", "+");
  fc.assert(
    fc.property(text, text, (client_id, secret) => {
      fc.pre(client_id !== "");
      const parsed = parseBasic(basic(`${encode(client_id)}:${encode(secret)}`));
      assert.deepEqual(parsed, { client_id, credential: secret });
    }),
    { numRuns: 300 },
  );
});
