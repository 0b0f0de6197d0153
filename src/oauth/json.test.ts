import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assertLinearTime } from "../../test/support/linear_time.ts";
import { isJsonObject, isJsonValue, parseJsonStrictly } from "./json.ts";

test("unambiguous JSON is parsed", () => {
  for (const text of [
    "{}",
    "[]",
    "null",
    "0",
    '"a"',
    ' {"a" : 1 , "b":[ {"a":2}, {"a":3} ] } ',
    '{"a":{"a":{"a":"a"}}}',
    '{"a":"{\\"a\\":1,\\"a\\":2}"}',
    '{"a":"b","b":"a"}',
    '{"a\\"":1,"a":2}',
    '{"a\\\\":1,"a":2}',
    '{"":1}',
    '{"constructor":1,"toString":2,"proto":3}',
    '["__proto__"]',
    '{"a":"__proto__"}',
    '{"a":"]}{["}',
    '{"\\u0000":"\\ud83d\\ude00"}',
    '{"a":"\u2028"}',
    `${"[".repeat(32)}${"]".repeat(32)}`,
  ])
    assert.deepEqual(parseJsonStrictly(text), JSON.parse(text), text);
});

test("J8: repeated keys, __proto__, deep nesting and malformed JSON are refused", () => {
  for (const text of [
    '{"a":1,"a":2}',
    '{"a":1,"b":2,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"x":{"a":1,"a":2}}',
    '[{"a":1},{"b":1,"b":2}]',
    '{"a":{},"a":[]}',
    '{"a":[{"a":1}],"a":1}',
    '{"a":1 \n\t, "a" \r\n : 2}',
    '{"":1,"":2}',
    '{"a\\"":1,"a\\"":2}',
    '{"__proto__":{"x":1}}',
    '{"a":{"__proto__":1}}',
    '{"\\u005f_proto__":1}',
    "",
    " ",
    "{",
    "{a:1}",
    "{'a':1}",
    '{"a":1,}',
    "[1,]",
    "NaN",
    "undefined",
    "01",
    '"\n"',
    '{"a":1}{"a":1}',
    '{"a":1}//x',
    "\ufeff{}",
    `${"[".repeat(33)}${"]".repeat(33)}`,
    `${'{"a":'.repeat(33)}1${"}".repeat(33)}`,
    `${"[".repeat(10_000)}${"]".repeat(10_000)}`,
    "[".repeat(1_000_000),
  ])
    assert.throws(() => parseJsonStrictly(text), SyntaxError, text.slice(0, 60));
});

test("output of JSON.stringify parses back to the same value", () => {
  const key = fc.string().filter((text) => text !== "__proto__");
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: "binary-ascii" }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(null, true, false, '"', "\\", "{", "}", ":", ","),
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(tree, fc.constantFrom(undefined, 1, "\t"), (value, space) => {
      const text = JSON.stringify(value, null, space);
      assert.deepEqual(parseJsonStrictly(text), JSON.parse(text));
    }),
    { numRuns: 1000 },
  );
});

test("large and hostile texts are parsed in linear time", async () => {
  for (const textOf of [
    (size: number) => `"${"a".repeat(size)}"`,
    (size: number) => `"${'\\"'.repeat(size)}"`,
    (size: number) => `"${"\\\\".repeat(size)}"`,
    (size: number) => `{"a"${" ".repeat(size)}:1}`,
    (size: number) => `[${"0,".repeat(size)}0]`,
    (size: number) => `"${"a".repeat(size)}`,
  ])
    await assertLinearTime(
      (size) => {
        try {
          parseJsonStrictly(textOf(size));
        } catch (error) {
          assert.ok(error instanceof SyntaxError);
        }
      },
      { size: 400_000, name: textOf(1) },
    );
});

test("only an object is an object: not an array, null or a primitive", () => {
  assert.equal(isJsonObject({}), true);
  for (const value of [null, [], "", 0, true, undefined]) assert.equal(isJsonObject(value), false);
});

test("a value that JSON can hold has no class, no end to its depth, and no number that is none", () => {
  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
  for (const value of [
    "",
    0,
    true,
    null,
    [],
    {},
    Object.create(null),
    { a: [1, { b: "c" }] },
    deep(32),
  ])
    assert.equal(isJsonValue(value), true);
  const round: unknown[] = [];
  round.push(round);
  for (const value of [undefined, 1n, Number.NaN, new Date(), new Map(), () => 1, [undefined]])
    assert.equal(isJsonValue(value), false);
  for (const value of [deep(33), round, { a: Symbol("b") }])
    assert.equal(isJsonValue(value), false);
});
