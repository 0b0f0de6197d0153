/** Attacks on JWTs: the algorithm chosen by the token, one kind of token used as another, ambiguous encodings. */
import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync, randomUUID, sign as signBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { decodeJwt, decodeProtectedHeader, exportJWK, type JWTPayload, SignJWT } from "jose";
import { signJwt } from "../../src/crypto/jwt.ts";
import { parseClientMetadata } from "../../src/oauth/client_metadata.ts";
import { authorizationUrl, type TestBrowser } from "../support/browser.ts";
import { STRICT_RULES } from "../support/client_rules.ts";
import { basic, introspect, post, redeem, refresh, tokensFor } from "../support/flow.ts";
import { ISSUER, PRINTS, SERVICE, type TestClient, WEB } from "../support/server.ts";
import { errorSent, INVALID_CLIENT, refused, refusedAs } from "./assertions.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });

let server: WatchedServer;
let web: TestClient;
let pkj: TestClient;
let ada: TestBrowser;
let sub: string;
let good: Awaited<ReturnType<typeof tokensFor>>;

before(async () => {
  server = await watchedServer();
  sub = await server.addUser("ada");
  web = await server.addClient(WEB);
  pkj = await server.addClient({
    ...SERVICE,
    scope: "photos.read",
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: [await exportJWK(ec.publicKey)] },
  });
  good = await tokensFor(server, web);
  ada = good.browser;
});
after(() => server.close());

const encode = (text: string | object): string =>
  Buffer.from(typeof text === "string" ? text : JSON.stringify(text)).toString("base64url");

/** Refused as an access token everywhere, with the same answer as any other invalid token. */
async function assertWorthless(token: string): Promise<void> {
  const introspected = await post(server, "/introspect", { client: web, token });
  assert.equal(JSON.stringify(introspected.body), '{"active":false}', token.slice(0, 200));
  const headers = { authorization: `Bearer ${token}` };
  const act = () => server.fetch(new Request(`${ISSUER}/userinfo`, { headers }));
  if (!/^[A-Za-z0-9._~+/=-]+$/.test(token)) return;
  const response = await refused(server, act);
  assert.equal(response.status, 401, token.slice(0, 200));
  assert.match(response.headers.get("www-authenticate") ?? "", /error="invalid_token"/);
}

test("J2 an HMAC keyed with the public key is refused (algorithm confusion)", async () => {
  const text = await (await server.fetch(new Request(`${ISSUER}/jwks`))).text();
  const { keys } = JSON.parse(text);
  const claims = decodeJwt(good.access_token);
  const [own] = await server.server.keys();
  assert.ok(own);
  const secrets = [
    text,
    ...keys.flatMap((key: object) => [JSON.stringify(key), String(Object.values(key)[0])]),
    own.public_key.export({ type: "spki", format: "pem" }).toString(),
    own.public_key.export({ type: "spki", format: "pem" }).toString().trim(),
    own.public_key.export({ type: "spki", format: "der" }),
    own.kid,
  ];
  for (const secret of secrets)
    for (const alg of ["HS256", "HS512"])
      for (const kid of [own.kid, undefined, ...keys.map((key: { kid: string }) => key.kid)]) {
        const key = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
        const header = { alg, typ: "at+jwt", ...(kid && { kid }) };
        await assertWorthless(await new SignJWT(claims).setProtectedHeader(header).sign(key));
      }
});

