import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { after, test } from "node:test";
import { type JWTPayload, SignJWT } from "jose";
import { contextOf, ISSUER, SERVICE, START, testServer } from "../../test/support/server.ts";
import type { Context } from "../context.ts";
import { CLIENT_SIGNING_ALGS } from "../oauth/optional_metadata.ts";
import { type Params, parseForm } from "../oauth/params.ts";
import type { ClientRecord } from "../store/records.ts";
import { privateKeyJwt } from "./private_key_jwt.ts";

const server = await testServer();
after(() => server.close());
const ctx: Context = contextOf(server);
const TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const refused = { error: "invalid_client", status: 401 };

const ec = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ed = generateKeyPairSync("ed25519");
const p256 = ec("P-256");
const PAIRS: Record<string, { publicKey: KeyObject; privateKey: KeyObject }> = {
  ES256: p256,
  ES384: ec("P-384"),
  ES512: ec("P-521"),
  RS256: rsa,
  PS256: rsa,
  EdDSA: ed,
  Ed25519: ed,
};

async function checkAssertion(credential: string, client: ClientRecord, at: Context) {
  const proof = await privateKeyJwt.prove({ client_id: client.client_id, credential }, client, at);
  await proof?.use();
  return proof && { method: proof.method };
}
const readAssertion = (params: Params) =>
  privateKeyJwt.present({ header: () => undefined }, params);

let count = 0;
/** A client with these keys, and no other properties. */
function clientWith(keys: object[], alg?: string): ClientRecord {
  count += 1;
  const metadata = {
    ...SERVICE,
    response_types: [],
    grant_types: ["client_credentials" as const],
    token_endpoint_auth_method: "private_key_jwt" as const,
    application_type: "web" as const,
    id_token_signed_response_alg: "RS256" as const,
    jwks: { keys: keys.map((key) => ({ ...key })) },
    ...(alg !== undefined && { token_endpoint_auth_signing_alg: alg }),
  };
  return {
    client_id: `pkj ${count}`,
    metadata,
    secrets: [],
    created_by: "operator",
    owner_sub: null,
    trusted: false,
    require_pkce: true,
    resource: null,
    created_at: START,
    disabled_at: null,
    ends_before: null,
    logo: null,
    sector: null,
    set_by_operator: [],
    registration_hash: null,
  };
}
const jwk = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: "jwk" }), ...more });
const usual = (client: ClientRecord): JWTPayload => {
  count += 1;
  const { client_id } = client;
  return { iss: client_id, sub: client_id, aud: ISSUER, exp: START + 60, jti: `jti ${count}` };
};
const sign = (claims: JWTPayload, alg = "ES256", key: KeyObject = p256.privateKey, header = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg, ...header }).sign(key);

test("each supported algorithm is accepted, with its own kind of key only", async () => {
  for (const alg of CLIENT_SIGNING_ALGS) {
    const pair = PAIRS[alg];
    assert.ok(pair, alg);
    const client = clientWith([jwk(pair.publicKey)], alg);
    await checkAssertion(await sign(usual(client), alg, pair.privateKey), client, ctx);
    // K8: another algorithm than the registered one, although the key fits both
    const other = { RS256: "PS256", PS256: "RS256" }[alg as string];
    if (other === undefined) continue;
    const wrong = await sign(usual(client), other, pair.privateKey);
    await assert.rejects(checkAssertion(wrong, client, ctx), refused, alg);
  }
});

test("EdDSA and Ed25519 are one algorithm: registration, key and assertion may each write either name", async () => {
  const names = ["EdDSA", "Ed25519"];
  for (const registered of names)
    for (const of_key of [...names, undefined])
      for (const alg of names) {
        const key = jwk(ed.publicKey, of_key === undefined ? {} : { alg: of_key });
        const client = clientWith([key], registered);
        await checkAssertion(await sign(usual(client), alg, ed.privateKey), client, ctx);
      }
  const client = clientWith([jwk(ed.publicKey, { alg: "ES256" })], "EdDSA");
  const wrong = await sign(usual(client), "Ed25519", ed.privateKey);
  await assert.rejects(checkAssertion(wrong, client, ctx), refused);
});

