/** `valetkey/client` with Valetkey: each rule of a sign-in. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { exportJWK, generateKeyPair } from "jose";
import {
  type BeginOptions,
  type Begun,
  type ClientOptions,
  createClient,
  type Provider,
} from "../../src/sdk/client/client.ts";
import { startIssuer, type TestClient } from "../../src/testing/testing.ts";
import { type Reachable, testBrowser } from "../support/browser.ts";
import { walk } from "../support/flow.ts";
import { APIS, PRINTS, SNAPS } from "./apis.ts";
import { failure } from "./failure.ts";
import { tracedFetch } from "./traced_fetch.ts";

const redirectUri = "https://printly.test/callback";
const PRINTLY = { clientId: "printly", clientSecret: "the secret of Printly" };

const server = await startIssuer({
  users: [{ username: "ada", claims: { name: "Ada Lovelace", email: "ada@example.com" } }],
  clients: [app({ client_id: PRINTLY.clientId, client_secret: PRINTLY.clientSecret })],
  people: "ask",
  config: APIS,
});
after(server.close);
const { issuer } = server;
const client = clientOf(PRINTLY);

/** The metadata of an app that signs people in. */
function app(more: TestClient): TestClient {
  return { client_name: "Printly", redirect_uris: [redirectUri], ...more };
}

function clientOf(options: Omit<ClientOptions, "issuer">) {
  return createClient({ issuer, ...options });
}

/** The address that Ada comes back to. */
const visit = (begun: Begun): Promise<URL> => server.callbackFor(begun.url, "ada");

async function signIn(options: Partial<BeginOptions> = {}, as = client) {
  const begun = await as.begin({ redirectUri, ...options });
  return as.finish(await visit(begun), begun);
}

/** For pages that a test answers itself. */
const pages: Reachable = { issuer, fetch: (request) => fetch(request) };

test("a person signs in, is known, stays signed in, and signs out", async () => {
  const before = Math.floor(Date.now() / 1000);
  const tokens = await signIn({ scope: "openid profile email offline_access" });
  assert.deepEqual(tokens.scope.toSorted(), ["email", "offline_access", "openid", "profile"]);
  assert.ok(tokens.expiresAt !== null && tokens.expiresAt >= before + 300);
  const { raw, ...user } = await client.user(tokens);
  assert.deepEqual(user, {
    ...{ id: server.subOf("ada"), issuer, name: "Ada Lovelace", username: "ada" },
    ...{ email: "ada@example.com", emailVerified: false },
  });
  const { refreshToken = "" } = tokens;
  const renewed = await client.refresh(refreshToken);
  assert.notEqual(renewed.accessToken, tokens.accessToken);
  assert.equal((await client.user(renewed)).id, server.subOf("ada"));
  await client.revoke(renewed.refreshToken ?? "");
  for (const token of [refreshToken, renewed.refreshToken ?? ""])
    await assert.rejects(
      client.refresh(token),
      failure("session_over", /answered invalid_grant.*sign in again/, {
        ...{ status: 400, hides: [token] },
      }),
    );
});

test("the default scope is that of a person who signs in", async () => {
  const { url } = await client.begin({ redirectUri });
  assert.equal(url.searchParams.get("scope"), "openid profile email");
  assert.equal((await client.user(await signIn())).name, "Ada Lovelace");
});

test("what `begin` returns can be kept as JSON, and holds fresh secrets each time", async () => {
  const [begun, other] = [await client.begin({ redirectUri }), await client.begin({ redirectUri })];
  for (const name of ["state", "nonce", "codeVerifier"] as const) {
    assert.match(begun[name], /^[\w-]{43}$/);
    assert.notEqual(begun[name], other[name]);
  }
  const { searchParams } = begun.url;
  assert.equal(searchParams.get("code_challenge_method"), "S256");
  assert.ok(!begun.url.href.includes(begun.codeVerifier));
  const callback = await visit(begun);
  const kept: Begun = JSON.parse(JSON.stringify(begun));
  assert.ok((await client.finish(callback, kept)).idToken);
});

test("every kind of client authenticates as it is registered", async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: "ES256", use: "sig", kid: "1" }] };
  const clientSecret = "the secret of a form";
  const register = (token_endpoint_auth_method: string, more: TestClient = {}) => {
    const client_id = token_endpoint_auth_method;
    return server.addClient(app({ client_id, token_endpoint_auth_method, ...more }));
  };
  await register("client_secret_post", { client_secret: clientSecret });
  await register("none");
  await register("private_key_jwt", { jwks });
  const clientId = "private_key_jwt";
  for (const each of [
    // The metadata offers both ways; a row says which.
    clientOf({
      ...{ clientId: "client_secret_post", clientSecret },
      provider: { ...VALETKEY, auth: "post" },
    }),
    clientOf({ clientId: "none" }),
    clientOf({ clientId, privateKey }),
  ])
    assert.ok((await signIn({ scope: "openid" }, each)).accessToken);
  const { privateKey: another } = await generateKeyPair("ES256");
  await assert.rejects(
    signIn({}, clientOf({ clientId, privateKey: another })),
    failure("configuration", /answered invalid_client/),
  );
});

