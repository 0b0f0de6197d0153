/** What an issuer can answer: each check of an answer, and each error. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { type Begun, createClient } from "../../src/sdk/client/client.ts";
import {
  atHash,
  CLIENT,
  idToken,
  loopback,
  METADATA,
  REDIRECT_URI,
} from "../support/providers/loopback.ts";
import { failure } from "./failure.ts";

const ISSUER = "https://as.test";
const DOCUMENT = {
  ...METADATA,
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  userinfo_endpoint: `${ISSUER}/userinfo`,
  revocation_endpoint: `${ISSUER}/revoke`,
};
const ACCESS_TOKEN = "the-access-token";
type Body = Record<string, unknown> | Response;

/** An issuer that answers as a test says. */
async function scene(changes: Record<string, unknown> = {}) {
  const answers: Record<string, (form: URLSearchParams, request: Request) => Body> = {
    "/.well-known/openid-configuration": () => ({ ...DOCUMENT, ...changes }),
  };
  const server = await loopback(["as.test"], async (request) => {
    const form = new URLSearchParams(await request.clone().text());
    const answer = answers[new URL(request.url).pathname];
    const body = answer?.(form, request) ?? new Response(null, { status: 404 });
    return body instanceof Response ? body : Response.json(body);
  });
  const client = createClient({ issuer: ISSUER, ...CLIENT });
  return {
    ...server,
    client,
    answers,
    /** Ends a sign-in with this answer. */
    async finish(
      body: Body | ((nonce: string) => Body),
      options: { scope?: string; maxAge?: number } = {},
    ) {
      const begun = await client.begin({ redirectUri: REDIRECT_URI, ...options });
      answers["/token"] = () => (typeof body === "function" ? body(begun.nonce) : body);
      return client.finish(callbackOf(begun), begun);
    },
  };
}

function callbackOf({ state }: Begun): URLSearchParams {
  return new URLSearchParams({ code: "the-code", state });
}

const TOKENS = { access_token: ACCESS_TOKEN, token_type: "bearer", expires_in: 60 };
const withIdToken =
  (claims: Record<string, unknown> = {}) =>
  (nonce: string) => ({
    ...TOKENS,
    id_token: idToken({ iss: ISSUER, sub: "1", nonce, ...claims }),
  });

test("an ID token is for this client, made for it, by this issuer, with this access token", async () => {
  await using issuer = await scene();
  assert.ok(await issuer.finish(withIdToken({ azp: CLIENT.clientId })));
  assert.ok(
    await issuer.finish(withIdToken({ aud: ["other", CLIENT.clientId], azp: CLIENT.clientId })),
  );
  assert.ok(await issuer.finish(withIdToken({ at_hash: atHash(ACCESS_TOKEN) })));
  const wrong: [Record<string, unknown>, Parameters<typeof failure>][] = [
    [{ aud: "other" }, ["invalid_response", /the ID token is for "other", and .* "the-client"/]],
    [{ aud: ["a", "b"] }, ["invalid_response", /the ID token is for \["a","b"\]/]],
    [{ aud: ["other", CLIENT.clientId] }, ["invalid_response", /does not say for whom/]],
    [{ azp: "other" }, ["invalid_response", /was made for "other", and .* "the-client"/]],
    [{ azp: null }, ["invalid_response", /was made for null/]],
    [
      { iss: `${ISSUER}/` },
      ["issuer_mismatch", /says "https:\/\/as.test\/", .* "https:\/\/as.test"/],
    ],
    [{ nonce: "other" }, ["login_elsewhere", /belongs to another sign-in/]],
    [{ nonce: undefined }, ["invalid_response", /nonce.*missing/]],
    [{ sub: undefined }, ["invalid_response", /sub.*missing/]],
    [{ sub: 1 }, ["invalid_response", /sub.*wrong type/]],
    [{ exp: undefined }, ["invalid_response", /exp.*missing/]],
    [{ iat: "now" }, ["invalid_response", /iat.*wrong type/]],
    [{ nbf: null }, ["invalid_response", /nbf.*wrong type/]],
    [{ at_hash: atHash("another") }, ["invalid_response", /with another access token/]],
    [{ at_hash: 1 }, ["invalid_response", /with another access token/]],
  ];
  for (const [claims, expected] of wrong)
    await assert.rejects(
      issuer.finish(withIdToken(claims)),
      failure(expected[0], expected[1], { hides: [ACCESS_TOKEN, "the-code"] }),
    );
});

