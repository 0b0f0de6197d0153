/** Userinfo (OpenID Connect Core §5.3, §5.4; RFC 6750 §2, §3). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { at } from "../support/browser.ts";
import { tokensFor, userinfo } from "../support/flow.ts";
import { ISSUER, testServer, WEB } from "../support/server.ts";

const PROFILE = {
  name: "Ada Lovelace",
  family_name: "Lovelace",
  given_name: "Ada",
  middle_name: "King",
  nickname: "Countess",
  preferred_username: "countess",
  profile: "https://example.com/ada",
  picture: "https://example.com/ada.jpg",
  website: "https://example.com",
  gender: "female",
  birthdate: "1815-12-10",
  zoneinfo: "Europe/London",
  locale: "en-GB",
  updated_at: 1_700_000_000,
};
const EMAIL = { email: "ada@example.com", email_verified: true };
const ADDRESS = { address: { locality: "London", country: "UK" } };
const PHONE = { phone_number: "+44 20 7946 0000", phone_number_verified: false };

const server = await testServer();
after(() => server.close());
const sub = await server.addUser("ada", {
  claims: { ...PROFILE, ...EMAIL, ...ADDRESS, ...PHONE, secret_note: "not a claim of any scope" },
});
const client = await server.addClient(WEB);

const tokenFor = async (scope: string, username = "ada") =>
  (await tokensFor(server, client, { username, parameters: { scope, prompt: "consent" } }))
    .access_token;

const ask = (init: RequestInit, query = "") =>
  server.fetch(new Request(at(server, `/userinfo${query}`), init));

test("each scope releases its own claims, with their JSON types", async () => {
  for (const [scope, claims] of [
    ["openid", {}],
    ["openid profile", PROFILE],
    ["openid email", EMAIL],
    ["openid address", ADDRESS],
    ["openid phone", PHONE],
    ["openid profile email address phone", { ...PROFILE, ...EMAIL, ...ADDRESS, ...PHONE }],
  ] as const) {
    const { status, headers, body } = await userinfo(server, await tokenFor(scope));
    assert.equal(status, 200);
    assert.deepEqual(body, { sub, ...claims }, scope);
    assert.equal(headers.get("content-type"), "application/json");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("access-control-allow-origin"), "*");
  }
});

test("a claim without a value is omitted, never null or empty; false and 0 are values", async () => {
  await server.addUser("grace", {
    claims: {
      name: "",
      nickname: null,
      address: {},
      email: "g@example.com",
      email_verified: false,
      updated_at: 0,
    },
  });
  const token = await tokenFor("openid profile email address phone", "grace");
  const { sub: of_grace, ...claims } = (await userinfo(server, token)).body;
  assert.equal(typeof of_grace, "string");
  assert.deepEqual(claims, {
    preferred_username: "grace",
    email: "g@example.com",
    email_verified: false,
    updated_at: 0,
  });
});

test("a store of people cannot set claims reserved for the server", async () => {
  const mallory = await server.addUser("mallory", {
    claims: { sub, iss: "https://evil.test", aud: "x", name: "Mallory" },
  });
  const { body } = await userinfo(server, await tokenFor("openid profile", "mallory"));
  assert.equal(body.sub, mallory);
  assert.equal("iss" in body || "aud" in body, false);
});

test("the token is accepted in the header, by GET or POST, or in a form body", async () => {
  const token = await tokenFor("openid");
  const authorization = `Bearer ${token}`;
  const ways: RequestInit[] = [
    { headers: { authorization } },
    { headers: { authorization: `bearer ${token}` } },
    { method: "POST", headers: { authorization } },
    { method: "POST", body: new URLSearchParams({ access_token: token }) },
  ];
  for (const way of ways) {
    const response = await ask(way);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { sub });
  }
});

test("a token in the query, or sent twice, is refused", async () => {
  const token = await tokenFor("openid");
  const authorization = `Bearer ${token}`;
  const body = () => new URLSearchParams({ access_token: token });
  const refused = [
    await ask({}, `?access_token=${token}`),
    await ask({ headers: { authorization } }, `?access_token=${token}`),
    await ask({ method: "POST", headers: { authorization }, body: body() }),
    await ask({ headers: { authorization: "Bearer" } }),
    await ask({ headers: { authorization: `Bearer ${token} ${token}` } }),
  ];
  for (const response of refused) {
    assert.equal(response.status, 400);
    assert.match(response.headers.get("www-authenticate") ?? "", /error="invalid_request"/);
  }
});

test("without a token the challenge has no error; with an invalid one it is invalid_token", async () => {
  const without = await ask({});
  assert.equal(without.status, 401);
  assert.match(without.headers.get("www-authenticate") ?? "", /^Bearer /);
  assert.doesNotMatch(without.headers.get("www-authenticate") ?? "", /error=/);
  for (const token of ["nonsense", "vka_AAAA", "a.b.c", "x".repeat(5000)]) {
    const { status, headers } = await userinfo(server, token);
    assert.equal(status, 401);
    assert.match(headers.get("www-authenticate") ?? "", /error="invalid_token"/);
  }
});

test("every refusal is counted and logged with its parameter, also without a token", async () => {
  const counted: string[] = [];
  const observer = { answered() {}, issued() {}, refused: (error: string) => counted.push(error) };
  await using watched = await testServer({}, { observers: [observer] });
  const at = (path: string, init?: RequestInit) =>
    watched.fetch(new Request(`${ISSUER}${path}`, init));
  const form = (body: string) => ({ method: "POST", body: new URLSearchParams(body) });
  const refusals: [string, () => Promise<Response>][] = [
    ["no_token", () => at("/userinfo")],
    ["invalid_token", () => at("/userinfo", { headers: { authorization: "Bearer x" } })],
    ["invalid_request", () => at("/token", form("code=1&code=2"))],
    ["invalid_client", () => at("/token", form("grant_type=x"))],
    ["method_not_allowed", () => at("/token")],
    ["not_found", () => at("/nowhere")],
    ["unknown_app", () => at("/authorize")],
    ["wrong_address", () => watched.fetch(new Request("https://other.test/sign-in"))],
    ["body_too_large", () => at("/token", form(`x=${"x".repeat(70_000)}`))],
    ["address_too_long", () => at(`/${"x".repeat(20_000)}`)],
  ];
  for (const [error, ask] of refusals) {
    counted.length = 0;
    watched.lines.length = 0;
    await ask();
    assert.deepEqual(counted, [error]);
    assert.equal(watched.lines.filter(({ fields }) => fields.error === error).length, 1, error);
  }
  watched.lines.length = 0;
  await at("/token", form("code=1&code=2"));
  assert.ok(watched.lines.some(({ fields }) => fields.parameter === "code"));
});

test("a change of a person is visible at once", async () => {
  const hedy = await server.addUser("hedy", { claims: { name: "Hedy" } });
  const token = await tokenFor("openid profile", "hedy");
  const { store } = server.server;
  const account = (await store.findAccount(hedy)) ?? assert.fail("no account");
  await store.updateAccount({ ...account, claims: { name: "Hedy Lamarr" } }, ["hedy"]);
  assert.equal((await userinfo(server, token)).body.name, "Hedy Lamarr");
});