test("J3 alg none, an empty or missing signature, and a key in the token's header are refused", async () => {
  const claims = encode(decodeJwt(good.access_token));
  const { kid } = decodeProtectedHeader(good.access_token);
  const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = await exportJWK(stranger.publicKey);
  const [head = "", , signature = ""] = good.access_token.split(".");
  const algorithms = ["none", "None", "", "HS256", "ES256", "RS256", null, ["ES256"], 256];
  for (const alg of algorithms)
    for (const last of ["", encode("x"), Buffer.alloc(64).toString("base64url"), signature]) {
      const token = `${encode({ alg, typ: "at+jwt", kid })}.${claims}.${last}`;
      if (token !== good.access_token) await assertWorthless(token);
    }
  const brought: Record<string, unknown>[] = [
    { jwk },
    { jku: "https://evil.test" },
    { x5c: ["AA"] },
    { kid: "x", jwk },
  ];
  for (const extra of brought) {
    const header = { alg: "ES256", typ: "at+jwt", kid: String(kid), ...extra };
    const token = new SignJWT(decodeJwt(good.access_token)).setProtectedHeader(header);
    await assertWorthless(await token.sign(stranger.privateKey));
  }
  const wider: JWTPayload = { ...decodeJwt(good.access_token), scope: "openid photos.write" };
  await assertWorthless(`${head}.${encode(wider)}.${signature}`);
});

test("J3 a client cannot register a symmetric key, a private key or an HMAC algorithm", () => {
  const metadata = { ...SERVICE, token_endpoint_auth_method: "private_key_jwt" };
  const secret = ec.privateKey.export({ format: "jwk" });
  const keys: unknown[] = [
    { kty: "oct", k: "" },
    { kty: "oct", k: "c2VjcmV0" },
    secret,
    { ...secret, d: "" },
    { kty: "RSA", n: "AQAB", e: "AQAB", p: "AQ" },
    { kty: "none" },
    {},
    null,
    "key",
    [],
  ];
  for (const key of keys)
    assert.throws(() => parseClientMetadata({ ...metadata, jwks: { keys: [key] } }, STRICT_RULES), {
      error: "invalid_client_metadata",
    });
  for (const jwks of [
    { keys: [] },
    {},
    [],
    "x",
    { keys: "x" },
    { keys: Array(21).fill({ kty: "EC" }) },
  ])
    assert.throws(() => parseClientMetadata({ ...metadata, jwks }, STRICT_RULES));
  for (const token_endpoint_auth_signing_alg of ["none", "HS256", "RS1", "", 1])
    assert.throws(() =>
      parseClientMetadata({ ...metadata, token_endpoint_auth_signing_alg }, STRICT_RULES),
    );
  for (const id_token_signed_response_alg of ["none", "HS256"])
    assert.throws(() =>
      parseClientMetadata({ ...WEB, id_token_signed_response_alg }, STRICT_RULES),
    );
});

test("J4 each kind of token is refused where another kind is expected", async () => {
  const { access_token, id_token, refresh_token, code } = good;
  await assertWorthless(id_token);
  await assertWorthless(code);
  const bearer = { headers: { authorization: `Bearer ${refresh_token}` } };
  assert.equal((await server.fetch(new Request(`${ISSUER}/userinfo`, bearer))).status, 401);
  for (const token of [access_token, id_token]) {
    assert.equal((await refused(server, () => redeem(server, web, token))).status, 400);
    assert.equal((await refused(server, () => refresh(server, web, token))).status, 400);
    const body = { client_assertion: token, client_assertion_type: ASSERTION };
    const act = () => post(server, "/token", { grant_type: "client_credentials", ...body });
    await refusedAs(server, act, INVALID_CLIENT);
  }
  const [key] = await server.server.keys();
  assert.ok(key);
  const claims = { ...decodeJwt(access_token) };
  for (const typ of ["JWT", "logout+jwt"] as const)
    await assertWorthless(signJwt(claims, typ, key));
  for (const typ of ["AT+JWT", "application/at+jwt", "at+jwt ", "", undefined]) {
    const header = { alg: key.alg, kid: key.kid, ...(typ !== undefined && { typ }) };
    await assertWorthless(
      await new SignJWT(claims).setProtectedHeader(header).sign(key.private_key),
    );
  }
});