test("the hash of the access token is that of the signature algorithm", async () => {
  const algs = {
    RS256: "sha256",
    ES384: "sha384",
    ES256K: "sha256",
    PS512: "sha512",
    EdDSA: "sha512",
    Ed25519: "sha512",
  };
  const values = Object.keys(algs);
  await using issuer = await scene({ id_token_signing_alg_values_supported: values });
  for (const [alg, hash] of Object.entries(algs))
    for (const [text, isRight] of [
      [ACCESS_TOKEN, true],
      ["another", false],
    ] as const) {
      const digest = createHash(hash).update(text).digest();
      const at_hash = digest.subarray(0, digest.length / 2).toString("base64url");
      const answer = issuer.finish((nonce) => {
        const [, payload] = idToken({ iss: ISSUER, sub: "1", nonce, at_hash }).split(".");
        const header = Buffer.from(JSON.stringify({ alg })).toString("base64url");
        return { ...TOKENS, id_token: `${header}.${payload}.c2ln` };
      });
      if (isRight) assert.ok((await answer).idToken, alg);
      else await assert.rejects(answer, failure("invalid_response", /another access token/));
    }
});

test("an ID token that is unsigned, encrypted or no JWT is refused", async () => {
  await using issuer = await scene();
  const parts = (nonce: string) => idToken({ iss: ISSUER, sub: "1", nonce }).split(".");
  const header = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const [none, hmac] = [header({ alg: "none" }), header({ alg: "HS256" })];
  for (const change of [
    (nonce: string) => `${none}.${parts(nonce)[1]}.`,
    (nonce: string) => `${hmac}.${parts(nonce)[1]}.c2ln`,
    (nonce: string) => `${parts(nonce).join(".")}.a.b`,
    (nonce: string) => `${parts(nonce)[0]}.${parts(nonce)[1]}`,
    () => "not-a-jwt",
    (nonce: string) => `${parts(nonce)[0]}.${parts(nonce)[1]}.`,
    (nonce: string) => `${header({ alg: "RS256", crit: ["b64"] })}.${parts(nonce)[1]}.c2ln`,
  ])
    await assert.rejects(
      issuer.finish((nonce) => ({ ...TOKENS, id_token: change(nonce) })),
      failure("invalid_response", /./),
    );
});

test("an ID token has an algorithm that the issuer announces; a shared secret needs one that is shared", async () => {
  for (const [announced, alg, isRight, options] of [
    [["ES256"], "ES256", true],
    [["ES256"], "RS256", false],
    [undefined, "RS256", true],
    [undefined, "ES256", false],
    [["HS256"], "HS256", true],
    [undefined, "HS256", false],
    [["HS256"], "HS256", false, { issuer: ISSUER, clientId: CLIENT.clientId }],
    [["none"], "none", false],
  ] as const) {
    await using issuer = await scene({ id_token_signing_alg_values_supported: announced });
    const client = createClient(options ?? { issuer: ISSUER, ...CLIENT });
    const begun = await client.begin({ redirectUri: REDIRECT_URI });
    issuer.answers["/token"] = () => {
      const [, payload] = idToken({ iss: ISSUER, sub: "1", nonce: begun.nonce }).split(".");
      const header = Buffer.from(JSON.stringify({ alg })).toString("base64url");
      return { ...TOKENS, id_token: `${header}.${payload}.c2ln` };
    };
    const answer = client.finish(callbackOf(begun), begun);
    if (isRight) assert.ok((await answer).idToken, alg);
    else await assert.rejects(answer, failure("invalid_response", /the algorithm/));
  }
});

test("with the scope openid, an answer without an ID token is refused", async () => {
  await using issuer = await scene();
  await assert.rejects(issuer.finish(TOKENS), failure("invalid_response", /no ID token.*openid/));
  const { idToken: none, scope } = await issuer.finish(TOKENS, { scope: "photos.read" });
  assert.deepEqual([none, scope], [undefined, ["photos.read"]]);
});

