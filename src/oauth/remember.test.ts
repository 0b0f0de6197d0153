import assert from "node:assert/strict";
import { test } from "node:test";
import { remember } from "./remember.ts";

test("a remembered text is computed once, even if the result is null", () => {
  let computed = 0;
  const sizeOf = remember((text) => {
    computed += 1;
    return text === "" ? null : text.length;
  });
  assert.deepEqual([sizeOf("abc"), sizeOf("abc"), sizeOf(""), sizeOf("")], [3, 3, null, null]);
  assert.equal(computed, 2);
});

test("when too many texts are remembered, all are dropped", () => {
  const computed: string[] = [];
  const same = remember((text) => {
    computed.push(text);
    return text;
  }, 2);
  for (const text of ["a", "b", "a", "c", "a"]) assert.equal(same(text), text);
  assert.deepEqual(computed, ["a", "b", "c", "a"]);
});