test("J4 id_token_hint accepts our own ID token for this client only; other hints are refused", async () => {
  const grace = await server.addUser("grace");
  const other = await server.addClient({ ...WEB, client_name: "Other" });
  const theirs = await tokensFor(server, other, { username: "grace" });
  const mine = await tokensFor(server, web, { username: "grace" });
  assert.equal(decodeJwt(mine.id_token).sub, grace);
  const silent = (id_token_hint: string) =>
    authorizationUrl(web, { prompt: "none", id_token_hint });
  await errorSent(server, silent(mine.id_token), "login_required", { browser: ada });
  const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const header = {
    alg: "RS256",
    typ: "JWT",
    kid: String(decodeProtectedHeader(mine.id_token).kid),
  };
  const forged = new SignJWT(decodeJwt(mine.id_token)).setProtectedHeader(header);
  for (const hint of [
    await forged.sign(stranger),
    theirs.id_token,
    mine.access_token,
    "x",
    "a.b.c",
  ])
    await errorSent(server, silent(hint), "invalid_request", { browser: ada });
});

/** Correctly signed, with any content. */
function assertion(header: string, claims: string): string {
  const input = `${encode(header)}.${encode(claims)}`;
  const key = { key: ec.privateKey, dsaEncoding: "ieee-p1363" as const };
  return `${input}.${signBytes("sha256", Buffer.from(input), key).toString("base64url")}`;
}
const present = (client_assertion: string) =>
  post(server, "/token", {
    grant_type: "client_credentials",
    client_assertion,
    client_assertion_type: ASSERTION,
  });

test("J8 ambiguous JSON is refused even when it is signed", async () => {
  const { client_id } = pkj;
  const base = () =>
    `"iss":"${client_id}","sub":"${client_id}","aud":"${ISSUER}","jti":"${randomUUID()}","exp":${server.now() + 60}`;
  assert.equal((await present(assertion('{"alg":"ES256"}', `{${base()}}`))).status, 200);
  const headers = [
    '{"alg":"ES256","alg":"ES256"}',
    '{"alg":"none","alg":"ES256"}',
    '{"alg":"ES256","\\u0061lg":"none"}',
    '{"alg":"ES256","__proto__":{"alg":"none"}}',
    '{"alg":"ES256","x":{"a":1,"a":2}}',
    `{"alg":"ES256","x":${"[".repeat(10_000)}${"]".repeat(10_000)}}`,
    '{"alg":"ES256"}\u0000',
    '{"alg":"ES256"}{}',
    '{"alg":"ES256",}',
    '\ufeff{"alg":"ES256"}',
    '["alg","ES256"]',
    '"ES256"',
    "null",
    "",
  ];
  for (const header of headers)
    await refusedAs(server, () => present(assertion(header, `{${base()}}`)), INVALID_CLIENT);
  const claims = [
    `${base()},"sub":"${client_id}"`,
    `"sub":"client-1",${base()}`,
    `${base()},"exp":${server.now() + 60}`,
    `${base()},"__proto__":{"x":1}`,
    `${base()},"x":{"y":[{"z":1,"z":2}]}`,
    `${base()},"x":${"[".repeat(10_000)}${"]".repeat(10_000)}`,
    base().replace(/"exp":\d+/, '"exp":1e400'),
    base().replace(/"exp":\d+/, '"exp":-1e400'),
    base().replace(/"exp":(\d+)/, '"exp":"$1"'),
    base().replace(/"exp":\d+/, '"exp":true'),
    base().replace(/"exp":\d+/, '"exp":[1]'),
    base().replace(/"exp":(\d+)/, '"exp":0$1'),
    base().replace(/"exp":\d+/, '"exp":NaN'),
    `${base()},"nbf":"soon"`,
    `${base()},"iat":"now"`,
    base().replace(/"iss"/, '"iss\\u0000"'),
    `${base()}}{`,
  ];
  for (const text of claims)
    await refusedAs(
      server,
      () => present(assertion('{"alg":"ES256"}', `{${text}}`)),
      INVALID_CLIENT,
    );
});