test("clocks may differ by 30 s; a larger difference is named", async () => {
  await using issuer = await scene();
  const now = () => Math.floor(Date.now() / 1000);
  assert.ok(await issuer.finish(withIdToken({ iat: now() + 29, exp: now() + 600 })));
  assert.ok(await issuer.finish(withIdToken({ iat: now() - 120, exp: now() - 28 })));
  await assert.rejects(
    issuer.finish(withIdToken({ iat: now() + 312, exp: now() + 900 })),
    failure("clock_skew", /this machine is 31[012] s behind.*set its clock/),
  );
  await assert.rejects(
    issuer.finish(withIdToken({ iat: now() - 3600, exp: now() - 3000 })),
    failure("clock_skew", /this machine is 360[01] s ahead/),
  );
  await assert.rejects(
    issuer.finish(withIdToken({ nbf: now() + 120 })),
    failure("clock_skew", /this machine is 1(?:20|1\d) s behind/),
  );
});

test("a sign-in that is older than maxAge is refused, and so is an answer without its time", async () => {
  await using issuer = await scene();
  const now = Math.floor(Date.now() / 1000);
  const options = { maxAge: 60 };
  assert.ok(await issuer.finish(withIdToken({ auth_time: now - 60 }), options));
  await assert.rejects(
    issuer.finish(withIdToken({ auth_time: now - 120 }), options),
    failure("step_up_needed", /signed in 12\d s ago, which is longer than maxAge/),
  );
  await assert.rejects(
    issuer.finish(withIdToken(), options),
    failure("invalid_response", /auth_time.*missing/),
  );
});

test("a refresh: its ID token is checked, needs no nonce, and a server in trouble ends nothing", async () => {
  await using issuer = await scene();
  const { client, answers } = issuer;
  const refresh = (body: Body) => {
    answers["/token"] = () => body;
    return client.refresh("the-refresh-token");
  };
  const own = { iss: ISSUER, sub: "1" };
  const renewed = await refresh({ ...TOKENS, id_token: idToken(own) });
  assert.deepEqual([renewed.refreshToken, renewed.scope], ["the-refresh-token", []]);
  assert.equal((await refresh({ ...TOKENS, refresh_token: "new" })).refreshToken, "new");
  for (const claims of [{ aud: "other" }, { azp: "other" }, { at_hash: atHash("another") }])
    await assert.rejects(
      refresh({ ...TOKENS, id_token: idToken({ ...own, ...claims }) }),
      failure("invalid_response", /./),
    );
  const over = { error: "invalid_grant", error_description: "it is over" };
  for (const status of [200, 400, 401])
    await assert.rejects(
      refresh(Response.json(over, { status })),
      failure("session_over", /as.test answered invalid_grant: it is over/, { status }),
    );
  for (const status of [429, 500, 502, 503])
    await assert.rejects(
      refresh(Response.json(over, { status })),
      failure("issuer_unreachable", /invalid_grant/, { status, retryable: true }),
    );
  for (const body of ["<!doctype html>", "", "null", '{"access_token":'])
    await assert.rejects(
      refresh(new Response(body, { status: 503 })),
      failure("issuer_unreachable", /status 503/, { status: 503, retryable: true }),
    );
  for (const error of ["temporarily_unavailable", "server_error"])
    await assert.rejects(
      refresh(Response.json({ error }, { status: 400 })),
      failure("issuer_unreachable", /./, { retryable: true }),
    );
  await assert.rejects(
    refresh(Response.json({ error: "interaction_required" }, { status: 400 })),
    failure("sign_in_needed", /interaction_required/),
  );
  await assert.rejects(
    refresh(Response.json({ ...TOKENS, refresh_token: "new" }, { status: 500 })),
    failure("issuer_unreachable", /./, { retryable: true, hides: [ACCESS_TOKEN, "new"] }),
  );
  issuer.stop();
  await assert.rejects(
    refresh({}),
    failure("issuer_unreachable", /no connection/, { retryable: true }),
  );
});

