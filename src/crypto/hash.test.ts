import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import {
  equalBytes,
  equalSecrets,
  hmacSha256,
  randomBytes,
  randomText,
  sha256,
  uuidv7,
} from "./hash.ts";

test("hashes and MACs equal those of node, in base64url", () => {
  for (const text of ["", "abc", "\u00e4\u{1f511}", "x".repeat(100_000)]) {
    assert.equal(sha256(text), createHash("sha256").update(text).digest("base64url"));
    const key = Buffer.alloc(32, 7);
    const expected = createHmac("sha256", key).update(text).digest();
    assert.deepEqual(hmacSha256(key, text), expected);
    assert.deepEqual(hmacSha256(key, Buffer.from(text)), expected);
  }
  assert.equal(sha256("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"); // FIPS 180-4
});

test("only strings equal in every byte compare as equal", () => {
  for (const [a, b, expected] of [
    ["", "", true],
    ["abc", "abc", true],
    ["abc", "abd", false],
    ["abc", "ab", false],
    ["ab", "abc", false],
    ["abc", "ABC", false],
    ["\u00e4", "a\u0308", false],
    ["\u00e4", "\u00e5", false],
    ["a\0b", "a\0c", false],
    ["a", "", false],
  ] as const) {
    assert.equal(equalSecrets(a, b), expected);
    assert.equal(equalBytes(Buffer.from(a), Buffer.from(b)), expected);
  }
});

test("random bytes have the requested length, from the pool and beyond it", () => {
  for (const length of [0, 1, 16, 32, 4095, 4096, 4097, 100_000]) {
    const bytes = randomBytes(length);
    assert.equal(bytes.length, length);
    if (length >= 16) assert.ok(bytes.some((byte) => byte !== 0));
    assert.equal(randomText(length).length, Math.ceil((length * 4) / 3));
  }
});

test("random bytes never repeat, and later draws do not change them", () => {
  const drawn = Array.from({ length: 20_000 }, (_, i) => randomBytes(9 + (i % 24)));
  const before = drawn.map((bytes) => bytes.toString("hex"));
  randomBytes(4096).fill(1);
  assert.deepEqual(
    drawn.map((bytes) => bytes.toString("hex")),
    before,
  );
  assert.equal(new Set(before.map((text) => text.slice(0, 18))).size, before.length);
});

test("writing to drawn bytes does not affect later draws", () => {
  for (let i = 0; i < 1000; i += 1) {
    const bytes = randomBytes(16);
    bytes.fill(0);
    assert.notEqual(randomText(16), "A".repeat(22));
  }
});

test("every bit of random bytes is random", () => {
  const counts = new Array<number>(64).fill(0);
  const rounds = 4000;
  for (let i = 0; i < rounds; i += 1) {
    const bits = randomBytes(8).readBigUInt64BE();
    for (let bit = 0; bit < 64; bit += 1)
      if ((bits >> BigInt(bit)) & 1n) counts[bit] = (counts[bit] ?? 0) + 1;
  }
  // Eight standard deviations: wrong once in 10^15 runs.
  for (const count of counts) assert.ok(Math.abs(count - rounds / 2) < 8 * Math.sqrt(rounds / 4));
});

test("a UUIDv7 begins with its time and has version and variant in place (RFC 9562)", () => {
  // RFC 9562, appendix A.6: the first 48 bits of 017F22E2-79B0-7CC3-98C4-DC0C0C07398F.
  assert.match(uuidv7(0x017f22e279b0), /^017f22e279b07[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  assert.match(uuidv7(0), /^0{12}7/);
  assert.match(uuidv7(2 ** 48 - 1), /^f{12}7/);
});

test("UUIDv7s sort by time as text, and are unique", () => {
  const times = Array.from({ length: 5000 }, (_, i) => 1_800_000_000_000 + i * 37);
  const ids = times.map(uuidv7);
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(Array.from({ length: 20_000 }, () => uuidv7(1))).size, 20_000);
});
