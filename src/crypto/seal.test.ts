import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { randomText } from "./hash.ts";
import { type SealKey, seal, unseal } from "./seal.ts";
import { serverSecrets } from "./server_secret.ts";

const OLD = randomText(32);
const NEW = randomText(32);
const context = { secrets: serverSecrets(NEW), epoch: 3, issuer: "https://id.example.com" };

test("any sealed value opens again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string(), (text, purpose) => {
      assert.equal(unseal(seal(text, purpose, context), purpose, context), text);
    }),
  );
  for (const text of ["", "\0", "x".repeat(200_000), JSON.stringify({ a: [1] })])
    assert.equal(unseal(seal(text, "p", context), "p", context), text);
});

test("a seal opens for its own purpose, key, secret and epoch only", () => {
  const sealed = seal("text", "consent shown", context);
  for (const purpose of ["", "consent", "consent shown ", "Consent shown", "authorization request"])
    assert.equal(unseal(sealed, purpose, context), null);
  for (const key of ["access_token", "signing_key"] satisfies SealKey[]) {
    assert.equal(unseal(sealed, "consent shown", context, key), null);
    const other = seal("text", "p", context, key);
    assert.equal(unseal(other, "p", context), null);
    assert.equal(unseal(other, "p", context, key), "text");
  }
  for (const epoch of [0, 2, 4])
    assert.equal(unseal(sealed, "consent shown", { ...context, epoch }), null);
  for (const issuer of ["", "https://id.example.com/other", "https://other.example.com"])
    assert.equal(unseal(sealed, "consent shown", { ...context, issuer }), null);
  const stranger = { ...context, secrets: serverSecrets(OLD) };
  assert.equal(unseal(sealed, "consent shown", stranger), null);
});

test("seals of an earlier secret open while it is configured; new seals use the new secret", () => {
  const before = { ...context, secrets: serverSecrets(OLD) };
  const during = { ...context, secrets: serverSecrets(NEW, { previous: [OLD] }) };
  assert.equal(unseal(seal("text", "p", before), "p", during), "text");
  assert.equal(unseal(seal("text", "p", before), "p", context), null);
  assert.equal(unseal(seal("text", "p", during), "p", before), null);
  assert.equal(unseal(seal("text", "p", during), "p", context), "text");
});

test("flipping any bit invalidates a seal", () => {
  const bytes = Buffer.from(seal("some text", "p", context), "base64url");
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(unseal(changed.toString("base64url"), "p", context), null, `bit ${bit}`);
  }
});

test("a truncated, extended or recombined seal does not open", () => {
  const sealed = seal("some text", "p", context);
  const other = seal("some text", "p", context);
  for (let length = 0; length < sealed.length; length += 1)
    assert.equal(unseal(sealed.slice(0, length), "p", context), null);
  for (const text of [
    `${sealed}A`,
    `${sealed}AAAA`,
    `AAAA${sealed}`,
    sealed.slice(0, 32) + other.slice(32),
    other.slice(0, 40) + sealed.slice(40),
  ])
    assert.equal(unseal(text, "p", context), null);
});

test("a seal is accepted in its canonical encoding only", () => {
  for (const length of [9, 10, 11]) {
    const sealed = seal("x".repeat(length), "p", context);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const others = [...alphabet].map((last) => sealed.slice(0, -1) + last);
    const spellings = [
      ...others,
      `${sealed}=`,
      `${sealed}==`,
      ` ${sealed}`,
      `${sealed}\n`,
      `${sealed.slice(0, 8)}\n${sealed.slice(8)}`,
      `${sealed.slice(0, 8)}.${sealed.slice(8)}`,
      sealed.replaceAll("-", "+").replaceAll("_", "/"),
      Buffer.from(sealed, "base64url").toString("hex"),
    ];
    for (const text of spellings)
      if (text !== sealed) assert.equal(unseal(text, "p", context), null, JSON.stringify(text));
  }
});

test("sealing a text twice gives different results, and neither reveals it", () => {
  const seals = Array.from({ length: 2000 }, () => seal("a secret text", "p", context));
  assert.equal(new Set(seals).size, seals.length);
  // No key is used with the same nonce twice: the ids that keys are derived from differ.
  assert.equal(new Set(seals.map((each) => each.slice(11, 32))).size, seals.length);
  for (const each of seals)
    assert.ok(!Buffer.from(each, "base64url").includes("secret") && /^[\w-]+$/.test(each));
});

test("malformed input gives null, not an error", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.base64String(), fc.uint8Array({ maxLength: 99 })),
      (given) => {
        const text = typeof given === "string" ? given : Buffer.from(given).toString("base64url");
        assert.equal(unseal(text, "p", context), null);
      },
    ),
  );
});