test("K6: the only audience accepted is the issuer, as a string or as a list of one", async () => {
  const client = clientWith([jwk(p256.publicKey)]);
  for (const aud of [ISSUER, [ISSUER]])
    await checkAssertion(await sign({ ...usual(client), aud }), client, ctx);
  for (const aud of [
    undefined,
    "",
    `${ISSUER}/`,
    `${ISSUER}/token`,
    "https://other.test",
    ISSUER.toUpperCase(),
    [ISSUER, "https://other.test"],
    ["https://other.test", ISSUER],
    [ISSUER, ISSUER],
    [`${ISSUER}/token`],
    [],
  ]) {
    const { aud: _, ...rest } = usual(client);
    const assertion = await sign(aud === undefined ? rest : { ...rest, aud });
    await assert.rejects(checkAssertion(assertion, client, ctx), refused, String(aud));
  }
});

test("K6: legacy_assertion_audience, of the server or of a client, accepts the token endpoint as a string", async () => {
  const plain = clientWith([jwk(p256.publicKey)]);
  const with_setting = (legacy_assertion_audience: boolean): Context => ({
    ...ctx,
    settings: { ...ctx.settings, legacy_assertion_audience },
  });
  const of_client = (legacy_assertion_audience: boolean): ClientRecord => ({
    ...plain,
    metadata: { ...plain.metadata, legacy_assertion_audience },
  });
  const endpoint = `${ISSUER}/token`;
  for (const [client, at, accepted] of [
    [plain, ctx, false],
    [plain, with_setting(true), true],
    [of_client(true), ctx, true],
    [of_client(false), with_setting(true), false],
  ] as const) {
    const prove = async (aud: string | string[]) =>
      checkAssertion(await sign({ ...usual(client), aud }), client, at);
    assert.ok(await prove(ISSUER));
    if (accepted) assert.ok(await prove(endpoint));
    else await assert.rejects(prove(endpoint), refused);
    for (const wrong of [[endpoint], [ISSUER, endpoint], `${endpoint}/`, `${ISSUER}/revoke`])
      await assert.rejects(prove(wrong), refused, String(wrong));
  }
});

test("an assertion may be valid for an hour at most, and clocks may differ by 30 s", async () => {
  const client = clientWith([jwk(p256.publicKey)]);
  for (const [claims, accepted] of [
    [{ exp: START + 1 }, true],
    [{ exp: START - 29 }, true],
    [{ exp: START - 30 }, false],
    [{ exp: START + 3630 }, true],
    [{ exp: START + 3631 }, false],
    [{ exp: START + 60.5 }, true],
    [{ exp: START + 1e9 }, false],
    [{ exp: Number.MAX_SAFE_INTEGER }, false],
    [{ exp: 0 }, false],
    [{ exp: -1 }, false],
    [{ exp: undefined }, false],
    [{ exp: String(START + 60) }, false],
    [{ exp: null }, false],
    [{ exp: [START + 60] }, false],
    [{ nbf: START + 30 }, true],
    [{ nbf: START + 31 }, false],
    [{ nbf: "x" }, false],
    [{ iat: START }, true],
    [{ iat: "x" }, false],
  ] as [Record<string, unknown>, boolean][]) {
    const assertion = await sign({ ...usual(client), ...claims });
    const checked = checkAssertion(assertion, client, ctx);
    if (accepted) await assert.doesNotReject(checked, JSON.stringify(claims));
    else await assert.rejects(checked, refused, JSON.stringify(claims));
  }
});

test("an assertion issued more than 30 s in the future is refused", async () => {
  const client = clientWith([jwk(p256.publicKey)]);
  for (const iat of [undefined, 1, START, START + 30, START + 29.5])
    await checkAssertion(
      await sign({ ...usual(client), ...(iat !== undefined && { iat }) }),
      client,
      ctx,
    );
  for (const iat of [START + 31, START + 30.5, START + 86_400, 1e300, "1", null]) {
    const claims: JWTPayload = JSON.parse(JSON.stringify({ ...usual(client), iat }));
    await assert.rejects(checkAssertion(await sign(claims), client, ctx), refused, String(iat));
  }
});

test("after a restore, an assertion from before is refused, since its use is unknown", async () => {
  const client = clientWith([jwk(p256.publicKey)]);
  const restored = { ...ctx, epoch: START - 100 };
  const check = async (given: JWTPayload) =>
    checkAssertion(await sign({ ...usual(client), ...given }), client, restored);
  await check({ iat: START - 100 });
  await assert.rejects(check({ iat: START - 101 }), refused);
  // Without `iat`, only `exp` bounds its age.
  await assert.rejects(check({ exp: START + 3000 }), refused);
  await check({ exp: START + 3500 });
});

