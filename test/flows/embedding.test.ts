/** Embedding: an app as its own provider, with its own store of people, behind `fetch` or `node:http`. */
import assert from "node:assert/strict";
import { createServer, request as httpRequest } from "node:http";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import { ConfigError, createAuthorizationServer, type Person, type Users } from "valetkey";
import { addAppCodes, sendCode } from "../support/app_codes.ts";
import { authorizationUrl, s256, testBrowser, VERIFIER } from "../support/browser.ts";
import { authorize, introspect, redeem, refresh, tokensFor, userinfo } from "../support/flow.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { CONFIG, SERVICE, testServer, WEB } from "../support/server.ts";
import { webServer } from "../support/web.ts";

let started: Promise<TestPostgres> | null = null;
const postgres = (): Promise<TestPostgres> => {
  started ??= startPostgres();
  return started;
};
after(async () => (await started)?.stop());

/** A store of people as an app may have it, without any of our code. */
function ownUsers() {
  const people = new Map<string, Person & { password: string }>();
  const users: Users = {
    find: async (sub) => people.get(sub) ?? null,
    findByLogin: async (login) =>
      [...people.values()].find(({ username }) => username === login.toLowerCase()) ?? null,
    verifyPassword: async (person, password) =>
      person !== null && people.get(person.sub)?.password === password,
  };
  const add = (username: string, more: Partial<Person> = {}) => {
    const sub = more.sub ?? `user|${username}`;
    const claims = { name: username.toUpperCase() };
    const plain = { sub, username, claims, is_admin: false, disabled: false };
    people.set(sub, { ...plain, password: "open sesame!", ...more });
    return sub;
  };
  return { users, people, add };
}

test("people of the app sign in, and claims and tokens are theirs", async () => {
  const { users, add } = ownUsers();
  const sub = add("ada");
  await using server = await testServer({ users });
  const client = await server.addClient(WEB);
  const browser = testBrowser(server);
  const scope = "openid profile offline_access";
  const sign_in = await browser.get(authorizationUrl(client, { scope }));
  assert.equal((await browser.signIn(sign_in, "ada", "wrong")).status, 401);
  const consent = await browser.signIn(sign_in, "Ada", "open sesame!");
  const back = await browser.submit(consent, { decision: "allow" }, "/consent");
  const { body } = await redeem(server, client, back.url.searchParams.get("code") ?? "");
  assert.equal(decodeJwt(body.id_token).sub, sub);
  assert.deepEqual((await userinfo(server, body.access_token)).body, { sub, name: "ADA" });
  assert.equal((await refresh(server, client, body.refresh_token)).status, 200);
});

test("operations that the app's store of people lacks are not offered", async () => {
  const { users, add } = ownUsers();
  add("ada");
  await using server = await testServer({ users });
  assert.equal(await server.setupLink(), null);
  const browser = testBrowser(server);
  const sign_in = await browser.get("/sign-in");
  assert.doesNotMatch(sign_in.html, /sign-up/);
  assert.equal((await browser.get("/sign-up")).status, 404);
  await browser.signIn(sign_in, "ada", "open sesame!");
  const security = await browser.get("/account/security");
  assert.equal(security.status, 200);
  assert.doesNotMatch(security.html, /new_password/);
});

test("changes that the app makes to a person take effect at once: disabled, changed, removed", async () => {
  const { users, people, add } = ownUsers();
  const sub = add("ada");
  await using server = await testServer({ users });
  const client = await server.addClient(WEB);
  const browser = testBrowser(server);
  const page = await browser.signIn(
    await browser.get(authorizationUrl(client, { scope: "openid profile offline_access" })),
    "ada",
    "open sesame!",
  );
  const back = await browser.submit(page, { decision: "allow" }, "/consent");
  const { body } = await redeem(server, client, back.url.searchParams.get("code") ?? "");
  const active = async () => (await introspect(server, client, body.access_token)).active;

  add("ada", { claims: { name: "Ada Lovelace" } });
  assert.equal((await userinfo(server, body.access_token)).body.name, "Ada Lovelace");
  add("ada", { disabled: true });
  assert.equal(await active(), false);
  assert.equal((await refresh(server, client, body.refresh_token)).body.error, "invalid_grant");
  assert.equal((await browser.get("/account")).url.pathname, "/sign-in");
  add("ada");
  assert.equal(await active(), true);
  people.delete(sub);
  assert.equal(await active(), false);
});