test("JSON is judged by its content, not by its status or media type", async () => {
  await using issuer = await scene();
  const text = JSON.stringify({ ...TOKENS, scope: "a b" });
  const options = { scope: "a b c" };
  for (const init of [
    { status: 201 },
    { status: 400 },
    { headers: { "content-type": "text/html" } },
  ])
    assert.deepEqual((await issuer.finish(new Response(text, init), options)).scope, ["a", "b"]);
  await assert.rejects(
    issuer.finish({ error: "invalid_request", ...TOKENS }, options),
    failure("configuration", /invalid_request/, { status: 200, hides: [ACCESS_TOKEN] }),
  );
  for (const body of ["<!doctype html>", "[]", '"text"', "{}", '{"access_token":1}'])
    await assert.rejects(
      issuer.finish(new Response(body), options),
      failure("invalid_response", /./),
    );
});

test("answers of another form than the specified one are refused without showing them", async () => {
  await using issuer = await scene();
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ token_type: "DPoP" }, /token type/],
    [{ token_type: "mac" }, /token_type/],
    [{ token_type: undefined }, /token_type/],
    [{ access_token: "" }, /access_token/],
    [{ expires_in: "soon" }, /expires_in/],
    [{ expires_in: -1 }, /expires_in/],
    [{ scope: ["a"] }, /scope/],
    [{ refresh_token: 1 }, /refresh_token/],
  ];
  for (const [change, message] of wrong)
    await assert.rejects(
      issuer.finish({ ...TOKENS, ...change }, { scope: "a" }),
      failure("invalid_response", message, { hides: [ACCESS_TOKEN] }),
    );
  const empty = { error: null, scope: null, refresh_token: "", id_token: null };
  const tokens = await issuer.finish({ ...TOKENS, ...empty }, { scope: "a" });
  assert.deepEqual(
    [tokens.scope, "refreshToken" in tokens, "idToken" in tokens],
    [["a"], false, false],
  );
  const { expiresAt } = await issuer.finish({ ...TOKENS, expires_in: "60" }, { scope: "a" });
  assert.ok(expiresAt !== null && expiresAt - Date.now() / 1000 > 55);
});

test("an error that repeats what was sent does not show it", async () => {
  await using issuer = await scene();
  const { client, answers } = issuer;
  const repeat = (form: URLSearchParams, request: Request) =>
    Response.json(
      {
        error: "invalid_request",
        error_description: `${form} ${form.get("code_verifier")} ${request.headers.get("authorization")} ${CLIENT.clientSecret}`,
      },
      { status: 400 },
    );
  answers["/token"] = repeat;
  answers["/revoke"] = repeat;
  const begun = await client.begin({ redirectUri: REDIRECT_URI });
  const hides = ["the-code", begun.codeVerifier, CLIENT.clientSecret, "Basic", "secret"];
  await assert.rejects(
    client.finish(callbackOf(begun), begun),
    failure("configuration", /invalid_request.*\[hidden\]/, { hides }),
  );
  await assert.rejects(
    client.refresh("the-refresh-token"),
    failure("configuration", /\[hidden\]/, { hides: ["the-refresh-token", "secret"] }),
  );
  await assert.rejects(
    client.revoke("the-refresh-token"),
    failure("configuration", /\[hidden\]/, { hides: ["the-refresh-token", "secret"] }),
  );
});

test("a JWT in an error is not shown, wherever it comes from", async () => {
  await using issuer = await scene();
  const jwt = idToken({ sub: "1" });
  await assert.rejects(
    issuer.finish(Response.json({ error: "invalid_request", error_description: `bad ${jwt}` })),
    failure("configuration", /invalid_request: bad \[hidden\]/, { hides: [jwt] }),
  );
});

test("an error is one short line, whatever its length, and shows no part of a secret that is cut", async () => {
  await using issuer = await scene();
  const refused = (body: Body) =>
    issuer.finish(body).then(
      () => assert.fail(),
      (error: Error) => error,
    );
  const forged = await refused({
    error: "odd\nvaletkey: all is well",
    error_description: "a\u001bb",
  });
  assert.match(forged.message, /answered odd: a b\. hint/);
  const began = performance.now();
  assert.ok((await refused({ error: "eyJ-".repeat(60_000) })).message.length < 500);
  assert.ok(performance.now() - began < 1000, "a long word takes no time");
  for (const secret of [CLIENT.clientSecret, idToken({ sub: "1" }), "the-code"]) {
    const text = `${" ".repeat(280)}${secret}`;
    const error = await refused({ error: "invalid_request", error_description: text });
    assert.ok(!error.message.includes(secret.slice(0, 5)), error.message);
  }
});

