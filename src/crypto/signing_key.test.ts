import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { test } from "node:test";
import { calculateJwkThumbprint, jwtVerify } from "jose";
import { randomText } from "./hash.ts";
import { signJwt } from "./jwt.ts";
import { serverSecrets } from "./server_secret.ts";
import {
  type KeyTimes,
  makeSigningKey,
  openSigningKey,
  publishedKeys,
  replacedAt,
  SIGNING_ALGS,
  signingKeyAt,
} from "./signing_key.ts";

const [OLD, NEW] = [randomText(32), randomText(32)];
const context = { secrets: serverSecrets(NEW) };
const times = { created_at: 100, signs_at: 700 };

const MEMBERS = {
  ES256: ["crv", "kty", "x", "y"],
  RS256: ["e", "kty", "n"],
  PS256: ["e", "kty", "n"],
  EdDSA: ["crv", "kty", "x"],
};

test("J9: a new key signs, is strong, and shows its public half only", async () => {
  for (const alg of SIGNING_ALGS) {
    const record = await makeSigningKey(alg, times, context);
    const public_jwk = JSON.parse(record.public_jwk);
    assert.equal(record.kid, await calculateJwkThumbprint(public_jwk));
    const members = MEMBERS[alg];
    assert.deepEqual(Object.keys(public_jwk).sort(), [...members, "alg", "kid", "use"].sort());
    assert.deepEqual([public_jwk.alg, public_jwk.use, public_jwk.kid], [alg, "sig", record.kid]);
    assert.ok(!record.sealed_private_jwk.includes(public_jwk.x ?? public_jwk.n));
    const key = openSigningKey(record, context);
    assert.ok(key);
    const { created_at, signs_at, retired_at } = key;
    assert.deepEqual({ created_at, signs_at, retired_at }, { ...times, retired_at: null });
    const bits = createPublicKey(key.private_key).asymmetricKeyDetails?.modulusLength;
    if (public_jwk.kty === "RSA") assert.ok(bits !== undefined && bits >= 2048);
    const token = signJwt({ sub: "ada" }, "JWT", key);
    const verifier = createPublicKey({ key: public_jwk, format: "jwk" });
    assert.equal((await jwtVerify(token, verifier, { algorithms: [alg] })).payload.sub, "ada");
  }
});

test("all keys are different", async () => {
  const made = await Promise.all(
    Array.from({ length: 5 }, () => makeSigningKey("ES256", times, context)),
  );
  assert.equal(new Set(made.map(({ kid }) => kid)).size, made.length);
});

test("a key opens with its own secret, even an earlier one, and not as another key", async () => {
  const record = await makeSigningKey("ES256", times, { secrets: serverSecrets(OLD) });
  assert.ok(openSigningKey(record, { secrets: serverSecrets(NEW, { previous: [OLD] }) }));
  assert.equal(openSigningKey(record, context), null);
  const own = await makeSigningKey("ES256", times, context);
  assert.equal(openSigningKey({ ...own, kid: record.kid }, context), null);
  assert.equal(openSigningKey({ ...own, sealed_private_jwk: "" }, context), null);
});

const key = (kid: string, signs_at: number, given: Partial<KeyTimes> = {}): KeyTimes => ({
  kid,
  alg: "ES256",
  signs_at,
  retired_at: null,
  ...given,
});
const kids = (keys: readonly KeyTimes[]) => keys.map(({ kid }) => kid).sort();

test("the newest key whose time has come signs; every key that may be needed is published", () => {
  const life = 3600;
  const keys = [
    key("c", 20_000),
    key("b", 10_000),
    key("a", 0),
    key("stolen", 15_000, { retired_at: 16_000 }),
    key("rsa", 5000, { alg: "RS256" }),
  ];
  for (const [now, signs, published] of [
    // The clock was set back to before all of them.
    [-1, "a", ["a", "b", "c", "rsa"]],
    [0, "a", ["a", "b", "c", "rsa"]],
    [9_999, "a", ["a", "b", "c", "rsa"]],
    [10_000, "b", ["a", "b", "c", "rsa"]],
    [13_599, "b", ["a", "b", "c", "rsa"]],
    [13_600, "b", ["b", "c", "rsa"]],
    [19_999, "b", ["b", "c", "rsa"]],
    [20_000, "c", ["b", "c", "rsa"]],
    [23_599, "c", ["b", "c", "rsa"]],
    [23_600, "c", ["c", "rsa"]],
    [9_000_000, "c", ["c", "rsa"]],
  ] as const) {
    assert.equal(signingKeyAt(keys, "ES256", now)?.kid ?? null, signs, `at ${now}`);
    assert.deepEqual(kids(publishedKeys(keys, now, life)), published, `at ${now}`);
    assert.equal(signingKeyAt([...keys].reverse(), "ES256", now)?.kid ?? null, signs);
  }
  assert.equal(signingKeyAt(keys, "RS256", 4999)?.kid, "rsa");
  assert.equal(signingKeyAt(keys, "RS256", 5000)?.kid, "rsa");
});

test("a retired key neither signs nor is published, and its predecessor takes over", () => {
  const keys = [key("a", 0), key("b", 100, { retired_at: 200 })];
  assert.equal(signingKeyAt(keys, "ES256", 300)?.kid, "a");
  assert.deepEqual(kids(publishedKeys(keys, 1_000_000, 10)), ["a"]);
  assert.equal(replacedAt(key("a", 0), keys), Number.POSITIVE_INFINITY);
  assert.equal(signingKeyAt([], "ES256", 300), null);
  assert.deepEqual(publishedKeys([], 300, 10), []);
});

test("of two keys from the same second every node picks the same one, and publishes both", () => {
  const keys = [key("a", 100), key("b", 100)];
  assert.equal(signingKeyAt(keys, "ES256", 100)?.kid, "a");
  assert.deepEqual(kids(publishedKeys(keys, 1_000_000, 10)), ["a", "b"]);
});