test("a person whose sub equals a client_id cannot sign in", async () => {
  const { users, add } = ownUsers();
  await using server = await testServer({ users });
  const client = await server.addClient(SERVICE);
  add("mallory", { sub: client.client_id });
  const browser = testBrowser(server);
  const page = await browser.signIn(await browser.get("/sign-in"), "mallory", "open sesame!");
  assert.equal(page.status, 403);
  assert.equal((await browser.get("/account")).url.pathname, "/sign-in");
});

test("an error of the app's store of people gives an error page, and the process goes on", async () => {
  const { users, add } = ownUsers();
  add("ada");
  const broken: Users = {
    ...users,
    findByLogin: () => Promise.reject(new Error("the app's database is gone")),
  };
  await using server = await testServer({ users: broken });
  const browser = testBrowser(server);
  const page = await browser.signIn(await browser.get("/sign-in"), "ada", "open sesame!");
  assert.equal(page.status, 500);
  assert.doesNotMatch(page.html, /database is gone/, "the reason is in the log only");
  assert.ok(server.lines.some(({ fields }) => String(fields.why).includes("database is gone")));
});

test("requests that arrive before the server is ready are queued", async () => {
  const server = createAuthorizationServer(CONFIG);
  after(() => server.close());
  const answers = await Promise.all(
    ["/jwks", "/.well-known/openid-configuration", "/sign-in", "/healthz", "/jwks"].map((path) =>
      server.fetch(new Request(server.issuer + path)),
    ),
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200, 200],
  );
  const [first, , , , last] = await Promise.all(answers.map((answer) => answer.text()));
  assert.equal(first, last, "one set of keys");
});

test("close waits for the start and may be called twice; later requests get an error", async () => {
  const server = createAuthorizationServer(CONFIG);
  await server.close();
  await server.close();
  const { status } = await server.fetch(new Request(`${server.issuer}/jwks`));
  assert.ok(status >= 500, "no keys without a database");
});

test("an invalid configuration is refused at once and names its key", () => {
  const wrong: [object, RegExp][] = [
    [{ issuer: "http://as.test" }, /issuer/],
    [{ issuer: "https://as.test?x" }, /issuer/],
    [{ lifetimes: { acces_token: 1 } }, /lifetimes\.acces_token/],
    [{ legacy_grants: "yes" }, /legacy_grants/],
    [{ scopes: { "a b": "x" } }, /scopes/],
    [{ scopes: { a: 7 } }, /scopes\.a: must be a text, or \{ text: "…", claims: \["groups"\] \}/],
    [{ scopes: { a: { text: "x", claim: ["y"] } } }, /scopes\.a\.claim/],
    [
      { scopes: { a: { text: "x", claims: ["y", "sub", "iss"] } } },
      /scopes\.a\.claims: sub, iss is set/,
    ],
    [
      { scopes: { a: { text: "x", claims: ["access_epoch"] } } },
      /access_epoch is set by the server/,
    ],
    [{ id_token_claims: "all" }, /id_token_claims/],
    [{ access_token_signing_alg: "HS256" }, /access_token_signing_alg/],
    [
      { resources: { "https://x.test": { name: "X", access_token_signing_alg: "none" } } },
      /resources\.https:\/\/x\.test\.access_token_signing_alg/,
    ],
    [{ acr: { single: "two words" } }, /acr\.single/],
    [{ acr: { single: "phr" } }, /acr: two levels/],
    [{ acr_values: ["phr"] }, /acr_values/],
    [{ resources: { "https://x.test": { name: "X", scopes: ["no.such"] } } }, /no\.such/],
  ];
  for (const [config, word] of wrong)
    assert.throws(
      () => createAuthorizationServer({ ...CONFIG, resources: {}, ...config }),
      (error) => error instanceof ConfigError && word.test(error.message),
    );
});

test("a half-written store of people is refused at start, and each function is named", () => {
  const { users } = ownUsers();
  const start = (config: object) => () => createAuthorizationServer({ ...CONFIG, ...config });
  const { verifyPassword: _, ...half } = users;
  assert.throws(start({ users: half }), /users\.verifyPassword: is missing/);
  assert.throws(start({ users: {} }), /find: .*findByLogin: .*verifyPassword: /s);
  assert.throws(start({ users: { ...users, changePassword: true } }), /changePassword: is no fun/);
  assert.throws(start({ users, sign_up: true }), /users\.create: is missing, and sign_up/);
});

