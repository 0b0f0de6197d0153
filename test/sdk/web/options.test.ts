/** `valetkey/client/web`: options that can't work are refused at the start, with what to do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError, github, google } from "../../../src/sdk/client/client.ts";
import { type AuthOptions, createAuth, memoryStore } from "../../../src/sdk/client/web/web.ts";
import { failure } from "../failure.ts";
import { tracedFetch } from "../traced_fetch.ts";
import { CLIENT, NAVIGATION, ORIGIN, SECRET, scene } from "./scene.ts";

const GOOD: AuthOptions = {
  ...{ baseUrl: ORIGIN, secret: SECRET, issuer: "https://as.test" },
  ...CLIENT,
};

const wrong: [name: string, options: Partial<AuthOptions>, message: RegExp][] = [
  ["a short secret", { secret: "short" }, /secret has 5 bytes.*openssl rand/],
  ["an address that is not https", { baseUrl: "http://app.test" }, /baseUrl is "http:\/\/app/],
  ["an address with a path", { baseUrl: `${ORIGIN}/app` }, /a path belongs into prefix/],
  ["no address", { baseUrl: "app.test" }, /baseUrl is "app\.test"/],
  ["a prefix that is no path", { prefix: "auth" }, /prefix is "auth"/],
  ["a prefix that ends with a slash", { prefix: "/auth/" }, /prefix is/],
  ["a lifetime of nothing", { session: { lifetime: 0 } }, /session\.lifetime is 0/],
  ["an idle time that is no number", { session: { idle: Number.NaN } }, /session\.idle is NaN/],
  ["a recheck of the past", { session: { recheck: -1 } }, /session\.recheck is -1/],
  ["a client without a name", { clientId: "" }, /clientId is missing/],
  ["a secret that was forgotten", { clientSecret: "" }, /clientSecret is empty/],
  ["a provider with a slash", { providers: { "a/b": { provider: github, ...CLIENT } } }, /a\/b/],
];

for (const [name, options, message] of wrong)
  test(`refused: ${name}`, () => {
    assert.throws(() => createAuth({ ...GOOD, ...options }), failure("configuration", message));
  });

test("refused: no provider at all, and an empty variable", () => {
  assert.throws(() => createAuth({ secret: SECRET }), failure("configuration", /no provider/));
  const forgotten = { ...GOOD, clientSecret: process.env.NOT_SET } as AuthOptions;
  assert.throws(() => createAuth(forgotten), failure("configuration", /clientSecret is empty/));
});

test("without baseUrl, only loopback hosts are believed", async () => {
  const { baseUrl: _, ...rest } = GOOD;
  const errors: AuthError[] = [];
  const auth = createAuth({ ...rest, onError: (error) => void errors.push(error) });
  for (const host of ["app.test", "localhost.evil.test", "127.0.0.1.evil.test", "10.0.0.1"]) {
    const request = new Request(`http://${host}/auth/login`);
    assert.equal((await auth.handle(request))?.status, 500);
    failure("configuration", /baseUrl is not set, and the request names/)(errors.pop());
    await assert.rejects(auth.user(new Request(`https://${host}/`)), AuthError);
  }
  for (const host of ["localhost:3000", "127.0.0.1", "[::1]:80", "app.localhost"])
    assert.equal(await auth.user(new Request(`http://${host}/`)), null);
});

test("several providers: each has its own callback, and one has to be named", async () => {
  const warnings: string[] = [];
  const { warn } = console;
  console.warn = (text) => warnings.push(text);
  const providers = {
    github: { provider: github, ...CLIENT },
    google: { provider: google, ...CLIENT },
  };
  const options = { baseUrl: ORIGIN, secret: SECRET, providers };
  const errors: AuthError[] = [];
  const auth = createAuth({ ...options, onError: (error) => void errors.push(error) });
  createAuth({ ...options, session: { store: memoryStore() } });
  console.warn = warn;
  assert.equal(warnings.length, 1, "of GitHub, where there is no store");
  assert.match(warnings[0] ?? "", /github.*session\.store/);

  const login = (path: string) => auth.handle(new Request(ORIGIN + path, { headers: NAVIGATION }));
  const answer = await login("/auth/login?provider=github");
  const url = new URL(answer?.headers.get("location") ?? "");
  assert.equal(url.origin, "https://github.com");
  assert.equal(url.searchParams.get("redirect_uri"), `${ORIGIN}/auth/callback/github`);
  for (const path of ["/auth/login", "/auth/login?provider=gitlab", "/auth/login?provider="]) {
    assert.equal((await login(path))?.status, 500);
    failure("configuration", /github, google/)(errors.pop());
  }

  // Another provider's callback is refused, before its code goes anywhere (RFC 9700 §4.4).
  const state = url.searchParams.get("state") ?? "";
  const [cookie = ""] = (answer?.headers.getSetCookie()[0] ?? "").split(";");
  const mixed = `${ORIGIN}/auth/callback/google?code=c&state=${state}`;
  const refused = await auth.handle(new Request(mixed, { headers: { ...NAVIGATION, cookie } }));
  assert.equal(refused?.status, 400);
  failure("login_elsewhere", /no sign-in of this app/)(errors.pop());
});

test("the state of a sign-in is short", async () => {
  const auth = createAuth({
    ...{ baseUrl: ORIGIN, secret: SECRET },
    providers: { github: { provider: github, ...CLIENT } },
    session: { store: memoryStore() },
  });
  const request = new Request(`${ORIGIN}/auth/login?return_to=/photos`, { headers: NAVIGATION });
  const answer = await auth.handle(request);
  const state = new URL(answer?.headers.get("location") ?? "").searchParams.get("state") ?? "";
  assert.ok(state.length <= 300, `${state.length}`);
});

test("the function of the option fetch sends every request, those to APIs as well", async (t) => {
  const { fetch, asked } = tracedFetch(t);
  await using app = await scene({ fetch, session: { store: memoryStore() }, onError: () => {} });
  const { issuer } = app.issuer;
  const browser = app.browser();
  await browser.open("/auth/login");
  const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
  const request = new Request(ORIGIN, { headers: { cookie } });
  await app.auth.token(request, { scope: "openid" });
  assert.equal((await app.auth.fetch(request, `${issuer}/userinfo`)).status, 200);
  const now = Math.floor(Date.now() / 1000);
  await browser.request("/auth/backchannel-logout", {
    method: "POST",
    body: new URLSearchParams({
      logout_token: jwt({
        ...{ iss: issuer, aud: CLIENT.clientId, iat: now, exp: now + 60, jti: "1", sub: "ada" },
        events: { "http://schemas.openid.net/event/backchannel-logout": {} },
      }),
    }),
  });
  await browser.request("/auth/logout", { method: "POST" });
  assert.deepEqual(asked, [
    "GET /.well-known/openid-configuration",
    "POST /token",
    "GET /userinfo",
    "POST /token",
    "GET /userinfo",
    "GET /jwks",
    "POST /revoke",
  ]);
});

/** With a signature of nobody. */
function jwt(claims: object): string {
  const encode = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${encode({ alg: "ES256", typ: "logout+jwt" })}.${encode(claims)}.${"A".repeat(86)}`;
}

test("one of several providers can have a fetch of its own", async (t) => {
  t.mock.method(console, "warn", () => {});
  const asked: string[] = [];
  const sender =
    (name: string): typeof fetch =>
    async () => {
      asked.push(name);
      return Response.json({}, { status: 503 });
    };
  const other = { issuer: "https://other.test", ...CLIENT };
  const auth = createAuth({
    ...{ ...GOOD, fetch: sender("all"), onError: () => {} },
    providers: { other, mine: { ...other, fetch: sender("mine") } },
  });
  for (const name of ["other", "mine"])
    await auth.handle(
      new Request(`${ORIGIN}/auth/login?provider=${name}`, { headers: NAVIGATION }),
    );
  assert.deepEqual(asked, ["all", "mine"]);
});
