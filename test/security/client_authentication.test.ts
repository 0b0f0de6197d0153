/** Attacks on client authentication: another method, another key, another audience, a replayed assertion. */
import assert from "node:assert/strict";
import {
  createPublicKey,
  createSign,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from "node:crypto";
import { after, before, test } from "node:test";
import { exportJWK, type JWK, SignJWT } from "jose";
import { sha256 } from "../../src/crypto/hash.ts";
import { basic, introspect, lastingHeaders, post, type TokenAnswer } from "../support/flow.ts";
import { assertLinearTime } from "../support/linear_time.ts";
import {
  ISSUER,
  NATIVE,
  SERVICE,
  type TestClient,
  type TestServer,
  testServer,
  WEB,
} from "../support/server.ts";
import {
  assertNoSecrets,
  INVALID_CLIENT,
  INVALID_REQUEST,
  refused,
  refusedAs,
} from "./assertions.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

const JOB = { ...SERVICE, scope: "photos.read" };
const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const MARKER = "marker-of-a-secret-0123456789";

const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });

let server: WatchedServer;
let conf: TestClient;
let evil: TestClient;
let posted: TestClient;
let pub: TestClient;
/** ES256 only. */
let pkj: TestClient;
/** Any algorithm that fits one of its two keys. */
let both: TestClient;

before(async () => {
  server = await watchedServer();
  const jwk = await exportJWK(ec.publicKey);
  const rsa_jwk = await exportJWK(rsa.publicKey);
  conf = await server.addClient(JOB);
  evil = await server.addClient({ ...JOB, client_name: "Evil" });
  posted = await server.addClient({ ...JOB, token_endpoint_auth_method: "client_secret_post" });
  pub = await server.addClient(NATIVE);
  const key = { ...JOB, token_endpoint_auth_method: "private_key_jwt" };
  pkj = await server.addClient({
    ...key,
    token_endpoint_auth_signing_alg: "ES256",
    jwks: { keys: [{ ...jwk, kid: "one" }] },
  });
  both = await server.addClient({
    ...key,
    jwks: {
      keys: [
        { ...jwk, kid: "ec" },
        { ...rsa_jwk, kid: "rsa" },
      ],
    },
  });
});
after(() => server.close());

const GRANT = { grant_type: "client_credentials" };

interface Sent {
  authorization?: string;
  body?: Record<string, string>;
  path?: string;
  at?: TestServer;
}
async function send({
  authorization,
  body = {},
  path = "/token",
  at = server,
}: Sent): Promise<TokenAnswer> {
  const headers = new Headers();
  if (authorization !== undefined) headers.set("authorization", authorization);
  const form = new URLSearchParams({ ...GRANT, ...body });
  const response = await at.fetch(
    new Request(`${ISSUER}${path}`, { method: "POST", headers, body: form }),
  );
  return {
    status: response.status,
    headers: response.headers,
    body: JSON.parse(await response.text()),
  };
}

interface Claims {
  [name: string]: unknown;
}
const claimsOf = (client: TestClient, more: Claims = {}): Claims => ({
  iss: client.client_id,
  sub: client.client_id,
  aud: ISSUER,
  jti: randomUUID(),
  iat: server.now(),
  exp: server.now() + 60,
  ...more,
});
const sign = (
  claims: Claims,
  {
    alg = "ES256",
    key = ec.privateKey,
    ...header
  }: { alg?: string; key?: KeyObject | Uint8Array; [name: string]: unknown } = {},
): Promise<string> => new SignJWT(claims).setProtectedHeader({ alg, ...header }).sign(key);
const withAssertion = (client_assertion: string, more: Record<string, string> = {}) => ({
  body: { client_assertion, client_assertion_type: ASSERTION, ...more },
});

