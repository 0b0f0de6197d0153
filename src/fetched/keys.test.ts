import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { test } from "node:test";
import { SignJWT } from "jose";
import { silentLog } from "../context.ts";
import { fetchedKeys, verifySigned } from "./keys.ts";

const ADDRESS = "https://rp.test/jwks";
const pair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const [first, second, stranger] = [pair(), pair(), pair()];
const jwk = ({ publicKey }: { publicKey: KeyObject }, more: object = {}) => ({
  ...publicKey.export({ format: "jwk" }),
  ...more,
});
const sign = (
  { privateKey }: { privateKey: KeyObject },
  header: object = {},
  claims: object = {},
) =>
  new SignJWT({ ok: true, ...claims })
    .setProtectedHeader({ alg: "ES256", ...header })
    .sign(privateKey);

function scene(...keys: object[]) {
  let body: string | Error = JSON.stringify({ keys });
  let seconds = 1_800_000_000;
  let asked = 0;
  const fetched = fetchedKeys("operator_keys", {
    clock: () => seconds * 1000,
    log: silentLog,
    outbound: {
      async request(url, { most_bytes }) {
        asked += 1;
        assert.equal(url, ADDRESS);
        assert.equal(most_bytes, 65_536);
        if (body instanceof Error) throw body;
        return { status: 200, header: () => undefined, body: Buffer.from(body) };
      },
    },
  });
  const verify = async (jwt: string, source: object = { jwks_uri: ADDRESS }) =>
    (await verifySigned(jwt, source, { algorithms: ["ES256"] }, { keys: fetched })).ok;
  return {
    verify,
    asked: () => asked,
    advance(by: number): void {
      seconds += by;
    },
    publish(...next: object[]): void {
      body = JSON.stringify({ keys: next });
    },
    says(next: string | Error): void {
      body = next;
    },
  };
}
const NO_KEY = { code: "ERR_JWKS_NO_MATCHING_KEY" };
const WRONG = { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" };

test("an unknown kid leads to a new look at the address, at most every 5 s", async () => {
  const { verify, publish, advance, asked } = scene(jwk(first, { kid: "1" }));
  assert.equal(await verify(await sign(first, { kid: "1" })), true);
  publish(jwk(first, { kid: "1" }), jwk(second, { kid: "2" }));
  const next = await sign(second, { kid: "2" });
  await assert.rejects(verify(next), NO_KEY);
  assert.equal(asked(), 1);
  advance(5);
  assert.equal(await verify(next), true);
  assert.equal(asked(), 2);
  for (let n = 0; n < 10; n += 1)
    await assert.rejects(verify(await sign(stranger, { kid: `unknown ${n}` })), NO_KEY);
  assert.equal(asked(), 2);
  advance(5);
  const many = Array.from({ length: 10 }, async (_, n) =>
    assert.rejects(verify(await sign(stranger, { kid: `unknown ${n}` })), NO_KEY),
  );
  await Promise.all(many);
  assert.equal(asked(), 3);
});

test("keys without a kid are tried, and a signature without one tries them all", async () => {
  const { verify, publish, advance, asked } = scene(jwk(first), jwk(second, { kid: "2" }));
  assert.equal(await verify(await sign(first, { kid: "any" })), true);
  assert.equal(await verify(await sign(first)), true);
  assert.equal(await verify(await sign(second)), true);
  // The kid names another key.
  advance(5);
  await assert.rejects(verify(await sign(first, { kid: "2" })), WRONG);
  assert.equal(asked(), 1, "a wrong signature of a known key is no reason to look again");
  // A key without a kid was replaced.
  publish(jwk(stranger));
  assert.equal(await verify(await sign(stranger)), true);
  assert.equal(asked(), 2);
});

test("of the keys that may have made a signature, four are tried", async () => {
  const many = Array.from({ length: 20 }, pair);
  const keys = many.map((each) => jwk(each));
  const { verify, advance } = scene(...keys);
  const outcomes = many.map(async (each) => verify(await sign(each)).catch(() => false));
  assert.equal((await Promise.all(outcomes)).filter(Boolean).length, 4);
  advance(5);
  const same = scene(...many.map((each) => jwk(each, { kid: "1" })));
  const named = many.map(async (each) =>
    same.verify(await sign(each, { kid: "1" })).catch(() => false),
  );
  assert.equal((await Promise.all(named)).filter(Boolean).length, 4);
});

test("a key serves its own purpose, operation and algorithm", async () => {
  for (const [more, fits] of [
    [{ use: "sig" }, true],
    [{ use: "enc" }, false],
    [{ key_ops: ["verify"] }, true],
    [{ key_ops: ["encrypt"] }, false],
    [{ alg: "ES256" }, true],
    [{ alg: "ES384" }, false],
    // What is no point of the curve is no key.
    [{ x: "AAAA" }, false],
  ] as const) {
    const jwks = { keys: [jwk(first, more)] };
    const { verify } = scene();
    const verified = await verify(await sign(first), { jwks }).catch(() => false);
    assert.equal(verified, fits, JSON.stringify(more));
  }
});

test("keys by value are never fetched, and without keys nothing is verified", async () => {
  const { verify, asked } = scene(jwk(second));
  const jwks = { keys: [jwk(first)] };
  await assert.rejects(verify(await sign(second, { kid: "2" }), { jwks }), WRONG);
  await assert.rejects(verify(await sign(second), {}), NO_KEY);
  assert.equal(asked(), 0);
});

test("an algorithm that is not expected, and claims that do not hold, fetch nothing more", async () => {
  const { verify, advance, asked } = scene(jwk(first, { kid: "1" }));
  const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.e30.`;
  await assert.rejects(verify(none), { code: "ERR_JOSE_ALG_NOT_ALLOWED" });
  assert.equal(asked(), 0);
  await verify(await sign(first));
  advance(5);
  await assert.rejects(verify(await sign(first, {}, { exp: 1 })), { code: "ERR_JWT_EXPIRED" });
  assert.equal(asked(), 1);
});

test("while the address is down the last keys hold for a day", async () => {
  const { verify, says, publish, advance } = scene(jwk(first, { kid: "1" }));
  const jwt = await sign(first, { kid: "1" });
  await verify(jwt);
  says(new Error("down"));
  advance(86_399);
  assert.equal(await verify(jwt), true);
  await assert.rejects(verify(await sign(second, { kid: "2" })), NO_KEY);
  advance(1);
  await assert.rejects(verify(jwt), /down/);
  publish(jwk(first, { kid: "1" }));
  advance(5);
  assert.equal(await verify(jwt), true);
});

test("what is published must be public keys", async () => {
  for (const body of [
    "",
    "<html>",
    "[]",
    '{"keys":[]}',
    JSON.stringify({ keys: [{ kty: "oct", k: "AAAA" }] }),
    JSON.stringify({ keys: [first.privateKey.export({ format: "jwk" })] }),
    `{"keys":[],"keys":[${JSON.stringify(jwk(first))}]}`,
  ]) {
    const { verify, says } = scene();
    says(body);
    await assert.rejects(verify(await sign(first)), Error, body);
  }
});