test("errors at the authorization endpoint say what to do", async () => {
  await using issuer = await scene();
  const { client } = issuer;
  const errors: [string, Parameters<typeof failure>[0], boolean?][] = [
    ["access_denied", "access_denied"],
    ["login_required", "sign_in_needed"],
    ["interaction_required", "sign_in_needed"],
    ["consent_required", "sign_in_needed"],
    ["account_selection_required", "sign_in_needed"],
    ["unmet_authentication_requirements", "step_up_needed"],
    ["invalid_scope", "configuration"],
    ["unauthorized_client", "configuration"],
    ["temporarily_unavailable", "issuer_unreachable", true],
    ["server_error", "issuer_unreachable", true],
    ["toString", "invalid_response"],
    ["something_new", "invalid_response"],
  ];
  for (const [error, code, retryable = false] of errors) {
    const begun = await client.begin({ redirectUri: REDIRECT_URI });
    const callback = new URLSearchParams({ error, state: begun.state, error_description: "why" });
    await assert.rejects(
      client.finish(callback, begun),
      failure(code, new RegExp(`as.test answered ${error}: why`), { retryable }),
    );
  }
  const begun = await client.begin({ redirectUri: REDIRECT_URI });
  await assert.rejects(
    client.finish(new URLSearchParams({ state: begun.state }), begun),
    failure("invalid_response", /neither a code nor an error/),
  );
  for (const name of ["response", "id_token", "token"]) {
    const other = new URLSearchParams({ state: begun.state, code: "c", [name]: "a.b.c" });
    const wrong = failure("invalid_response", new RegExp(`the parameter ${name}`));
    await assert.rejects(client.finish(other, begun), wrong);
  }
});

test("the secret is sent as the metadata says: in the header unless only the form is offered", async () => {
  for (const [methods, way] of [
    [undefined, "basic"],
    [["client_secret_post", "client_secret_basic"], "basic"],
    [["client_secret_post"], "post"],
    [["private_key_jwt"], "basic"],
  ] as const) {
    await using issuer = await scene({ token_endpoint_auth_methods_supported: methods });
    let used: string[] = [];
    issuer.answers["/token"] = (form, { headers }) => {
      used = [headers.has("authorization") ? "basic" : "", form.has("client_secret") ? "post" : ""];
      return TOKENS;
    };
    await issuer.client.clientCredentials();
    assert.deepEqual(used.filter(Boolean), [way]);
  }
});

test("a secret in the header is escaped where it has to be, and nowhere else (RFC 6749 §2.3.1)", async () => {
  await using issuer = await scene();
  let sent = "";
  issuer.answers["/token"] = (_form, { headers }) => {
    sent = headers.get("authorization") ?? "";
    return TOKENS;
  };
  for (const [clientSecret, escaped] of [
    ["Plain-secret_1.2", "Plain-secret_1.2"],
    ["a:b+c d%é", "a%3Ab%2Bc+d%25%C3%A9"],
  ] as const) {
    await createClient({ issuer: ISSUER, clientId: "my-app", clientSecret }).clientCredentials();
    assert.equal(sent, `Basic ${Buffer.from(`my-app:${escaped}`).toString("base64")}`);
  }
});