test("J8 a token is accepted in its canonical encoding only", async () => {
  const [head = "", body = "", signature = ""] = good.access_token.split(".");
  const last = signature.at(-1) ?? "";
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  // 64 bytes leave four bits of the last character unused.
  const same = [...alphabet].filter(
    (letter) => letter !== last && alphabet.indexOf(letter) >> 4 === alphabet.indexOf(last) >> 4,
  );
  assert.equal(same.length, 15);
  for (const letter of same)
    await assertWorthless(`${head}.${body}.${signature.slice(0, -1)}${letter}`);
  for (const text of [
    `${good.access_token}=`,
    `${good.access_token}==`,
    `${good.access_token}.`,
    `.${good.access_token}`,
    `${head}=.${body}.${signature}`,
    `${head}.${body}.${signature.slice(0, -1)}`,
    `${head}.${body}.${signature}AA`,
    `${head}\n.${body}.${signature}`,
    `${head}.${body} .${signature}`,
    good.access_token.replaceAll("-", "+").replaceAll("_", "/"),
    good.access_token.toUpperCase(),
    `${head}.${body}`,
    `${head}..${signature}`,
    `..`,
    `${good.access_token} `,
  ]) {
    if (text === good.access_token || text.trim() === good.access_token) continue;
    await assertWorthless(text);
  }
  for (const size of [1, 2, 63, 65, 70, 72, 256, 1000])
    for (const fill of [0, 1, 0x30, 255])
      await assertWorthless(`${head}.${body}.${Buffer.alloc(size, fill).toString("base64url")}`);
});

test("J8 an altered, transplanted or guessed sealed token is refused", async () => {
  const parameters = { scope: "openid prints.order" };
  const { access_token } = await tokensFor(server, web, { browser: ada, parameters });
  assert.match(access_token, /^vka_/);
  const flip = (at: number) =>
    `${access_token.slice(0, at)}${access_token[at] === "A" ? "B" : "A"}${access_token.slice(at + 1)}`;
  for (let at = 4; at < access_token.length; at += 7) await assertWorthless(flip(at));
  const pending = (await ada.get(authorizationUrl(web, { prompt: "consent" }))).url;
  const sealed = pending.searchParams.get("continue") ?? "";
  for (const text of [
    access_token.slice(4),
    access_token.slice(0, -1),
    `${access_token}A`,
    `${access_token}=`,
    access_token.toLowerCase(),
    `vka_${sealed}`,
    "vka_",
    `vka_${"A".repeat(100)}`,
    `vka_${"A".repeat(40_000)}`,
  ])
    await assertWorthless(text);
  const moved = new URLSearchParams({ continue: access_token.slice(4) });
  assert.equal((await refused(server, () => ada.request(`/authorize?${moved}`))).status, 400);
});

