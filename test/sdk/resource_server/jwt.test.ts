/** Which JWTs are accepted, from an issuer that signs anything; with `node:crypto` and with WebCrypto alone. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import { after, test } from "node:test";
import { promisify } from "node:util";
import {
  CompactSign,
  exportJWK,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from "jose";
import { protect } from "../../../src/sdk/resource_server/protect.ts";
import { failure } from "../failure.ts";
import { AUDIENCE, fakeIssuer, seconds } from "./fake_issuer.ts";

const fake = await fakeIssuer();
after(() => fake[Symbol.asyncDispose]());
const { claims, options } = fake;
const guard = protect(options);
const now = seconds();

/** A token with these changes; `undefined` leaves a claim out. */
const token = (change: object = {}, header: Partial<JWTHeaderParameters> = {}) =>
  fake.sign({ ...claims, ...change } as JWTPayload, header);

test("every algorithm with a public key is accepted", async () => {
  for (const alg of ["ES256", "ES384", "ES512", "RS256", "RS512", "PS256", "EdDSA"]) {
    const signed = await token({}, { alg, kid: alg });
    // The issuer is asked for unknown keys once in 30 s.
    assert.equal((await protect(options).verify(signed)).sub, "ada", alg);
  }
});

const REFUSED: Record<string, [change: object, header: object, message: RegExp]> = {
  "another issuer": [{ iss: "https://other.test" }, {}, /not accepted here/],
  "no issuer": [{ iss: undefined }, {}, /not accepted here/],
  "another audience": [{ aud: "https://other.test" }, {}, /is for .*other/],
  "an audience that only begins like ours": [{ aud: `${AUDIENCE}/more` }, {}, /is for/],
  "no audience": [{ aud: undefined }, {}, /is for undefined/],
  "an expired token": [{ exp: now - 31 }, {}, /has expired/],
  "no expiry": [{ exp: undefined }, {}, /has expired/],
  "an expiry that is a text": [{ exp: String(now + 600) }, {}, /has expired/],
  "no person": [{ sub: undefined }, {}, /has no sub/],
  "a token that is bound to a key": [{ cnf: { jkt: "x" } }, {}, /bound to a key/],
  "an ID token": [{}, { typ: "JWT" }, /no access token/],
  "no typ": [{}, { typ: undefined }, /no access token/],
  "a logout token": [{}, { typ: "logout+jwt" }, /no access token/],
  "an unknown key": [{}, { kid: "none" }, /./],
};
for (const [name, [change, header, message]] of Object.entries(REFUSED))
  test(`refused: ${name}`, async () => {
    const signed = await token(change, header);
    if (name === "an unknown key") fake.keys.pop();
    await assert.rejects(
      guard.verify(signed),
      failure("token_refused", message, { hides: [signed] }),
    );
  });

test("refused: extensions that are not understood", async () => {
  const head = Buffer.from(
    JSON.stringify({ alg: "ES256", kid: "1", typ: "at+jwt", crit: ["b64"] }),
  );
  const [, body, signature] = (await token()).split(".");
  await assert.rejects(
    guard.verify(`${head.toString("base64url")}.${body}.${signature}`),
    failure("token_refused", /extensions/),
  );
});

test("refused: no signature, and a signature with the public key as a secret", async () => {
  const body = Buffer.from(JSON.stringify(claims)).toString("base64url");
  for (const alg of ["none", "HS256", "constructor"]) {
    const head = Buffer.from(JSON.stringify({ alg, kid: "1", typ: "at+jwt" })).toString(
      "base64url",
    );
    await assert.rejects(
      guard.verify(`${head}.${body}.AAAA`),
      failure("token_refused", /signed with/),
    );
  }
  const secret = Buffer.from(JSON.stringify(fake.keys[0]));
  const mac = await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", kid: "1", typ: "at+jwt" })
    .sign(secret);
  await assert.rejects(guard.verify(mac), failure("token_refused", /signed with "HS256"/));
});

test("refused: a signature of another length, or by a key of another algorithm", async () => {
  const [head, body, signature = ""] = (await token()).split(".");
  for (const wrong of [
    signature.slice(0, 40),
    `${signature}AAAA`,
    signature.replaceAll(/\w/g, "A"),
  ])
    await assert.rejects(
      guard.verify(`${head}.${body}.${wrong}`),
      failure("token_refused", /signature/),
    );
  const other = Buffer.from(JSON.stringify({ alg: "RS256", kid: "1", typ: "at+jwt" }));
  await assert.rejects(
    guard.verify(`${other.toString("base64url")}.${body}.${signature}`),
    failure("token_refused", /no key/),
  );
});

