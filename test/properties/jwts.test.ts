/** Any JWT is answered: as a client assertion, as a hint, as an access token. */
import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { after, before, type TestContext, test } from "node:test";
import fc from "fast-check";
import { authorizationUrl } from "../support/browser.ts";
import { basic, tokensFor } from "../support/flow.ts";
import type { TestServer } from "../support/server.ts";
import { ISSUER, SERVICE, type TestClient, testServer, WEB } from "../support/server.ts";

const TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

let server: TestServer;
let web: TestClient;
let job: TestClient;
let private_key: KeyObject;
/** Our own tokens, whose parts are combined with others. */
let real: string[];
before(async () => {
  server = await testServer();
  await server.addUser("ada");
  web = await server.addClient(WEB);
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  private_key = privateKey;
  job = await server.addClient({
    ...SERVICE,
    token_endpoint_auth_method: "private_key_jwt",
    jwks: {
      keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", alg: "ES256", use: "sig" }],
    },
  });
  const { access_token, id_token } = await tokensFor(server, web);
  real = [access_token, id_token];
});
after(() => server.close());

const seed = Number(process.env.TEST_SEED ?? 20_261_124);
const told = (t: TestContext, numRuns: number) => {
  t.diagnostic(`seed ${seed}`);
  return { seed, numRuns };
};

const HEADER = "alg kid typ crit jku jwk x5c x5u b64 cty zip enc p2c __proto__".split(" ");
const CLAIMS =
  "iss sub aud exp iat nbf jti azp nonce client_id scope grant_id sid auth_time act cnf events __proto__".split(
    " ",
  );
const likely = fc.constantFrom<unknown>(
  ...["ES256", "RS256", "none", "None", "HS256", "at+jwt", "JWT", "one", "../../etc/passwd", ""],
  ...[
    ISSUER,
    "https://as.test/token",
    "openid",
    null,
    true,
    -1,
    0,
    Number.MAX_VALUE,
    1_800_000_000,
    2 ** 53,
  ],
  ...[[], {}, ["b64"], [ISSUER], { kty: "EC" }, "\u0000", "\ud800", "é", "x".repeat(5000)],
);
const value = fc.oneof({ weight: 3, arbitrary: likely }, fc.jsonValue({ maxDepth: 3 }));
const membersOf = (names: string[]) =>
  fc.dictionary(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...names) }, fc.string()), value, {
    maxKeys: 8,
  });
const encode = (text: string): string => Buffer.from(text).toString("base64url");
const decode = (text = ""): string => Buffer.from(text, "base64url").toString();

interface Made {
  header: object;
  claims: object;
  /** Adds the correct members, so that later checks are reached too. */
  proper: boolean;
  signed: "by the client" | "by nobody" | "by another" | "with rubbish";
}
const made: fc.Arbitrary<Made> = fc.record({
  header: membersOf(HEADER),
  claims: membersOf(CLAIMS),
  proper: fc.boolean(),
  signed: fc.constantFrom(
    "by the client",
    "by the client",
    "by nobody",
    "by another",
    "with rubbish",
  ),
});

let count = 0;
function tokenOf({ header, claims, proper, signed }: Made): string {
  count += 1;
  const right = { iss: job.client_id, sub: job.client_id, aud: ISSUER, jti: `${count}` };
  const times = { iat: server.now(), exp: server.now() + 60 };
  const head = proper ? { alg: "ES256", kid: "one", ...header } : header;
  const body = proper ? { ...right, ...times, ...claims } : claims;
  const text = `${encode(JSON.stringify(head))}.${encode(JSON.stringify(body))}`;
  const [, , signature = ""] = (real[count % real.length] ?? "").split(".");
  if (signed === "by nobody") return `${text}.`;
  if (signed === "by another") return `${text}.${signature}`;
  if (signed === "with rubbish") return `${text}.${encode("rubbish")}`;
  const key = { key: private_key, dsaEncoding: "ieee-p1363" as const };
  return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
}

/** Parts of tokens, right or wrong, in any number. */
const torn = fc
  .array(
    fc.oneof(
      fc.nat().map((i) => (real[i % 2] ?? "").split(".")[i % 3] ?? ""),
      fc.json().map(encode),
      fc.base64String(),
      fc.string({ unit: "grapheme-ascii", maxLength: 20 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join("."));
const anyJwt = fc.oneof({ weight: 3, arbitrary: made.map(tokenOf) }, torn);

async function answered(path: string, init: RequestInit): Promise<Response> {
  const response = await server.fetch(new Request(new URL(path, ISSUER), init));
  const text = await response.clone().text();
  assert.ok(response.status >= 200 && response.status < 500, `${response.status} ${path} ${text}`);
  return response;
}
const send = (path: string, fields: Record<string, string>, headers = {}): Promise<Response> =>
  answered(path, { method: "POST", headers, body: new URLSearchParams(fields) });

test("any JWT as a client assertion is answered, and only a correct one is accepted, once", async (t) => {
  let taken = 0;
  const cases = fc.asyncProperty(anyJwt, fc.boolean(), async (client_assertion, named) => {
    const id = named ? { client_id: job.client_id } : {};
    const proof = { ...id, client_assertion, client_assertion_type: TYPE };
    const { status } = await send("/token", { grant_type: "client_credentials", ...proof });
    assert.ok([200, 400, 401, 413].includes(status), `${status}`);
    if (status !== 200) return;
    taken += 1;
    const { iss, sub, aud, exp } = JSON.parse(decode(client_assertion.split(".")[1]));
    assert.deepEqual([iss, sub], [job.client_id, job.client_id]);
    assert.ok([aud].flat().every((each: unknown) => typeof each === "string"));
    assert.ok(exp > server.now());
    const again = await send("/token", { grant_type: "client_credentials", ...proof });
    assert.equal(again.status, 401, "a replayed assertion");
  });
  await fc.assert(cases, told(t, 400));
  assert.ok(taken > 0, "no case was correct, so the test proves nothing");
});

test("any JWT as an access token is refused", async (t) => {
  const cases = fc.asyncProperty(anyJwt, async (token) => {
    fc.pre(!real.includes(token));
    const visible = token.replaceAll(/[^\x21-\x7e]/g, "~");
    const headers = { authorization: `Bearer ${visible}` };
    assert.notEqual((await answered("/userinfo", { headers })).status, 200);
    const own = { authorization: basic(web) };
    const seen = await send("/introspect", { token }, own);
    if (token !== "") assert.deepEqual(await seen.json(), { active: false });
    await send("/revoke", { token }, own);
  });
  await fc.assert(cases, told(t, 300));
});

test("any JWT as an id_token_hint is answered", async (t) => {
  const cases = fc.asyncProperty(anyJwt, async (id_token_hint) => {
    const path = authorizationUrl(web, { id_token_hint, prompt: "none" });
    if (path.length < 16_000) await answered(path, {});
  });
  await fc.assert(cases, told(t, 200));
});