/** A row of one's own: the values of a provider that needs none. */
const VALETKEY: Provider = {
  id: "valetkey",
  issuer,
  scope: ["openid"],
  auth: "basic",
  idToken: "always",
  rotates: "graceful",
  user: async () => ({ id: "1", issuer, emailVerified: false, raw: null }),
};

test("a wrong secret is a matter of configuration, and is not shown", async () => {
  const clientSecret = "a-secret-that-is-not-right";
  await assert.rejects(
    signIn({}, clientOf({ ...PRINTLY, clientSecret })),
    failure("configuration", /answered invalid_client.*compare clientId and clientSecret/, {
      hides: [clientSecret],
    }),
  );
});

test("a code is used once: using it again ends the session that it began", async () => {
  const begun = await client.begin({ redirectUri, scope: "openid offline_access" });
  const callback = await visit(begun);
  const { refreshToken = "" } = await client.finish(callback, begun);
  const code = callback.searchParams.get("code") ?? "";
  await assert.rejects(
    client.finish(callback, begun),
    failure("login_expired", /answered invalid_grant/, { hides: [code, begun.codeVerifier] }),
  );
  await assert.rejects(client.refresh(refreshToken), failure("session_over", /invalid_grant/));
});

test("a callback of another sign-in is refused before its code is used", async () => {
  const [mine, foreign] = [
    await client.begin({ redirectUri }),
    await client.begin({ redirectUri }),
  ];
  const callback = await visit(foreign);
  await assert.rejects(
    client.finish(callback, mine),
    failure("login_elsewhere", /another sign-in/),
  );
  const none = new URL(callback);
  none.searchParams.delete("state");
  await assert.rejects(client.finish(none, foreign), failure("login_elsewhere", /another sign-in/));
  const twice = new URL(callback);
  twice.searchParams.append("state", mine.state);
  await assert.rejects(client.finish(twice, foreign), failure("invalid_response", /two .* state/));
  assert.ok(await client.finish(callback, foreign), "the code is still good");
});

test("a code of another sign-in in an own callback is refused by its verifier", async () => {
  const [mine, foreign] = [
    await client.begin({ redirectUri }),
    await client.begin({ redirectUri }),
  ];
  const injected = await visit(foreign);
  injected.searchParams.set("state", mine.state);
  await assert.rejects(
    client.finish(injected, mine),
    failure("login_expired", /invalid_grant/, { hides: [mine.codeVerifier] }),
  );
});

test("an ID token of another sign-in is refused by its nonce", async () => {
  const begun = await client.begin({ redirectUri });
  const callback = await visit(begun);
  const { nonce } = await client.begin({ redirectUri });
  await assert.rejects(
    client.finish(callback, { ...begun, nonce }),
    failure("login_elsewhere", /the ID token belongs to another sign-in/, { hides: [nonce] }),
  );
});

test("`iss` of the callback has to be there, and to be this issuer (RFC 9207)", async () => {
  const begun = await client.begin({ redirectUri });
  const callback = await visit(begun);
  for (const iss of [`${issuer}/`, "https://evil.test"]) {
    const other = new URL(callback);
    other.searchParams.set("iss", iss);
    await assert.rejects(client.finish(other, begun), (error) => {
      assert.ok(
        String(error).includes(`the callback says "${iss}", the configuration "${issuer}"`),
      );
      return failure("issuer_mismatch", /set issuer to/)(error);
    });
  }
  const none = new URL(callback);
  none.searchParams.delete("iss");
  await assert.rejects(client.finish(none, begun), failure("issuer_mismatch", /names no issuer/));
  assert.ok(await client.finish(callback, begun));
});

test("the person says no; the error counts only in their own callback", async () => {
  const begun = await client.begin({ redirectUri, scope: "photos.read" });
  const browser = testBrowser(pages);
  const page = await browser.signIn(await browser.get(begun.url.href), "ada");
  const { url } = await browser.submit(page, { decision: "deny" }, "/consent");
  await assert.rejects(
    client.finish(url, begun),
    failure("access_denied", /answered access_denied/),
  );
  const other = await client.begin({ redirectUri });
  await assert.rejects(client.finish(url, other), failure("login_elsewhere", /another sign-in/));
});