test("J8: a time that is not a finite number is refused", async () => {
  const client = clientWith([jwk(p256.publicKey)]);
  const { exp: _, ...claims } = usual(client);
  const body = `${JSON.stringify(claims).slice(0, -1)},"exp":1e400}`;
  const head = Buffer.from('{"alg":"ES256"}').toString("base64url");
  const input = `${head}.${Buffer.from(body).toString("base64url")}`;
  const { sign: signBytes } = await import("node:crypto");
  const key = { key: p256.privateKey, dsaEncoding: "ieee-p1363" as const };
  const signature = signBytes("sha256", Buffer.from(input), key).toString("base64url");
  await assert.rejects(checkAssertion(`${input}.${signature}`, client, ctx), refused);
});

test("K5: an assertion is accepted once, even among 50 at once; each client has its own jti values", async () => {
  const client = clientWith([jwk(p256.publicKey)]);
  const assertion = await sign(usual(client));
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, () => checkAssertion(assertion, client, ctx)),
  );
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  for (const outcome of outcomes)
    assert.ok(outcome.status === "fulfilled" || outcome.reason.error === "invalid_client");
  const other = clientWith([jwk(p256.publicKey)]);
  const same = { ...usual(client), jti: "same" };
  await checkAssertion(await sign(same), client, ctx);
  await checkAssertion(await sign({ ...usual(other), jti: "same" }), other, ctx);
  await assert.rejects(checkAssertion(await sign(same), client, ctx), refused);
});

test("a used jti is remembered for as long as its assertion is valid", async () => {
  const client = clientWith([jwk(p256.publicKey)]);
  const assertion = await sign({ ...usual(client), jti: "kept" });
  await checkAssertion(assertion, client, ctx);
  for (const later of [1, 60, 89])
    await assert.rejects(
      checkAssertion(assertion, client, { ...ctx, now: START + later }),
      refused,
    );
  await ctx.store.sweep(START + 89, 100);
  await assert.rejects(checkAssertion(assertion, client, { ...ctx, now: START + 89 }), refused);
});

test("client id and jti are never confused with another pair", async () => {
  const [one, two] = [clientWith([jwk(p256.publicKey)]), clientWith([jwk(p256.publicKey)])];
  const a = { ...one, client_id: "a" };
  const ab = { ...two, client_id: "a b" };
  await checkAssertion(await sign({ ...usual(a), jti: "b c" }), a, ctx);
  await checkAssertion(await sign({ ...usual(ab), jti: "c" }), ab, ctx);
});

test("jti must be present and not too long", async () => {
  const client = clientWith([jwk(p256.publicKey)]);
  for (const jti of [undefined, "", null, 7, ["x"], "x".repeat(513), "x".repeat(50_000)]) {
    const claims = { ...usual(client), jti } as JWTPayload;
    await assert.rejects(checkAssertion(await sign(claims), client, ctx), refused);
  }
  const longest = { ...usual(client), jti: "\u00e4".repeat(512) };
  await assert.doesNotReject(checkAssertion(await sign(longest), client, ctx));
});