test("node: a whole flow through node:http, beside the app's own routes", async () => {
  await using server = await webServer();
  await server.addUser("ada");
  const client = await server.addClient(WEB);
  const { access_token } = await tokensFor(server, client);
  assert.equal((await introspect(server, client, access_token)).active, true);

  const app = createServer((request, response) => {
    if (request.url === "/own") response.end("the app's own");
    else server.node(request, response);
  });
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  const address = app.address();
  const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  assert.equal(await (await fetch(`${origin}/own`)).text(), "the app's own");
  assert.equal((await fetch(`${origin}/jwks`)).status, 200);
  const elsewhere = await fetch(`${origin}/sign-in`, { redirect: "manual" });
  assert.equal(elsewhere.headers.get("location"), `${server.issuer}/sign-in`);
  app.closeAllConnections();
  await new Promise((resolve) => app.close(resolve));
});

test("node: methods, paths, hosts and body sizes get their proper status", async () => {
  await using server = await webServer();
  const { hostname, port } = new URL(server.issuer);
  const send = (
    method: string,
    path: string,
    { headers = {}, chunks = [] }: { headers?: Record<string, string>; chunks?: string[] } = {},
  ): Promise<{ status: number; headers: Record<string, unknown>; text: string }> =>
    new Promise((resolve, reject) => {
      const outgoing = httpRequest({ hostname, port, method, path, headers }, (incoming) => {
        let text = "";
        incoming.setEncoding("utf8").on("data", (part) => {
          text += part;
        });
        incoming.on("end", () =>
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
        );
      });
      // An early answer closes the connection while the rest is still being sent.
      outgoing.on("error", (error) => (outgoing.destroyed ? null : reject(error)));
      for (const chunk of chunks) outgoing.write(chunk);
      outgoing.end();
    });
  const form = { "content-type": "application/x-www-form-urlencoded" };

  const head = await send("HEAD", "/jwks");
  assert.equal(head.status, 200);
  assert.equal(head.text, "");
  assert.ok(Number(head.headers["content-length"]) > 500);
  assert.equal((await send("POST", "/token", { headers: form })).status, 401);
  const chunked = await send("POST", "/token", {
    headers: { ...form, "transfer-encoding": "chunked" },
    chunks: ["grant_type=", "client_credentials"],
  });
  assert.equal(chunked.status, 401);
  const large = await send("POST", "/token", {
    headers: { ...form, "transfer-encoding": "chunked" },
    chunks: ["a=", "x".repeat(40_000), "x".repeat(40_000)],
  });
  assert.equal(large.status, 413);
  const announced = await send("POST", "/token", {
    headers: { ...form, "content-length": "70000" },
    chunks: ["only the beginning"],
  });
  assert.equal(announced.status, 413);
  assert.equal((await send("PUT", "/token")).status, 405);
  assert.equal((await send("GET", "/nothing")).status, 404);
  assert.equal((await send("GET", "/%6awks")).status, 404, "paths are compared as sent");
  assert.equal((await send("GET", "//jwks")).status, 404);
  assert.equal((await send("GET", "/sign-in", { headers: { host: "evil.test" } })).status, 421);
  assert.equal((await send("GET", "/sign-in", { headers: { host: "a b" } })).status, 421);
  const first = await send("GET", authorizationUrl(await server.addClient(WEB)));
  assert.equal(first.status, 303);
  assert.ok(Array.isArray(first.headers["set-cookie"]));
});

test("forwarded headers are accepted from listed proxies only", async () => {
  const config = { issuer: "https://as.test", trust_proxy: ["10.0.0.0/8"] };
  await using server = await testServer(config);
  const ask = (address: string) =>
    server.fetch(
      new Request("http://inside.test/sign-in", {
        headers: { "x-forwarded-proto": "https", "x-forwarded-host": "as.test" },
      }),
      { address },
    );
  assert.equal((await ask("10.1.2.3")).status, 200);
  assert.equal((await ask("203.0.113.9")).status, 421);
});

test("many concurrent flows do not interfere", async () => {
  await using server = await testServer();
  const client = await server.addClient({ ...WEB, token_endpoint_auth_method: "none" });
  const names = [...Array(12)].map((_, i) => `person-${i}`);
  const subs = await Promise.all(names.map((name) => server.addUser(name)));
  const got = await Promise.all(
    names.map(async (username) => {
      const code_verifier = `${VERIFIER}${username}`;
      const parameters = { code_challenge: s256(code_verifier), state: username };
      const { code, url } = await authorize(server, client, { username, parameters });
      assert.equal(url.searchParams.get("state"), username);
      const { body } = await redeem(server, client, code, { code_verifier });
      return (await userinfo(server, body.access_token)).body.sub;
    }),
  );
  assert.deepEqual(got, subs);
});