test("a sign-in that needs the person, or another level, says so", async () => {
  await assert.rejects(
    signIn({ prompt: "none" }),
    failure("sign_in_needed", /answered login_required/),
  );
  await assert.rejects(
    signIn({ scope: "unknown" }),
    failure("configuration", /answered invalid_scope/),
  );
  const resource = "https://unknown.test";
  await assert.rejects(signIn({ resource }), failure("configuration", /answered invalid_target/));
});

test("maxAge asks for a fresh sign-in", async () => {
  const browser = testBrowser(pages);
  const first = await client.begin({ redirectUri });
  const { page } = await walk(pages, first.url.href, { browser });
  assert.ok(await client.finish(page.url, first));
  const recent = await client.begin({ redirectUri, maxAge: 3600 });
  const silent = await browser.get(recent.url.href);
  assert.ok(await client.finish(silent.url, recent), "the session is fresh enough");
  const { url } = await client.begin({ redirectUri, maxAge: 0 });
  const asked = await browser.get(url.href);
  assert.match(asked.url.pathname, /\/sign-in$/);
});

test("tokens for an API: one resource, several, and one of them later", async () => {
  const both = await signIn({
    scope: "openid offline_access photos.read prints.order",
    resource: [SNAPS, PRINTS],
  });
  const { refreshToken = "" } = both;
  const prints = await client.refresh(refreshToken, { resource: PRINTS, scope: "prints.order" });
  assert.deepEqual(prints.scope, ["prints.order"]);
  await assert.rejects(
    client.refresh(prints.refreshToken ?? "", { scope: "photos.write" }),
    failure("step_up_needed", /answered invalid_scope/),
  );
  await assert.rejects(
    client.refresh(prints.refreshToken ?? "", { resource: "https://unknown.test" }),
    failure("step_up_needed", /answered invalid_target/),
  );
});

test("a token for an API alone opens no userinfo: the ID token says who it is", async () => {
  const tokens = await signIn({ scope: "openid photos.read", resource: SNAPS });
  const only = await client.refresh(tokens.refreshToken ?? "", {
    resource: SNAPS,
    scope: "photos.read",
  });
  const { idToken = "" } = tokens;
  const user = await client.user({ ...only, idToken });
  assert.deepEqual([user.id, user.issuer], [server.subOf("ada"), issuer]);
  const { accessToken, tokenType, expiresAt, scope } = only;
  await assert.rejects(
    client.user({ accessToken, tokenType, expiresAt, scope }),
    failure("token_refused", /userinfo answered with status 401/, { hides: [accessToken] }),
  );
});

test("tokens for the client itself", async () => {
  const clientSecret = "the secret of a service";
  await server.addClient({ client_id: "service", client_secret: clientSecret });
  const service = clientOf({ clientId: "service", clientSecret });
  const tokens = await service.clientCredentials({ scope: "photos.read", resource: SNAPS });
  assert.deepEqual(
    [tokens.scope, tokens.refreshToken, tokens.idToken],
    [["photos.read"], undefined, undefined],
  );
  await assert.rejects(
    client.clientCredentials(),
    failure("configuration", /answered unauthorized_client/),
  );
});

test("a parameter of the protocol can't be replaced, others are sent", async () => {
  for (const name of [
    "state",
    "nonce",
    "code_challenge",
    "redirect_uri",
    "response_type",
    "request",
  ])
    await assert.rejects(
      client.begin({ redirectUri, params: { [name]: "x" } }),
      failure("configuration", new RegExp(`params must not contain ${name}`)),
    );
  const begun = await client.begin({
    ...{ redirectUri, prompt: "login", loginHint: "ada", acr: ["a", "b"], maxAge: 0 },
    params: { ui_locales: "de" },
  });
  const { prompt, login_hint, acr_values, max_age, ui_locales } = Object.fromEntries(
    begun.url.searchParams,
  );
  assert.deepEqual(
    [prompt, login_hint, acr_values, max_age, ui_locales],
    ["login", "ada", "a b", "0", "de"],
  );
  await assert.rejects(
    client.begin({ redirectUri: "/callback" }),
    failure("configuration", /redirectUri is "\/callback".*absolute URL/),
  );
});

test("the function of the option fetch sends every request", async (t) => {
  const { fetch, asked } = tracedFetch(t);
  const traced = clientOf({ ...PRINTLY, fetch });
  const tokens = await signIn({ scope: "openid offline_access" }, traced);
  await traced.user(tokens);
  const { refreshToken = "" } = await traced.refresh(tokens.refreshToken ?? "");
  await traced.revoke(refreshToken);
  assert.deepEqual(asked, [
    "GET /.well-known/openid-configuration",
    "POST /token",
    "GET /userinfo",
    "POST /token",
    "POST /revoke",
  ]);
});