test("keys are the client's own, selected by kid if there are several; unusable keys are refused", async () => {
  const other = ec("P-256");
  const two = clientWith([
    jwk(other.publicKey, { kid: "old" }),
    jwk(p256.publicKey, { kid: "new", use: "sig", alg: "ES256" }),
  ]);
  const named = (kid?: unknown) =>
    sign(usual(two), "ES256", p256.privateKey, kid === undefined ? {} : { kid });
  await checkAssertion(await named("new"), two, ctx);
  const either = clientWith([jwk(other.publicKey), jwk(p256.publicKey)]);
  await checkAssertion(await sign(usual(either), "ES256", p256.privateKey, {}), either, ctx);
  const neither = clientWith([jwk(other.publicKey), jwk(ec("P-256").publicKey)]);
  await assert.rejects(
    checkAssertion(await sign(usual(neither), "ES256", p256.privateKey, {}), neither, ctx),
    refused,
  );
  for (const kid of ["old", "gone", "", "../../etc/passwd", "' OR 1=1 --", "__proto__"])
    await assert.rejects(checkAssertion(await named(kid), two, ctx), refused, kid);

  const { publicKey: weak } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  for (const [keys, alg] of [
    [[jwk(other.publicKey)], "ES256"],
    [[jwk(rsa.publicKey)], "ES256"],
    [[jwk(p256.publicKey, { use: "enc" })], "ES256"],
    [[jwk(p256.publicKey, { key_ops: ["encrypt"] })], "ES256"],
    [[jwk(p256.publicKey, { alg: "ES384" })], "ES256"],
    [[{ kty: "EC", crv: "P-256", x: "x", y: "y" }], "ES256"],
    [[{ kty: "EC", crv: "P-256" }], "ES256"],
    [[{ kty: "EC" }], "ES256"],
    [[{ kty: "OKP", crv: "X25519", x: "x" }], "ES256"],
    [[jwk(weak)], "RS256"],
    [[], "ES256"],
  ] as [object[], string][]) {
    const client = clientWith(keys);
    const pair = alg === "RS256" ? rsa : p256;
    const assertion = await sign(usual(client), alg, pair.privateKey);
    await assert.rejects(checkAssertion(assertion, client, ctx), refused, JSON.stringify(keys));
  }
  const { jwks: _, ...without } = two.metadata;
  await assert.rejects(checkAssertion(await named(), { ...two, metadata: without }, ctx), refused);
});

test("shape, header and issuer of an assertion are parsed before it is verified", async () => {
  const part = (value: unknown) =>
    Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
  const make = (header: unknown, claims: unknown) => `${part(header)}.${part(claims)}.c2ln`;
  const read = (client_assertion?: string, client_assertion_type: string | undefined = TYPE) =>
    readAssertion(
      parseForm(
        new URLSearchParams({
          ...(client_assertion !== undefined && { client_assertion }),
          ...(client_assertion_type !== "" && { client_assertion_type }),
        }).toString(),
        10,
      ),
    );
  const own = { iss: "c", sub: "c" };
  const assertion = make({ alg: "ES256" }, own);
  for (const typ of [
    undefined,
    "JWT",
    "jwt",
    "application/jwt",
    "client-authentication+jwt",
    "Application/Client-Authentication+JWT",
  ]) {
    const credential = make({ alg: "ES256", ...(typ !== undefined && { typ }) }, own);
    assert.deepEqual(read(credential), { client_id: "c", credential });
  }
  assert.equal(read(undefined, ""), null);
  for (const [text, type] of [
    [undefined, TYPE],
    [assertion, ""],
    [assertion, "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"],
    [assertion, TYPE.toUpperCase()],
    ["x", TYPE],
    ["..", TYPE],
    ["a.b.c", TYPE],
    [make("[]", own), TYPE],
    [make("null", own), TYPE],
    [make({ alg: "ES256" }, "[]"), TYPE],
    [make('{"alg":"none","alg":"ES256"}', own), TYPE],
    [make({ alg: "ES256" }, '{"iss":"c","sub":"c","sub":"d"}'), TYPE],
    [make({ alg: "ES256" }, '{"iss":"c","sub":"c","__proto__":{}}'), TYPE],
    [
      make(
        { alg: "ES256" },
        `{"iss":"c","sub":"c","x":${"[".repeat(10_000)}${"]".repeat(10_000)}}`,
      ),
      TYPE,
    ],
    [make({ alg: "ES256" }, { iss: "c" }), TYPE],
    [make({ alg: "ES256" }, { sub: "c" }), TYPE],
    [make({ alg: "ES256" }, { iss: "c", sub: "d" }), TYPE],
    [make({ alg: "ES256" }, { iss: ["c"], sub: ["c"] }), TYPE],
    [make({ alg: "ES256" }, { iss: 1, sub: 1 }), TYPE],
    // tokens of another type, although the client signed them
    ...[
      "at+jwt",
      "dpop+jwt",
      "oauth-authz-req+jwt",
      "logout+jwt",
      "JWT ",
      "",
      "text/jwt",
      null,
      1,
    ].map((typ) => [make({ alg: "ES256", typ }, own), TYPE]),
    ...["jwk", "jku", "x5u", "x5c", "crit"].map((name) => [
      make({ alg: "ES256", [name]: "x" }, own),
      TYPE,
    ]),
  ] as [string | undefined, string][])
    assert.throws(() => read(text, type), refused, `${text} ${type}`);
});