test("K1 a client authenticates by its registered method only; basic and post are interchangeable", async () => {
  const basicOf = (client: TestClient): Sent => ({ authorization: basic(client) });
  const postOf = ({ client_id, client_secret }: TestClient): Sent => ({
    body: { client_id, client_secret },
  });
  const noneOf = ({ client_id }: TestClient): Sent => ({ body: { client_id } });
  const jwtOf = async (client: TestClient): Promise<Sent> =>
    withAssertion(await sign(claimsOf(client)));
  const secret = [basicOf(conf), postOf(conf), postOf(posted), basicOf(posted)];
  const good = [...secret, await jwtOf(pkj), await jwtOf(both)];
  for (const sent of good) assert.equal((await send(sent)).status, 200);
  const isSecret = (method: string) => method.startsWith("client_secret_");
  for (const [client, method] of [
    [conf, "client_secret_basic"],
    [posted, "client_secret_post"],
    [pkj, "private_key_jwt"],
    [pub, "none"],
  ] as const) {
    const ways: [string, Sent][] = [
      ["client_secret_basic", basicOf(client)],
      ["client_secret_post", postOf(client)],
      ["private_key_jwt", await jwtOf(client)],
      ["none", noneOf(client)],
    ];
    for (const [way, sent] of ways) {
      if (way === method || (isSecret(way) && isSecret(method))) continue;
      const { body } = await refusedAs(server, () => send(sent), INVALID_CLIENT);
      assert.match(
        body.error_description ?? "",
        new RegExp(method),
        "the description names the registered method",
      );
    }
  }
});

test("K2 two clients or two authentication methods in one request are refused", async () => {
  const body = { client_id: evil.client_id };
  await refusedAs(server, () => send({ authorization: basic(conf), body }), INVALID_REQUEST);
  const { client_id, client_secret } = conf;
  const combinations: Sent[] = [
    { authorization: basic(conf), body: { client_id, client_secret } },
    { authorization: basic(conf), body: { client_secret: evil.client_secret } },
    { authorization: basic(evil), body: { client_id, client_secret } },
    { authorization: basic(conf), ...withAssertion(await sign(claimsOf(pkj))) },
    withAssertion(await sign(claimsOf(pkj)), { client_id: conf.client_id }),
    withAssertion(await sign(claimsOf(pkj)), { client_id, client_secret }),
  ];
  for (const sent of combinations) {
    const answer = await refused(server, () => send(sent));
    assert.ok([400, 401].includes(answer.status));
    assert.equal(answer.body.access_token, undefined);
  }
  const same = await send({ authorization: basic(conf), body: { client_id } });
  assert.equal(same.status, 200, "the same client_id in header and body is no contradiction");
});

test("K3 a client with a secret cannot authenticate without it", async () => {
  for (const client of [conf, posted])
    for (const client_secret of ["", " ", "\u0000", "null", "undefined", "0"]) {
      const { client_id } = client;
      const pair = Buffer.from(`${client_id}:${client_secret}`).toString("base64");
      await refusedAs(server, () => send({ authorization: `Basic ${pair}` }), INVALID_CLIENT);
      await refusedAs(server, () => send({ body: { client_id, client_secret } }), INVALID_CLIENT);
      for (const path of ["/revoke", "/introspect"]) {
        const body = { client_id, client_secret, token: "x" };
        await refusedAs(server, () => send({ path, body }), INVALID_CLIENT);
      }
    }
  const naked = await server.addClient(JOB, { secrets: [] });
  for (const client_secret of ["", " ", "x", sha256("")])
    await refusedAs(
      server,
      () => send({ authorization: basic({ ...naked, client_secret }) }),
      INVALID_CLIENT,
    );
});

test("K3 a public client cannot use client_credentials or introspection, or revoke another's token", async () => {
  const { client_id } = pub;
  await refusedAs(server, () => send({ body: { client_id } }), [400, "unauthorized_client"]);
  const token = (await send({ authorization: basic(conf) })).body.access_token;
  await refusedAs(
    server,
    () => send({ path: "/introspect", body: { client_id, token } }),
    INVALID_CLIENT,
  );
  await send({ path: "/revoke", body: { client_id, token } });
  assert.equal(
    (await introspect(server, conf, token)).active,
    true,
    "the token of another client is not revoked",
  );
});

test("K5 a client assertion is accepted once, across all endpoints", async () => {
  const assertion = await sign(claimsOf(pkj));
  assert.equal((await send(withAssertion(assertion))).status, 200);
  for (const path of ["/token", "/revoke", "/introspect"]) {
    const sent = { path, ...withAssertion(assertion, { token: "x" }) };
    await refusedAs(server, () => send(sent), INVALID_CLIENT);
  }
  const claims = claimsOf(pkj);
  assert.equal((await send(withAssertion(await sign(claims)))).status, 200);
  const anew = await sign({ ...claims, exp: server.now() + 500 });
  await refusedAs(server, () => send(withAssertion(anew)), INVALID_CLIENT);
  const theirs = await sign({ ...claimsOf(both), jti: claims.jti });
  assert.equal(
    (await send(withAssertion(theirs))).status,
    200,
    "each client has its own jti values",
  );
  server.advance(89);
  await refusedAs(server, () => send(withAssertion(assertion)), INVALID_CLIENT);
});

