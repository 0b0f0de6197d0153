import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError } from "../../errors.ts";
import { sealsOf, type Use } from "./seal.ts";

const [OLD, NEW] = ["an old secret of thirty-two bytes", "a new secret of thirty-two bytes!"];

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

test("a sealed value opens for its use, under each of the secrets", async () => {
  const old = sealsOf([OLD]);
  const both = sealsOf([NEW, OLD]);
  const value = { a: "ä", b: [1, null] };
  assert.deepEqual(await old.open("state", await old.seal("state", value)), { value, secret: 0 });
  const sealed = await old.seal("state", value);
  assert.deepEqual(await both.open("state", sealed), { value, secret: 1 });
  assert.equal(await old.open("state", await both.seal("state", value)), null);
  for (const use of ["form", "session", "store"] satisfies Use[])
    assert.equal(await old.open(use, sealed), null, use);
});

test("what was altered, cut off or made by others does not open", async () => {
  const seals = sealsOf([OLD]);
  const sealed = await seals.seal("session", { id: "a" });
  for (let index = 0; index < sealed.length; index += 7) {
    const other = sealed[index] === "A" ? "B" : "A";
    const altered = sealed.slice(0, index) + other + sealed.slice(index + 1);
    assert.equal(await seals.open("session", altered), null, `character ${index}`);
  }
  // Only some bits of the last character count.
  const end = sealed.at(-1);
  for (const other of ALPHABET)
    if (other !== end) assert.equal(await seals.open("session", sealed.slice(0, -1) + other), null);
  for (const wrong of ["", ".", "a.b.c.d.e", sealed.slice(0, -1), `${sealed}A`, `${sealed}.`, "🔑"])
    assert.equal(await seals.open("session", wrong), null, wrong);
  assert.doesNotMatch(sealed, /[^\w.-]/, "it fits into a cookie");
  assert.notEqual(await seals.seal("session", { id: "a" }), sealed, "each time another one");
});

test("derived texts depend on secret and text, and outlive a new secret", async () => {
  const old = sealsOf([OLD]);
  const both = sealsOf([NEW, OLD]);
  const derived = await old.derive(0, "a");
  assert.match(derived, /^[\w-]{43}$/);
  assert.equal(await both.derive(1, "a"), derived);
  assert.notEqual(await both.derive(0, "a"), derived);
  assert.notEqual(await old.derive(0, "b"), derived);
});

test("a short secret is refused", () => {
  for (const secrets of [[], [""], ["a".repeat(31)], [OLD, "short"]])
    assert.throws(
      () => sealsOf(secrets),
      (error) =>
        error instanceof AuthError && error.code === "configuration" && /openssl/.test(error.hint),
    );
  assert.ok(sealsOf(["ä".repeat(16)]), "bytes, not characters");
});
