import assert from "node:assert/strict";
import { createHash, createHmac, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { decodeProtectedHeader, jwtVerify } from "jose";
import {
  type JwtKey,
  type JwtType,
  leftHalfHash,
  readJwt,
  type SigningAlg,
  signJwt,
} from "./jwt.ts";

const rsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const PAIRS = {
  ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  RS256: rsa,
  PS256: rsa,
  EdDSA: () => generateKeyPairSync("ed25519"),
};
function makeKey(alg: SigningAlg, kid: string): JwtKey {
  const { privateKey, publicKey } = PAIRS[alg]();
  return { kid, alg, private_key: privateKey, public_key: publicKey };
}
const es256 = makeKey("ES256", "es");
const rs256 = makeKey("RS256", "rs");
const ps256 = makeKey("PS256", "ps");
const eddsa = makeKey("EdDSA", "ed");
const keys = [es256, rs256, ps256, eddsa];
const claims = { iss: "https://as.test", sub: "ada", n: 1, deep: { list: [1, "\u00e4\u{1f511}"] } };
const b64 = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token with any header and body, signed with our own key, so that no other party could make it. */
function forge(header: unknown, body: unknown, key: JwtKey = es256): string {
  const input = `${b64(header)}.${b64(body)}`;
  const options = { key: key.private_key, dsaEncoding: "ieee-p1363" as const };
  return `${input}.${sign("sha256", Buffer.from(input), options).toString("base64url")}`;
}
const parts = (token: string): [string, string, string] => {
  const [head = "", body = "", signature = ""] = token.split(".");
  return [head, body, signature];
};

test("a signed token reads back, with each key and type", () => {
  for (const key of keys)
    for (const typ of ["at+jwt", "JWT", "logout+jwt"] satisfies JwtType[]) {
      const token = signJwt(claims, typ, key);
      assert.deepEqual(readJwt(token, typ, keys), claims);
      assert.deepEqual(decodeProtectedHeader(token), { alg: key.alg, typ, kid: key.kid });
    }
});

test("an independent library verifies 2,000 signatures, whatever the length of their integers", async () => {
  const public_key = createPublicKey(es256.private_key);
  for (let i = 0; i < 2000; i += 1) {
    const token = signJwt({ i }, "JWT", es256);
    const { payload } = await jwtVerify(token, public_key, { algorithms: ["ES256"], typ: "JWT" });
    assert.equal(payload.i, i);
    assert.equal(Buffer.from(token.split(".")[2] ?? "", "base64url").length, 64);
  }
  for (const key of [rs256, ps256, eddsa]) {
    const token = signJwt(claims, "JWT", key);
    await jwtVerify(token, key.public_key, { algorithms: [key.alg] });
  }
});

test("a signature by another algorithm with the same key is refused", () => {
  // One RSA key under both of its algorithms, as no server has it.
  const [pkcs1, pss] = [rs256, { ...rs256, alg: "PS256" as const }];
  for (const [made, read] of [
    [pkcs1, pss],
    [pss, pkcs1],
  ] as const) {
    const [, body, signature] = parts(signJwt(claims, "JWT", made));
    const [head] = parts(signJwt(claims, "JWT", read));
    assert.equal(readJwt(`${head}.${body}.${signature}`, "JWT", [read]), null);
  }
});

test("at_hash and c_hash are the left half of the algorithm's hash", () => {
  // OpenID Connect Core, appendices A.3 and A.4.
  const access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
  const code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
  for (const alg of ["ES256", "RS256", "PS256"] as const) {
    assert.equal(leftHalfHash(access_token, alg), "77QmUPtjPfzWtF2AnpK9RQ");
    assert.equal(leftHalfHash(code, alg), "LDktKdoQak3Pk0cnXxCltA");
  }
  // Ed25519 hashes with SHA-512 (RFC 8032 §5.1), so its half has 32 bytes.
  const whole = createHash("sha512").update(access_token).digest();
  assert.equal(leftHalfHash(access_token, "EdDSA"), whole.subarray(0, 32).toString("base64url"));
});

test("a token of one type is refused as another", () => {
  for (const [made, wanted] of [
    ["at+jwt", "JWT"],
    ["JWT", "at+jwt"],
    ["logout+jwt", "JWT"],
  ] as const)
    assert.equal(readJwt(signJwt(claims, made, es256), wanted, keys), null);
});

test("the header must be exactly as we write it", () => {
  const right = { alg: "ES256", typ: "JWT", kid: "es" };
  assert.deepEqual(readJwt(forge(right, claims), "JWT", keys), claims);
  for (const header of [
    { ...right, typ: undefined },
    { ...right, typ: "jwt" },
    { ...right, typ: "application/JWT" },
    { ...right, typ: ["JWT"] },
    { ...right, kid: undefined },
    { ...right, kid: "unknown" },
    { ...right, kid: "rs" },
    { ...right, kid: null },
    { ...right, kid: ["es"] },
    { ...right, kid: "__proto__" },
    { ...right, alg: undefined },
    { ...right, alg: "none" },
    { ...right, alg: "NoNe" },
    { ...right, alg: "HS256" },
    { ...right, alg: "ES384" },
    { ...right, alg: "RS256" },
    { ...right, alg: "es256" },
    '{"alg":"ES256","typ":"JWT","kid":"es","kid":"es"}',
    '{"alg":"none","alg":"ES256","typ":"JWT","kid":"es"}',
    '{"alg":"ES256","typ":"JWT","kid":"es","__proto__":{}}',
    "[]",
    "null",
    '"ES256"',
    "",
    "{",
  ])
    assert.equal(readJwt(forge(header, claims), "JWT", keys), null, JSON.stringify(header));
});

test("the payload must be one JSON object", () => {
  const header = { alg: "ES256", typ: "JWT", kid: "es" };
  for (const body of ["[]", "null", '"a"', "1", "", "{", "[".repeat(10_000)])
    assert.equal(readJwt(forge(header, body), "JWT", keys), null, body.slice(0, 40));
});

test("J2, J3: a signature must be made by the key itself with its own algorithm", () => {
  const token = signJwt(claims, "JWT", es256);
  const [head, body, signature] = parts(token);
  const [, , other] = parts(signJwt({ ...claims, sub: "eve" }, "JWT", es256));
  const stranger = makeKey("ES256", "es");
  const confused = (text: string | Buffer) => {
    const input = `${b64({ alg: "HS256", typ: "JWT", kid: "es" })}.${body}`;
    return `${input}.${createHmac("sha256", text).update(input).digest("base64url")}`;
  };
  const pem = createPublicKey(es256.private_key).export({ type: "spki", format: "pem" });
  const der = sign("sha256", Buffer.from(`${head}.${body}`), es256.private_key);
  for (const wrong of [
    `${head}.${body}.`,
    `${head}.${body}`,
    `${head}.${body}.${other}`,
    `${head}.${b64({ ...claims, sub: "eve" })}.${signature}`,
    `${b64({ alg: "ES256", typ: "JWT", kid: "es", x: 1 })}.${body}.${signature}`,
    `${head}.${body}.${"A".repeat(86)}`,
    `${head}.${body}.${der.toString("base64url")}`,
    signJwt(claims, "JWT", stranger),
    confused(pem),
    confused(""),
    confused(Buffer.alloc(32)),
    `${b64({ alg: "none", typ: "JWT", kid: "es" })}.${body}.`,
  ])
    assert.equal(readJwt(wrong, "JWT", keys), null);
});

test("flipping any bit of a signature invalidates it", () => {
  for (const key of keys) {
    const [head, body, signature] = parts(signJwt(claims, "JWT", key));
    const bytes = Buffer.from(signature, "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit += key === es256 ? 1 : 29) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(readJwt(`${head}.${body}.${changed.toString("base64url")}`, "JWT", keys), null);
    }
    for (const length of [0, 1, 32, 63, 65, 96, 255, 257].filter((n) => n !== bytes.length)) {
      const other = Buffer.concat([bytes, Buffer.alloc(300)]).subarray(0, length);
      assert.equal(readJwt(`${head}.${body}.${other.toString("base64url")}`, "JWT", keys), null);
    }
  }
});

test("a token is accepted in its canonical encoding only", () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const key of keys)
    for (const pad of ["", "x", "xx"]) {
      const token = signJwt({ pad }, "JWT", key);
      const [head, body, signature] = parts(token);
      const spellings = [
        ...[...alphabet].map((last) => token.slice(0, -1) + last),
        ...[...alphabet].map((last) => `${head}.${body.slice(0, -1)}${last}.${signature}`),
        ...[...alphabet].map((last) => `${head.slice(0, -1)}${last}.${body}.${signature}`),
        `${token}=`,
        `${token}\n`,
        ` ${token}`,
        `${token}.`,
        `.${token}`,
        `${token}.${signature}`,
        `${head}=.${body}.${signature}`,
        `${head}.${body}=.${signature}`,
        `${head}.${body}.${signature.slice(0, 9)} ${signature.slice(9)}`,
        `${head}..${signature}`,
        token.replaceAll("-", "+").replaceAll("_", "/"),
      ];
      for (const text of spellings)
        if (text !== token) assert.equal(readJwt(text, "JWT", keys), null);
    }
});

test("a malformed token gives null, not an error", () => {
  for (const text of [
    "",
    ".",
    "..",
    "...",
    "a.b.c",
    "a.b.c.d.e",
    "\0.\0.\0",
    "\u00e4.\u00e4.\u00e4",
    ".".repeat(100_000),
  ])
    assert.equal(readJwt(text, "JWT", keys), null);
  assert.equal(readJwt(signJwt(claims, "JWT", es256), "JWT", []), null);
});