test("userinfo: signed or plain, about the person of the ID token, and not during an outage", async () => {
  await using issuer = await scene();
  const { client, answers } = issuer;
  const tokens = await issuer.finish(withIdToken());
  const user = async (body: Body) => {
    answers["/userinfo"] = () => body;
    return client.user(tokens);
  };
  const claims = { sub: "1", name: "Ada", picture: "", nickname: "ada", email_verified: true };
  assert.deepEqual(await user(claims), {
    ...{ id: "1", issuer: ISSUER, name: "Ada", username: "ada", emailVerified: false },
    raw: (await client.user(tokens)).raw,
  });
  for (const picture of ["javascript:alert(1)", "data:image/png;base64,AAAA", "a.png"])
    assert.equal((await user({ ...claims, picture })).picture, undefined);
  assert.equal(
    (await user({ ...claims, picture: "https://p.test/a" })).picture,
    "https://p.test/a",
  );
  const jwt = { headers: { "content-type": "application/jwt" } };
  assert.equal((await user(new Response(idToken(claims), jwt))).name, "Ada");
  for (const sub of ["2", undefined])
    await assert.rejects(user({ ...claims, sub }), failure("invalid_response", /about two people/));
  // The ID token has proof of another address.
  const proven = { email: "old@as.test", email_verified: true };
  const both = await issuer.finish(withIdToken(proven));
  answers["/userinfo"] = () => ({ sub: "1", email: "new@as.test" });
  const { email, emailVerified } = await client.user(both);
  assert.deepEqual([email, emailVerified], ["new@as.test", false]);
  answers["/userinfo"] = () => ({ sub: "1" });
  assert.equal((await client.user(both)).emailVerified, true);
  for (const status of [401, 403])
    assert.equal((await user(Response.json({}, { status }))).id, "1", "the ID token says so");
  for (const status of [429, 503])
    await assert.rejects(
      user(Response.json({ error: ACCESS_TOKEN }, { status })),
      failure("issuer_unreachable", /status/, { retryable: true, hides: [ACCESS_TOKEN] }),
    );
  for (const body of ["text", "[]"])
    await assert.rejects(user(new Response(body)), failure("invalid_response", /userinfo/));
  const { idToken: _, ...alone } = tokens;
  answers["/userinfo"] = () => ({ name: "Ada" });
  await assert.rejects(client.user(alone), failure("invalid_response", /who the person is/));
  answers["/userinfo"] = () => Response.json({}, { status: 401 });
  await assert.rejects(client.user(alone), failure("token_refused", /status 401/));
});

test("a person's id is a text, or a whole number in APIs that have no claims", async () => {
  await using issuer = await scene();
  const alone = await issuer.finish(TOKENS, { scope: "a" });
  for (const [sub, id] of [
    ["1", "1"],
    [583231, "583231"],
  ] as const) {
    issuer.answers["/userinfo"] = () => ({ sub });
    assert.equal((await issuer.client.user(alone)).id, id);
  }
  for (const sub of [null, "", 1.5, true, {}, ["1"], 2 ** 60]) {
    issuer.answers["/userinfo"] = () => ({ sub });
    await assert.rejects(issuer.client.user(alone), failure("invalid_response", /who the person/));
  }
});

test("revoking: done, already done, and refused", async () => {
  await using issuer = await scene();
  const { client, answers } = issuer;
  const revoke = (body: Body) => {
    answers["/revoke"] = () => body;
    return client.revoke("the-token");
  };
  await revoke(new Response(null, { status: 200 }));
  await revoke(Response.json({ error: "invalid_token" }, { status: 400 }));
  await assert.rejects(
    revoke(Response.json({ error: "invalid_client" }, { status: 401 })),
    failure("configuration", /invalid_client/, { status: 401, hides: ["the-token"] }),
  );
  await assert.rejects(
    revoke(Response.json({ error: "invalid_token" }, { status: 503 })),
    failure("issuer_unreachable", /./, { retryable: true }),
  );
});

test("metadata with an address that is not https is not used", async () => {
  for (const name of ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"])
    for (const address of ["http://as.test/x", "javascript:alert(1)", "/token", 1, null]) {
      await using issuer = await scene({ [name]: address });
      await assert.rejects(
        issuer.client.begin({ redirectUri: REDIRECT_URI }),
        failure("configuration", new RegExp(`${name} is .*not an https URL`)),
      );
    }
});

test("a token endpoint that redirects gets nothing a second time", async () => {
  await using issuer = await scene();
  let seen = 0;
  issuer.answers["/token"] = () => {
    seen += 1;
    return new Response(null, { status: 307, headers: { location: "https://as.test/token" } });
  };
  await assert.rejects(
    issuer.client.refresh("the-token"),
    failure("invalid_response", /redirects to/, { hides: ["the-token"] }),
  );
  assert.equal(seen, 1);
});