test("refused: a key that the token brings, and nobody asks for it", async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(publicKey);
  const evil = `${fake.issuer}/evil`;
  const headers: object[] = [
    { jwk },
    { jku: evil, kid: "1" },
    { x5u: evil, kid: "1" },
    { x5c: ["AAAA"] },
    { kid: evil },
    { kid: "../evil" },
    { kid: "1", jwk: { ...jwk, kid: "1" } },
    { kid: ["1"] },
  ];
  for (const header of headers) {
    const signed = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: "ES256", typ: "at+jwt", ...header } as { alg: string })
      .sign(privateKey);
    await assert.rejects(guard.verify(signed), failure("token_refused", /signature|no key/));
  }
  assert.ok(!fake.asked.some((path) => path.includes("evil")));
});

test("refused: a published key that is for something else, or too weak", async () => {
  await using other = await fakeIssuer();
  const strict = () => protect({ ...other.options, revocation: false });
  const signed = await other.sign(other.claims, { alg: "RS256" });
  const [key] = other.keys;
  const changes: object[] = [
    { use: "enc" },
    { alg: "PS256" },
    { kty: "oct", k: "AAAA" },
    { kid: 1 },
  ];
  for (const change of changes) {
    other.keys = [{ ...key, ...change }];
    await assert.rejects(strict().verify(signed), failure("token_refused", /no key/));
  }
  other.keys = [{ ...key, use: undefined, alg: undefined }];
  await strict().verify(signed);
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
  other.keys = [{ ...(await exportJWK(weak.publicKey)), kid: "weak" }];
  const [head, body] = [{ alg: "RS256", kid: "weak", typ: "at+jwt" }, other.claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  const signature = sign("sha256", Buffer.from(`${head}.${body}`), weak.privateKey);
  await assert.rejects(
    strict().verify(`${head}.${body}.${signature.toString("base64url")}`),
    failure("token_refused", /no key/),
  );
});

test("accepted: an audience among others, a typ in full, a clock that is 30 s off, scopes as a list", async () => {
  await guard.verify(await token({ aud: ["https://other.test", AUDIENCE] }));
  await guard.verify(await token({}, { typ: "application/AT+JWT" }));
  await guard.verify(await token({ exp: now - 20, iat: now - 600 }));
  await guard.verify(await token({ iat: now + 20 }));
  assert.deepEqual((await guard.verify(await token({ scope: ["a", "b"] }))).scopes, ["a", "b"]);
  assert.deepEqual((await guard.verify(await token({ scope: undefined }))).scopes, []);
});

test("a token from the future: the clock of this machine is behind", async () => {
  const signed = await token({ iat: now + 312 });
  await assert.rejects(
    guard.verify(signed),
    failure("clock_skew", /in 3\d\d s.*hint: set the clock/),
  );
});

test("legacyTyp takes tokens without at+jwt, and still no ID token", async () => {
  const legacy = protect({ ...options, legacyTyp: true });
  assert.equal(
    (await legacy.verify(await token({ client_id: undefined, azp: "old" }, { typ: "JWT" })))
      .clientId,
    "old",
  );
  for (const id of [{ nonce: "n" }, { at_hash: "h" }, { events: {} }])
    await assert.rejects(
      legacy.verify(await token(id, { typ: "JWT" })),
      failure("token_refused", /is an ID token/),
    );
});

test("several issuers: each signs for itself only", async () => {
  await using other = await fakeIssuer();
  const both = protect({ ...options, issuer: [fake.issuer, other.issuer] });
  assert.equal((await both.verify(await token())).claims.iss, fake.issuer);
  assert.equal((await both.verify(await other.sign(other.claims))).claims.iss, other.issuer);
  const forged = await other.sign({ ...other.claims, iss: fake.issuer }, { kid: "1" });
  await assert.rejects(both.verify(forged), failure("token_refused", /signature/));
});

test("claims are passed on as they are, `act` too", async () => {
  const act = { sub: "robot", act: { sub: "other" } };
  assert.deepEqual((await guard.verify(await token({ act }))).claims.act, act);
});

test("without node:crypto, WebCrypto does the same", async () => {
  const good: string[] = [];
  for (const alg of ["ES256", "ES384", "RS256", "PS256", "EdDSA"])
    good.push(await token({}, { alg, kid: `web ${alg}` }));
  const bad = good.map((each) => each.replace(/\.[\w-]{20}(?=[^.]*$)/, `.${"A".repeat(20)}`));
  const program = `
    process.getBuiltinModule = undefined;
    const { protect } = await import("valetkey/resource-server");
    const guard = protect(${JSON.stringify(options)});
    const said = (token) => guard.verify(token).then(({ sub }) => sub, ({ code }) => code);
    console.log(JSON.stringify(await Promise.all(JSON.parse(process.argv[1]).map(said))));`;
  const flags = ["--conditions=valetkey-source", "--input-type=module", "-e", program];
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [...flags, JSON.stringify([...good, ...bad])]);
  const said: string[] = JSON.parse(stdout);
  assert.deepEqual(said, [...good.map(() => "ada"), ...bad.map(() => "token_refused")]);
});