test("J9 published keys are public, strong and distinct, and no weak algorithm is offered", async () => {
  const response = await server.fetch(new Request(`${ISSUER}/jwks`));
  const { keys } = JSON.parse(await response.text());
  assert.ok(keys.length >= 2);
  for (const key of keys) {
    for (const member of ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
      assert.ok(!(member in key), member);
    assert.equal(key.use, "sig");
    assert.ok(["ES256", "RS256", "PS256", "EdDSA"].includes(key.alg));
    if (key.kty === "RSA") {
      const modulus = Buffer.from(key.n, "base64url");
      assert.ok(modulus.length >= 256 && (modulus[0] ?? 0) >= 0x80, "2048 bits, leading bit set");
      assert.equal(key.e, "AQAB");
    } else {
      const of_alg = key.alg === "EdDSA" ? ["OKP", "Ed25519"] : ["EC", "P-256"];
      assert.deepEqual([key.kty, key.crv], of_alg);
    }
  }
  assert.equal(new Set(keys.map(({ kid }: { kid: string }) => kid)).size, keys.length);
  for (const name of ["oauth-authorization-server", "openid-configuration"]) {
    const text = await (await server.fetch(new Request(`${ISSUER}/.well-known/${name}`))).text();
    for (const [member, values] of Object.entries(JSON.parse(text)))
      if (/_alg|_algs|alg_values/.test(member))
        assert.doesNotMatch(JSON.stringify(values), /none|HS\d|RS1/i, member);
    assert.doesNotMatch(text, /"plain"|"token"|"implicit"|"password"/);
  }
});

test("J9 private keys are on disk in sealed form only, and each new server makes its own", async () => {
  for (const { private_key, kid } of await server.server.keys()) {
    const { d, p } = createPrivateKey(private_key.export({ type: "pkcs8", format: "pem" })).export({
      format: "jwk",
    });
    assert.ok(d && !server.isOnDisk(d));
    if (p) assert.ok(!server.isOnDisk(p));
    assert.ok(server.isOnDisk(kid));
  }
  const other = await watchedServer();
  const kids = (await other.server.keys()).map(({ kid }) => kid);
  for (const { kid } of await server.server.keys()) assert.ok(!kids.includes(kid));
  await other.close();
});

test("J9 the tokens of a withdrawn key are refused at once", async () => {
  const other = await watchedServer();
  await other.addUser("ada");
  const client = await other.addClient(WEB);
  const { access_token } = await tokensFor(other, client);
  const { kid } = decodeProtectedHeader(access_token);
  await other.server.store.retireSigningKey(String(kid), other.now());
  const headers = { authorization: `Bearer ${access_token}` };
  assert.equal((await other.fetch(new Request(`${ISSUER}/userinfo`, { headers }))).status, 401);
  const introspected = await post(other, "/introspect", { client, token: access_token });
  assert.equal(JSON.stringify(introspected.body), '{"active":false}');
  const jwks = await (await other.fetch(new Request(`${ISSUER}/jwks`))).text();
  assert.ok(!jwks.includes(String(kid)));
  await other.close();
});

test("J10 a sealed access token is opaque; a signed one contains the required claims only", async () => {
  const claims = decodeJwt(good.access_token);
  assert.deepEqual(Object.keys(claims).sort(), [
    "access_epoch",
    "acr",
    "aud",
    "auth_time",
    "client_id",
    "exp",
    "grant_id",
    "iat",
    "iss",
    "jti",
    "scope",
    "sub",
  ]);
  const { scope } = { scope: "openid prints.order" };
  const { access_token } = await tokensFor(server, web, {
    browser: ada,
    parameters: { scope, resource: PRINTS },
  });
  const bytes = Buffer.from(access_token.slice(4), "base64url").toString("latin1");
  for (const word of ["prints", sub, web.client_id, ISSUER]) assert.ok(!bytes.includes(word));
  assert.ok(!server.lines.some((line) => JSON.stringify(line).includes(basic(web))));
});

test("J6 an encrypted token is refused without decompression or key derivation", async () => {
  // So many iterations would take longer than the three minutes that a file has.
  const headers = [
    { alg: "PBES2-HS256+A128KW", enc: "A128GCM", p2c: 2 ** 31, p2s: "AAAA" },
    { alg: "dir", enc: "A256GCM", zip: "DEF" },
    { alg: "RSA-OAEP-256", enc: "A256GCM" },
  ];
  for (const header of headers) {
    const parts = [
      encode(header),
      encode("key"),
      encode("iv"),
      encode("x".repeat(10_000)),
      encode("tag"),
    ];
    const token = parts.join(".");
    await assertWorthless(token);
    await refusedAs(server, () => present(token), INVALID_CLIENT);
  }
});

test("J11 revoking one token does not affect another that differs in its jti only", async () => {
  const job = await server.addClient({ ...SERVICE, scope: "photos.read" });
  const own = () => post(server, "/token", { client: job, grant_type: "client_credentials" });
  const [one, two] = [(await own()).body.access_token, (await own()).body.access_token];
  const { jti, ...same } = decodeJwt(one);
  const { jti: other, ...as } = decodeJwt(two);
  assert.deepEqual(same, as);
  assert.notEqual(jti, other);
  await post(server, "/revoke", { client: job, token: one });
  const active = async (token: string) => (await introspect(server, job, token)).active;
  assert.deepEqual([await active(one), await active(two), await active(one)], [false, true, false]);
});