test("K5 an assertion of a client that is disabled or over its limit is not remembered", async () => {
  const own = await watchedServer({ rate_limits: { client: 1 } });
  const client = await own.addClient(pkj.record.metadata, { disabled_at: own.now() });
  const ask = async () => {
    const [iat, exp] = [own.now(), own.now() + 60];
    const sent = withAssertion(await sign(claimsOf(client, { iat, exp })));
    return (await send({ ...sent, at: own })).status;
  };
  assert.equal(await ask(), 401);
  assert.equal(own.count("claimed_id"), 0);
  await own.server.store.updateClient({ ...client.record, disabled_at: null });
  assert.deepEqual([await ask(), await ask(), await ask()], [200, 429, 429]);
  assert.equal(own.count("claimed_id"), 1);
  await own.close();
});

test("K5 of fifty concurrent requests with one client assertion, one succeeds", async () => {
  const sent = withAssertion(await sign(claimsOf(pkj)));
  const before = server.count("claimed_id");
  const answers = await Promise.all(Array.from({ length: 50 }, () => send(sent)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  assert.equal(answers.filter(({ body }) => body.error === "invalid_client").length, 49);
  assert.equal(server.count("claimed_id"), before + 1);
});

test("K5 a used client assertion stays used on another node and after a restart", async () => {
  const claims = claimsOf(pkj, { exp: server.now() + 3000 });
  const sent = withAssertion(await sign(claims));
  const other = await testServer({ database: `sqlite:${server.path}` });
  other.advance(server.now() - other.now());
  const at_once = await Promise.all(
    [...Array(20).keys()].map((i) => send({ ...sent, at: i % 2 ? other : server })),
  );
  assert.equal(at_once.filter(({ status }) => status === 200).length, 1);
  await other.close();
  const restarted = await testServer({ database: `sqlite:${server.path}` });
  restarted.advance(server.now() - restarted.now());
  assert.equal((await send({ ...sent, at: restarted })).status, 401);
  // The sweep does not forget it before it has expired.
  restarted.advance(3000);
  await restarted.server.store.sweep(restarted.now(), 500);
  assert.equal((await send({ ...sent, at: restarted })).status, 401);
  await restarted.close();
});

test("K6 the only audience accepted is the issuer, as a string or as a list of one", async () => {
  for (const aud of [ISSUER, [ISSUER]])
    assert.equal((await send(withAssertion(await sign(claimsOf(pkj, { aud }))))).status, 200);
  const audiences: unknown[] = [
    `${ISSUER}/token`,
    `${ISSUER}/`,
    `${ISSUER}/par`,
    [ISSUER, ISSUER],
    [[ISSUER]],
    [ISSUER, "https://other.test"],
    [`${ISSUER}/token`, ISSUER],
    "https://other.test",
    ISSUER.toUpperCase(),
    ISSUER.replace("https", "http"),
    `${ISSUER} `,
    "as.test",
    "",
    [],
    undefined,
    null,
    {},
    42,
  ];
  for (const aud of audiences) {
    const sent = withAssertion(await sign(claimsOf(pkj, { aud })));
    await refusedAs(server, () => send(sent), INVALID_CLIENT);
  }
});

test("K7 iss, sub, exp and jti of a client assertion are required and validated", async () => {
  const now = server.now();
  const wrong: Claims[] = [
    { iss: undefined },
    { iss: evil.client_id },
    { iss: ISSUER },
    { iss: [pkj.client_id] },
    { sub: undefined },
    { sub: evil.client_id },
    { sub: "" },
    { sub: 1 },
    { exp: undefined },
    { exp: now - 31 },
    { exp: now - 30 },
    { exp: now + 3631 },
    { exp: now + 86_400 },
    { exp: String(now + 60) },
    { iat: now + 31 },
    { iat: now + 86_400 },
    { iat: String(now) },
    { exp: 0 },
    { exp: -1 },
    { exp: 1e300 },
    { exp: null },
    { nbf: now + 60 },
    { nbf: "soon" },
    { jti: undefined },
    { jti: "" },
    { jti: 1 },
    { jti: ["a"] },
    { jti: "j".repeat(513) },
    { jti: null },
  ];
  for (const more of wrong) {
    const sent = withAssertion(await sign(claimsOf(pkj, more)));
    await refusedAs(server, () => send(sent), INVALID_CLIENT);
  }
  const good: Claims[] = [
    { exp: now - 29 },
    { exp: now + 3629 },
    { exp: now + 60.5 },
    { nbf: now + 29 },
    { iat: now + 29 },
    { jti: "j".repeat(512) },
    { jti: "ü 😀 ' --" },
  ];
  for (const more of good) {
    const { status, body } = await send(withAssertion(await sign(claimsOf(pkj, more))));
    assert.equal(status, 200, `${JSON.stringify(more)} ${body.error_description}`);
  }
});

const encode = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

test("K8 only the registered algorithm is accepted: not none, no HMAC with the public key, no other", async () => {
  const claims = () => claimsOf(pkj);
  const jwk = JSON.stringify(pkj.record.metadata.jwks?.keys[0]);
  const pem = String(createPublicKey(ec.privateKey).export({ type: "spki", format: "pem" }));
  const own_keys = await (await server.fetch(new Request(`${ISSUER}/jwks`))).text();
  const macs = [jwk, pem, own_keys, "", "\u0000", pkj.client_id, pkj.client_secret, "secret"];
  const forged: string[] = [];
  for (const secret of macs)
    for (const alg of ["HS256", "HS384", "HS512"]) {
      const key = new TextEncoder().encode(secret);
      forged.push(
        key.length === 0
          ? `${encode({ alg })}.${encode(claims())}.`
          : await sign(claims(), { alg, key }),
      );
    }
  for (const alg of [
    "none",
    "None",
    "NONE",
    "NoNe",
    "",
    null,
    256,
    undefined,
    "ES256K",
    "es256",
    "RS1",
  ])
    for (const signature of ["", "AA", encode("x".repeat(64))])
      forged.push(`${encode({ alg, typ: "JWT" })}.${encode(claims())}.${signature}`);
  forged.push(await sign(claims(), { alg: "RS256", key: rsa.privateKey }));
  forged.push(await sign(claims(), { alg: "PS256", key: rsa.privateKey }));
  forged.push(await sign(claims(), { key: stranger.privateKey }));
  forged.push(await sign(claims(), { key: stranger.privateKey, kid: "one" }));
  const good = await sign(claims());
  const [head = "", body = "", signature = ""] = good.split(".");
  forged.push(
    `${head}.${body}.`,
    `${head}.${body}`,
    `${head}.${body}.${signature}.`,
    `${head}..${signature}`,
  );
  forged.push(
    `${head}.${encode(claims())}.${signature}`,
    `${encode({ alg: "ES256" })}.${body}.${encode("x")}`,
  );
  forged.push(
    `${head}.${body}.${Buffer.alloc(64).toString("base64url")}`,
    good.slice(0, -2),
    `${good}AA`,
  );
  for (const text of forged)
    await refusedAs(server, () => send(withAssertion(text)), INVALID_CLIENT);
  assert.equal(
    (await send(withAssertion(good))).status,
    200,
    "the refused ones did not use up the valid assertion",
  );
});

test("K8 without a registered algorithm, only algorithms that fit the client's keys are accepted", async () => {
  const ways: [string, KeyObject, number][] = [
    ["ES256", ec.privateKey, 200],
    ["RS256", rsa.privateKey, 200],
    ["PS256", rsa.privateKey, 200],
    ["PS512", rsa.privateKey, 401],
    ["RS512", rsa.privateKey, 401],
  ];
  for (const [alg, key, status] of ways) {
    const answer = await send(withAssertion(await sign(claimsOf(both), { alg, key })));
    assert.equal(answer.status, status, alg);
  }
  const confused = createSign("SHA256").update("x").sign(rsa.privateKey).toString("base64url");
  const text = `${encode({ alg: "ES256", kid: "rsa" })}.${encode(claimsOf(both))}.${confused}`;
  await refusedAs(server, () => send(withAssertion(text)), INVALID_CLIENT);
});

test("K8 a registered algorithm excludes all others, even those that fit another key of the client", async () => {
  const { metadata } = both.record;
  const pinned = { ...metadata, token_endpoint_auth_signing_alg: "ES256" };
  const client = await server.addClient(JOB, { metadata: pinned });
  assert.equal((await send(withAssertion(await sign(claimsOf(client))))).status, 200);
  for (const alg of ["RS256", "PS256"]) {
    const text = await sign(claimsOf(client), { alg, key: rsa.privateKey });
    await refusedAs(server, () => send(withAssertion(text)), INVALID_CLIENT);
  }
});

test("K9 a key in the assertion's header is ignored, and no URL in it is fetched", async (t) => {
  const fetched = t.mock.method(globalThis, "fetch", () => {
    throw new Error("an outbound request");
  });
  const jwk: JWK = await exportJWK(stranger.publicKey);
  const key = stranger.privateKey;
  const evil_url = "https://evil.test/keys.json";
  const headers: Record<string, unknown>[] = [
    { jwk },
    { jwk, kid: "one" },
    { jku: evil_url },
    { jku: evil_url, kid: "one" },
    { x5u: evil_url },
    { x5c: ["MIIB"] },
    { x5t: "AA" },
    { kid: "../../../../dev/null" },
    { kid: "/dev/null" },
    { kid: "one' OR '1'='1" },
    { kid: "one\u0000" },
    { kid: "__proto__" },
    { kid: "constructor" },
    { kid: evil_url },
    { kid: { $ne: null } },
    { kid: "k".repeat(10_000) },
  ];
  for (const header of headers) {
    const text = await sign(claimsOf(pkj), { key, ...header }).catch(() => {
      const own = encode({ alg: "ES256", ...header });
      return `${own}.${encode(claimsOf(pkj))}.${encode("x".repeat(64))}`;
    });
    await refusedAs(server, () => send(withAssertion(text)), INVALID_CLIENT);
  }
  // A header that names another key is refused even if the right key signed it.
  for (const header of [{ jwk }, { jku: evil_url }, { x5u: evil_url }, { x5c: ["MIIB"] }]) {
    const text = await sign(claimsOf(pkj), header);
    await refusedAs(server, () => send(withAssertion(text)), INVALID_CLIENT);
  }
  const critical = `${encode({ alg: "ES256", crit: ["b64"], b64: false })}.${encode(claimsOf(pkj))}.AA`;
  await refusedAs(server, () => send(withAssertion(critical)), INVALID_CLIENT);
  assert.equal(fetched.mock.callCount(), 0);
});

test("K10 client_assertion_type must be present and have the one known value", async () => {
  const type = (client_assertion_type: string) => async () =>
    send({ body: { client_assertion: await sign(claimsOf(pkj)), client_assertion_type } });
  for (const wrong of [
    "",
    "jwt-bearer",
    `${ASSERTION} `,
    ASSERTION.toUpperCase(),
    ASSERTION.replace("jwt", "saml2"),
  ])
    await refusedAs(server, type(wrong), INVALID_CLIENT);
  const bodies: Record<string, string>[] = [
    { client_assertion_type: ASSERTION },
    { client_assertion_type: ASSERTION, client_assertion: "" },
    { client_assertion_type: ASSERTION, client_assertion: "x" },
    { client_assertion_type: ASSERTION, client_assertion: ".." },
    { client_assertion_type: ASSERTION, client_assertion: "e30.e30.e30" },
    { client_assertion_type: ASSERTION, client_assertion: "null.null.null" },
    { client_assertion_type: ASSERTION, client_assertion: "a".repeat(60_000) },
    { client_assertion_type: ASSERTION, client_assertion: ".".repeat(60_000) },
  ];
  for (const body of bodies) await refusedAs(server, () => send({ body }), INVALID_CLIENT);
  const own = (await send({ authorization: basic(conf) })).body.access_token;
  await refusedAs(server, () => send(withAssertion(own)), INVALID_CLIENT);
});

test("K10 a JWT whose typ says another purpose is refused as a client assertion", async () => {
  for (const typ of ["JWT", "client-authentication+jwt"]) {
    const text = await sign(claimsOf(pkj), { typ });
    assert.equal((await send(withAssertion(text))).status, 200, typ);
  }
  for (const typ of ["at+jwt", "dpop+jwt", "oauth-authz-req+jwt", "secevent+jwt", "jose", 1]) {
    const text = await sign(claimsOf(pkj), { typ });
    await refusedAs(server, () => send(withAssertion(text)), INVALID_CLIENT);
  }
});

test("K11 an unknown client and a wrong secret get identical answers", async () => {
  const answers: string[] = [];
  for (const client_id of [conf.client_id, "nobody", "", "é", "x".repeat(10_000)]) {
    const secrets = ["wrong", conf.client_secret.slice(0, -1), `${conf.client_secret}x`];
    for (const client_secret of client_id === conf.client_id ? secrets : ["wrong"]) {
      if (client_id === "") continue;
      const act = () => send({ authorization: basic({ client_id, client_secret }) });
      const answer = await refusedAs(server, act, INVALID_CLIENT);
      answers.push(JSON.stringify([answer.status, lastingHeaders(answer), answer.body]));
    }
  }
  assert.equal(new Set(answers).size, 1, answers.join("\n"));
});

test("K12 client_id and secret in Basic authentication are form-decoded, whatever characters they contain", async () => {
  const pairs: [string, string][] = [
    ["a:b", "c:d"],
    ["a%b", "c%d%20"],
    ["a b+c", "d e+f"],
    ["ünï", "sécrét😀"],
    ["a&b=c", "?/#\"'"],
    ["https://app.test/client", "~!*()"],
  ];
  for (const [client_id, client_secret] of pairs) {
    const secrets = [{ hash: sha256(client_secret), created_at: server.now(), expires_at: null }];
    await server.addClient(JOB, { client_id, secrets });
    const formed = new URLSearchParams([
      ["", client_id],
      ["", client_secret],
    ]).toString();
    const [, id = "", secret = ""] = /^=(.*)&=(.*)$/.exec(formed) ?? [];
    for (const pair of [
      `${id}:${secret}`,
      `${encodeURIComponent(client_id)}:${encodeURIComponent(client_secret)}`,
    ]) {
      const authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
      assert.equal((await send({ authorization })).status, 200, pair);
      assert.equal(
        (await send({ authorization: authorization.replace("Basic", "bAsIc") })).status,
        200,
      );
    }
    const wrong = `Basic ${Buffer.from(`${id}:${secret}x`).toString("base64")}`;
    await refusedAs(server, () => send({ authorization: wrong }), INVALID_CLIENT);
  }
});

test("K12 a malformed Authorization header is refused with invalid_client", async () => {
  const pair = Buffer.from(`${conf.client_id}:${conf.client_secret}`).toString("base64");
  const headers = [
    "Basic",
    "Basic ",
    "Basic !!!!",
    "Basic =",
    "Basic ====",
    `Basic ${pair}, Basic ${pair}`,
    `Basic ${pair} ${pair}`,
    `Basic ${pair.slice(0, 8)} ${pair.slice(8)}`,
    `Basic "${pair}"`,
    `Basic ${pair}*`,
    `Basic ${Buffer.from("nocolon").toString("base64")}`,
    `Basic ${Buffer.from(":secret").toString("base64")}`,
    `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0xff]).toString("base64")}`,
    `Basic ${Buffer.from("%:%").toString("base64")}`,
    `Basic ${Buffer.from("%00:%00").toString("base64")}`,
    `Basic ${"A".repeat(15_000)}`,
    `Basic${pair}`,
    `Basic\t${pair}`,
  ];
  for (const authorization of headers)
    await refusedAs(server, () => send({ authorization }), INVALID_CLIENT);
  for (const scheme of ["Bearer", "Digest", "Negotiate", "DPoP", "x"])
    await refusedAs(server, () => send({ authorization: `${scheme} ${pair}` }), INVALID_CLIENT);
});

test("K12 parsing an Authorization header full of spaces takes linear time", async () => {
  const work = async (size: number): Promise<void> => {
    for (let i = 0; i < 5; i += 1)
      for (const authorization of [`Basic${" ".repeat(size)}x y`, `Bearer${" ".repeat(size)}x y`])
        assert.equal((await send({ authorization })).status, 401);
  };
  await assertLinearTime(work, { size: 60_000 });
});

test("K13 a disabled client and an expired secret are refused at every endpoint", async () => {
  const { store } = server.server;
  const now = server.now();
  const client = await server.addClient(JOB);
  const { record } = client;
  const [secret] = record.secrets;
  assert.ok(secret);
  const act = (path: string) => () =>
    send({ path, authorization: basic(client), body: { token: "x" } });
  assert.equal((await act("/token")()).status, 200);
  for (const change of [
    { disabled_at: now },
    { secrets: [{ ...secret, expires_at: now }] },
    { secrets: [] },
  ]) {
    await store.updateClient({ ...record, ...change });
    for (const path of ["/token", "/revoke", "/introspect"])
      await refusedAs(server, act(path), INVALID_CLIENT);
  }
  await store.updateClient({ ...record, secrets: [{ ...secret, expires_at: now + 1 }] });
  assert.equal((await act("/token")()).status, 200);
  server.advance(1);
  await refusedAs(server, act("/token"), INVALID_CLIENT);
  await store.removeClient(client.client_id, now);
  await refusedAs(server, act("/token"), INVALID_CLIENT);
});

test("K14 headers that proxies set for client certificates are ignored", async () => {
  const { client_id } = conf;
  for (const name of [
    "x-client-cert",
    "x-ssl-client-cert",
    "client-cert",
    "x-forwarded-client-cert",
    "x-client-id",
  ]) {
    const headers = { [name]: client_id };
    const body = new URLSearchParams({ ...GRANT, client_id });
    const request = new Request(`${ISSUER}/token`, { method: "POST", headers, body });
    const answer = await refused(server, () => server.fetch(request));
    assert.equal(answer.status, 401, name);
  }
});

test("K15 a failed client secret never appears in the log, wherever it was sent", async () => {
  const from = server.lines.length;
  const forged = `${encode({ alg: "ES256" })}.${encode({ ...claimsOf(pkj), secret: MARKER })}.${encode(MARKER)}`;
  const ways: Sent[] = [
    { authorization: basic({ client_id: conf.client_id, client_secret: MARKER }) },
    { authorization: basic({ client_id: "nobody", client_secret: MARKER }) },
    { authorization: `Bearer ${MARKER}` },
    { authorization: `Basic ${MARKER}` },
    { body: { client_id: conf.client_id, client_secret: MARKER } },
    { body: { client_id: posted.client_id, client_secret: MARKER } },
    { body: { client_id: "nobody", client_secret: MARKER } },
    { body: { client_secret: MARKER } },
    { body: { client_id: pub.client_id, client_secret: MARKER } },
    { ...withAssertion(forged) },
    { ...withAssertion(MARKER) },
    {
      authorization: basic(conf),
      body: { grant_type: "password", password: MARKER, username: "ada" },
    },
    { authorization: basic(conf), body: { grant_type: "refresh_token", refresh_token: MARKER } },
    { authorization: basic(conf), body: { grant_type: "authorization_code", code: MARKER } },
    { authorization: basic(conf), body: { scope: `photos.read ${MARKER}\u0001` } },
    { path: "/introspect", authorization: basic(conf), body: { token: MARKER } },
    { path: "/revoke", authorization: basic(conf), body: { token: MARKER } },
    { path: `/token?client_secret=${MARKER}`, authorization: basic(conf) },
    { path: "/userinfo", authorization: `Bearer ${MARKER}` },
    { path: "/userinfo", body: { access_token: MARKER } },
  ];
  for (const sent of ways) await send({ ...sent, path: sent.path ?? "/token" });
  assertNoSecrets(server.lines.slice(from), [MARKER, encode(MARKER)]);
  assert.ok(server.lines.length > from + ways.length, "each refusal was explained");
});

test("K16 a web app cannot use client_credentials; a service gets neither openid nor unregistered scopes", async () => {
  const web = await server.addClient(WEB);
  const own = () => post(server, "/token", { client: web, ...GRANT });
  await refusedAs(server, own, [400, "unauthorized_client"]);
  for (const grant_type of [
    "password",
    "implicit",
    "__proto__",
    "constructor",
    "toString",
    "AUTHORIZATION_CODE",
  ])
    await refusedAs(server, () => post(server, "/token", { client: conf, grant_type }), [
      400,
      "unsupported_grant_type",
    ]);
  // A client that a person registered has no access of its own, whatever its grant types are.
  const { scope: _, ...metadata } = conf.record.metadata;
  const theirs = await server.addClient(WEB, { metadata, created_by: "user" });
  await refusedAs(server, () => post(server, "/token", { client: theirs, ...GRANT }), [
    400,
    "unauthorized_client",
  ]);
  for (const scope of ["openid", "photos.read openid", "offline_access", "photos.write"])
    await refusedAs(server, () => post(server, "/token", { client: conf, ...GRANT, scope }), [
      400,
      "invalid_scope",
    ]);
});
