import assert from "node:assert/strict";
import { test } from "node:test";
import { matchingStep, newTotpSecret, readTotpCode, totpCode, totpKey } from "./totp.ts";

/** RFC 6238, appendix B, SHA-1: the last six of eight digits. */
const SECRET = Buffer.from("12345678901234567890");
const VECTORS: readonly [seconds: number, code: string][] = [
  [59, "287082"],
  [1_111_111_109, "081804"],
  [1_111_111_111, "050471"],
  [1_234_567_890, "005924"],
  [2_000_000_000, "279037"],
  [20_000_000_000, "353130"],
];

test("codes are those of RFC 6238, beyond 2038 too", () => {
  for (const [seconds, code] of VECTORS) {
    assert.equal(totpCode(SECRET, Math.floor(seconds / 30)), code);
    assert.equal(matchingStep(SECRET, code, seconds), Math.floor(seconds / 30));
  }
});

test("a code is accepted for its 30 seconds, and ten seconds before and after them", () => {
  const step = 70_000_000;
  const code = totpCode(SECRET, step);
  const begin = step * 30;
  const accepted = [begin - 10, begin, begin + 29, begin + 39];
  for (const now of accepted) assert.equal(matchingStep(SECRET, code, now), step, `${now - begin}`);
  for (const now of [begin - 11, begin + 40])
    assert.equal(matchingStep(SECRET, code, now), null, `${now - begin}`);
});

test("a code of another secret is none", () => {
  const [one, other] = [newTotpSecret(), newTotpSecret()];
  assert.equal(one.length, 20);
  assert.notDeepEqual(one, other);
  const now = 2_100_000_000;
  const code = totpCode(one, now / 30);
  assert.equal(matchingStep(one, code, now), now / 30);
  assert.equal(matchingStep(Buffer.from("another secret of 20"), code, now), null);
});

test("a code is read with spaces; anything else is no code", () => {
  for (const typed of ["123456", " 123 456 ", "1 2 3\u00a04 5 6", "１２３４５６"])
    assert.equal(readTotpCode(typed), "123456");
  const others = ["", "12345", "1234567", "12345a", "123-456", "-12345", "1e5000", "0x1234"];
  for (const typed of [...others, " ".repeat(33), "٣٣٣٣٣٣", `123456${" ".repeat(100_000)}`]) {
    assert.equal(readTotpCode(typed), null);
    assert.equal(matchingStep(SECRET, typed, 59), null);
  }
});

test("the key of an app names the server and the account, whatever their characters", () => {
  const { uri, groups } = totpKey(SECRET, { issuer: "Fotos & Söhne", account: "ada:b@x?secret=Y" });
  assert.equal(groups.join(""), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  assert.deepEqual(new Set(groups.map(({ length }) => length)), new Set([4]));
  const { protocol, host, pathname, searchParams } = new URL(uri);
  assert.deepEqual([protocol, host], ["otpauth:", "totp"]);
  assert.equal(decodeURIComponent(pathname), "/Fotos & Söhne:ada:b@x?secret=Y");
  assert.deepEqual(Object.fromEntries(searchParams), {
    issuer: "Fotos & Söhne",
    secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    algorithm: "SHA1",
    digits: "6",
    period: "30",
  });
});
