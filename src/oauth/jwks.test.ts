import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { parseJwks } from "./jwks.ts";

const EC = { kty: "EC", crv: "P-256", x: "x", y: "y" };
const rsa = (modulusLength: number, publicExponent = 65_537) =>
  generateKeyPairSync("rsa", { modulusLength, publicExponent }).publicKey.export({ format: "jwk" });
const RSA = rsa(2048);
const parse = (...keys: unknown[]) => parseJwks({ keys });
const refused = { error: "invalid_client_metadata" };

test("public keys of each kind are kept as written", () => {
  for (const key of [
    EC,
    { ...EC, kid: "1", use: "sig", alg: "ES256", x5t: "x" },
    { kty: "OKP", crv: "Ed25519", x: "x" },
    RSA,
    { ...RSA, kid: "1" },
    rsa(3072),
    rsa(2048, 3),
  ])
    assert.deepEqual(parse(key), { keys: [key] });
  assert.equal(parse(...Array.from({ length: 20 }, () => EC)).keys.length, 20);
});

test("a malformed key set is refused", () => {
  for (const jwks of [
    null,
    undefined,
    "",
    "{}",
    [],
    [EC],
    {},
    { keys: null },
    { keys: {} },
    { keys: [] },
  ])
    assert.throws(() => parseJwks(jwks), refused, JSON.stringify(jwks));
  for (const key of [
    null,
    "",
    1,
    [],
    {},
    { kty: "oct", k: "c2VjcmV0" },
    { kty: "ec" },
    { kty: ["EC"] },
  ])
    assert.throws(() => parse(EC, key), refused, JSON.stringify(key));
  assert.throws(() => parse(...Array.from({ length: 21 }, () => EC)), refused);
});

test("a private key is refused by any private member", () => {
  for (const name of ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
    for (const value of ["x", "", null])
      assert.throws(() => parse({ ...EC, [name]: value }), { ...refused, message: /private/ });
});

test("an RSA key that is weak or costly to verify is refused", () => {
  const number = (value: bigint) =>
    Buffer.from(value.toString(16).padStart(512, "0"), "hex").toString("base64url");
  for (const [key, why] of [
    [rsa(1024), /bits/],
    [rsa(2040), /bits/],
    [{ ...RSA, n: Buffer.alloc(1025, 0xff).toString("base64url") }, /bits/],
    [{ ...RSA, n: number(2n ** 2047n - 1n) }, /bits/],
    [{ ...RSA, e: "AQ" }, /exponent/],
    [{ ...RSA, e: "AA" }, /exponent/],
    [{ ...RSA, e: "Ag" }, /exponent/],
    [{ ...RSA, e: "AQAA" }, /exponent/],
    [{ ...RSA, e: "AQAAAAE" }, /32 bits/],
    [{ ...RSA, e: RSA.n }, /exponent/],
    [{ ...RSA, e: undefined }, /base64url/],
    [{ ...RSA, e: 65_537 }, /base64url/],
    [{ ...RSA, n: undefined }, /base64url/],
    [{ ...RSA, n: "" }, /base64url/],
    [{ ...RSA, n: "a" }, /base64url/],
    [{ ...RSA, n: "a+b/" }, /base64url/],
    [{ ...RSA, n: `${RSA.n}=` }, /base64url/],
    [{ ...RSA, n: `${RSA.n}\n` }, /base64url/],
    [{ ...RSA, n: "x".repeat(100_000) }, /base64url/],
  ] as const)
    assert.throws(() => parse(key), { ...refused, message: why }, JSON.stringify(key).slice(0, 99));
});

test("a key of the broken generator is recognized by its remainders (CVE-2017-15361)", () => {
  // 65537^a modulo all small primes at once, lifted to 2048 bits, like the keys of that generator.
  const primes = Array.from({ length: 165 }, (_, i) => BigInt(i + 3)).filter((n) => {
    for (let d = 2n; d * d <= n; d += 1n) if (n % d === 0n) return false;
    return true;
  });
  const product = primes.reduce((all, prime) => all * prime, 1n);
  let power = 1n;
  for (let i = 0; i < 12_345; i += 1) power = (power * 65_537n) % product;
  const modulus = power + product * ((2n ** 2047n + 2n ** 2000n) / product);
  const n = Buffer.from(modulus.toString(16), "hex").toString("base64url");
  assert.throws(() => parse({ ...RSA, n }), { ...refused, message: /ROCA/ });
});