test("L8 the log says once that requests come without the address of the visitor", async () => {
  await using server = await testServer();
  const ask = (options?: { address?: string }) =>
    server.fetch(new Request(`${server.issuer}/jwks`), options);
  await ask({ address: "192.0.2.1" });
  const told = () => server.lines.filter(({ event }) => event === "no address");
  assert.deepEqual(told(), []);
  await Promise.all([ask(), ask({}), ask()]);
  assert.equal(told().length, 1);
  assert.match(String(told()[0]?.fields.why), /without `address`/);
});

for (const [database, newDatabase] of Object.entries({
  SQLite: async (): Promise<string> => "sqlite::memory:",
  PostgreSQL: async (): Promise<string> => (await postgres()).newDatabase(),
}))
  test(`three functions are enough for app codes; the app tells of its own changes and removals (${database})`, async () => {
    const { users, people, add } = ownUsers();
    const sub = add("ada");
    const other = add("ben");
    const secret = Buffer.alloc(32, 5).toString("base64url");
    await using server = await testServer({ users, database: await newDatabase() }, { secret });
    const { store } = server.server;
    const client = await server.addClient(WEB);
    const app = await addAppCodes(server, sub);
    const signIn = async (name: string) => {
      const browser = testBrowser(server);
      const page = await browser.signIn(await browser.get("/sign-in"), name, "open sesame!");
      return { browser, page };
    };
    const isIn = async ({ browser }: Awaited<ReturnType<typeof signIn>>) =>
      (await browser.get("/account")).url.pathname === "/account";

    const ada = await signIn("ada");
    assert.equal(ada.page.url.pathname, "/sign-in/second");
    assert.equal((await sendCode(ada.browser, ada.page, app.code())).url.pathname, "/account");
    const held = await tokensFor(server, client, {
      browser: ada.browser,
      parameters: { scope: "openid offline_access" },
    });
    const active = async () => (await introspect(server, client, held.access_token)).active;
    const ben = await signIn("ben");
    const half_way = await signIn("ada");
    const before = await store.loadFactors(sub);

    server.advance(31);
    await server.people.changed(sub);
    assert.equal(await isIn(ada), false);
    assert.equal(await isIn(ben), true, "nobody else is touched");
    const late = await sendCode(half_way.browser, half_way.page, app.code());
    assert.notEqual(late.url.pathname, "/account", "a half-finished sign-in ends");
    assert.equal((await store.loadFactors(sub)).version, before.version + 1);
    assert.equal((await store.loadFactors(sub)).totps.length, 1, "factors stay");
    assert.equal((await refresh(server, client, held.refresh_token)).status, 200);

    server.advance(31);
    const again = await signIn("ada");
    await sendCode(again.browser, again.page, app.code());
    assert.equal(await isIn(again), true);
    people.delete(sub);
    await server.people.removed(sub);
    await server.people.removed(sub);
    // The app gives the sub away again, against the rule: nothing of the person before is left.
    add("ada");
    assert.equal(await isIn(again), false);
    assert.equal(await active(), false);
    assert.equal((await refresh(server, client, held.refresh_token)).body.error, "invalid_grant");
    assert.equal(await store.findConsent(sub, client.client_id), null);
    const { totps, recovery_codes } = await store.loadFactors(sub);
    assert.deepEqual([totps, recovery_codes], [[], []]);
    assert.equal((await store.listSessions(other, { limit: 5 })).length, 1);
    const events = await store.listAudit({ sub, limit: 50 });
    const told = events.filter(({ event }) => event.startsWith("user_")).map(({ event }) => event);
    assert.deepEqual(told.sort(), ["user_changed", "user_removed", "user_removed"]);
  });

test("server.people is refused where Valetkey keeps the people itself", async () => {
  await using server = await testServer();
  const sub = await server.addUser("ada");
  await assert.rejects(server.people.changed(sub), /people that the app keeps/);
  await assert.rejects(server.people.removed(sub), /people that the app keeps/);
  assert.ok(await server.server.store.findAccount(sub));
});
