/** Dynamic registration (RFC 7591, RFC 7592, OpenID Connect Registration): modes, rules, limits, and unused clients. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { changeClient, setClientDisabled } from "../../src/clients/change_client.ts";
import { removeClient } from "../../src/clients/end_client.ts";
import {
  addInitialAccessToken,
  findInitialAccessToken,
} from "../../src/clients/initial_access_token.ts";
import type { Config } from "../../src/config.ts";
import { at } from "../support/browser.ts";
import { tokensFor } from "../support/flow.ts";
import { OPERATOR } from "../support/operation.ts";
import {
  type Answer,
  APP,
  call,
  clientOf,
  OPEN,
  registerAt,
  storedIn,
} from "../support/registration.ts";
import { SNAPS, type TestServer, testServer } from "../support/server.ts";

type Registration = NonNullable<Config["registration"]>;
const open = (registration: Registration = {}) =>
  testServer({ ...OPEN, registration: { ...OPEN.registration, ...registration } });

const refused = ({ status, body }: Answer) => `${status} ${body.error}`;
async function advertised(server: TestServer): Promise<unknown> {
  const request = new Request(at(server, "/.well-known/openid-configuration"));
  const { registration_endpoint } = JSON.parse(await (await server.fetch(request)).text());
  return registration_endpoint;
}

describe("modes", () => {
  test("off, which is the default: no route, and no address in the metadata", async () => {
    await using server = await testServer();
    assert.equal(await advertised(server), undefined);
    assert.equal((await registerAt(server)).status, 404);
    assert.equal((await call(server, "/register/x", { method: "GET", token: "x" })).status, 404);
  });

  test("open: everybody registers, and the metadata have the address", async () => {
    await using server = await open();
    assert.equal(await advertised(server), `${server.issuer}/register`);
    assert.equal((await registerAt(server)).status, 201);
  });

  test("token: each use of an initial access token registers one app", async () => {
    await using server = await testServer({ registration: { mode: "token" } });
    const input = { note: "print shop", uses: 2, expires_in: 60 };
    const { token, record } = await addInitialAccessToken(input, OPERATOR, server.server);
    for (const wrong of [undefined, "vki_x", `${token}x`]) {
      const answer = await registerAt(server, APP, { token: wrong ?? "" });
      assert.equal(refused(answer), "401 invalid_token");
      assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer realm=/);
    }
    const bad = await registerAt(server, { ...APP, redirect_uris: ["x"] }, { token });
    assert.equal(refused(bad), "400 invalid_redirect_uri", "it takes no use");
    const made = await registerAt(server, APP, { token });
    assert.equal(made.status, 201);
    assert.equal((await registerAt(server, APP, { token })).status, 201);
    assert.equal(refused(await registerAt(server, APP, { token })), "401 invalid_token");
    const { client_id } = made.body;
    const [event] = await server.server.store.listAudit({ client_id, limit: 1 });
    assert.equal(event?.details.initial_access_token, record.token_id);
    assert.equal(event?.actor, "client");
    assert.equal(event?.sub, null);
  });

  test("token: it ends with its time, and after a restore", async () => {
    await using server = await testServer({ registration: { mode: "token" } });
    const input = { note: null, uses: 5, expires_in: 60 };
    const { token, record } = await addInitialAccessToken(input, OPERATOR, server.server);
    const { token_id } = record;
    server.advance(59);
    assert.equal((await registerAt(server, APP, { token })).status, 201);
    const { store } = server.server;
    const restored = { now: server.now(), epoch: server.now() };
    assert.ok(await findInitialAccessToken(token, { store }, { ...restored, epoch: 1 }));
    assert.equal(await findInitialAccessToken(token, { store }, restored), null);
    const any = { ...store, findInitialAccessToken: () => store.findInitialAccessToken(token_id) };
    const live = { ...restored, epoch: 1 };
    assert.ok(await findInitialAccessToken(token, { store: any }, live));
    assert.equal(await findInitialAccessToken("vki_other", { store: any }, live), null);
    server.advance(1);
    assert.equal(refused(await registerAt(server, APP, { token })), "401 invalid_token");
  });

  test("token: any https host, and only the listed ones where some are listed", async () => {
    const cases: [string[], number][] = [
      [[], 201],
      [["app.test"], 201],
      [["other.test"], 400],
    ];
    for (const [allowed_redirect_hosts, status] of cases) {
      const registration = { mode: "token", allowed_redirect_hosts } as const;
      await using server = await testServer({ registration });
      const input = { note: null, uses: 5, expires_in: 60 };
      const { token } = await addInitialAccessToken(input, OPERATOR, server.server);
      assert.equal((await registerAt(server, APP, { token })).status, status);
    }
  });
});

describe("redirect URIs of open registration", async () => {
  const server = await open();
  after(() => server.close());
  const status = async (redirect_uri: string, more: object = {}) => {
    const answer = await registerAt(server, { ...APP, redirect_uris: [redirect_uri], ...more });
    return answer.status === 201 ? "201" : refused(answer);
  };
  const NATIVE_APP = { token_endpoint_auth_method: "none" };

  for (const [uri, more] of [
    ["https://app.test/callback"],
    ["http://127.0.0.1/callback"],
    ["http://127.0.0.1:8000/callback", NATIVE_APP],
    ["http://localhost:8000/callback", NATIVE_APP],
    ["http://[::1]/callback", NATIVE_APP],
    ["cursor://anysphere.cursor-mcp/oauth/callback", NATIVE_APP],
    ["com.example.app:/callback", NATIVE_APP],
  ] as const)
    test(`${uri} is accepted`, async () => assert.equal(await status(uri, more), "201"));

  for (const [uri, more] of [
    ["https://other.test/callback"],
    ["https://app.test:8443/callback"],
    ["https://sub.app.test/callback"],
    ["https://app.test.evil.test/callback"],
    ["https://app.test@evil.test/callback"],
    ["https://app.test/callback#fragment"],
    ["http://app.test/callback"],
    ["com.example.other:/callback", NATIVE_APP],
    ["vscode://callback", NATIVE_APP],
  ] as const)
    test(`${uri} is refused`, async () =>
      assert.equal(await status(uri, more), "400 invalid_redirect_uri"));

  test("one bad address among good ones refuses all, also one for after signing out", async () => {
    const uris = [...APP.redirect_uris, "https://other.test/callback"];
    const two = await registerAt(server, { ...APP, redirect_uris: uris });
    assert.equal(refused(two), "400 invalid_redirect_uri");
    const out = { ...APP, post_logout_redirect_uris: ["https://other.test/bye"] };
    assert.equal(refused(await registerAt(server, out)), "400 invalid_redirect_uri");
  });

  test("the address where an app begins a sign-in passes the same rules", async () => {
    const register = async (initiate_login_uri: string) =>
      registerAt(server, { ...APP, initiate_login_uri });
    assert.equal((await register("https://app.test/login")).status, 201);
    const refusal = await register("https://other.test/login");
    assert.equal(refused(refusal), "400 invalid_client_metadata");
  });

  test("a change passes the same rules", async () => {
    const made = await registerAt(server);
    const { client_id, registration_access_token: token } = made.body;
    for (const redirect_uris of [["https://other.test/callback"], []]) {
      const document = { ...APP, client_id, redirect_uris };
      const path = `/register/${client_id}`;
      const answer = await call(server, path, { method: "PUT", token, document });
      assert.equal(refused(answer), "400 invalid_redirect_uri");
    }
    const { record } = await clientOf(storedIn(server), made);
    assert.deepEqual(record.metadata.redirect_uris, APP.redirect_uris);
  });

  test("with *, every https host, and no other scheme", async () => {
    await using any = await open({ allowed_redirect_hosts: ["*"], allowed_schemes: [] });
    const redirect_uris = ["https://other.test/callback"];
    assert.equal((await registerAt(any, { ...APP, redirect_uris })).status, 201);
    const app = { ...APP, ...NATIVE_APP, redirect_uris: ["com.example.app:/callback"] };
    assert.equal(refused(await registerAt(any, app)), "400 invalid_redirect_uri");
  });
});

describe("what is registered", async () => {
  const server = await open();
  after(() => server.close());
  const register = async (more: object) => registerAt(server, { ...APP, ...more });
  const put = async (made: Answer, document: object) => {
    const { client_id, registration_access_token: token } = made.body;
    const path = `/register/${client_id}`;
    return call(server, path, { method: "PUT", token, document: { client_id, ...document } });
  };

  test("unsupported values are dropped, and the answer says what is left", async () => {
    const { status, body } = await register({
      grant_types: ["authorization_code", "client_credentials", "urn:example:other"],
      response_types: ["code", "nothing"],
      scope: "openid email photos.read prints.order unknown",
      something: { unknown: true },
    });
    assert.equal(status, 201);
    assert.deepEqual(body.grant_types, ["authorization_code"]);
    assert.deepEqual(body.response_types, ["code"]);
    assert.equal(body.scope, "openid email photos.read", "the other API is not open");
    assert.equal(body.something, undefined);
    assert.equal(body.token_endpoint_auth_method, "client_secret_basic");
  });

  for (const [name, more] of [
    ["no usable grant type", { grant_types: ["client_credentials"], response_types: [] }],
    ["no usable scope", { scope: "prints.order" }],
    ["an unsupported authentication method", { token_endpoint_auth_method: "tls_client_auth" }],
    ["a protective member", { dpop_bound_access_tokens: true }],
    ["a picture in the metadata", { logo_uri: "data:image/png;base64,AAAA" }],
    ["a name that is no text", { client_name: 7 }],
  ] as const)
    test(`${name}: invalid_client_metadata`, async () => {
      const answer = await register(more);
      assert.equal(refused(answer), "400 invalid_client_metadata");
      assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
      assert.equal(answer.headers.get("access-control-allow-origin"), "*");
      assert.equal(answer.headers.get("cache-control"), "no-store");
    });

  test("what an operator has widened stays over a change by the app", async () => {
    const made = await register({});
    const { record: client } = await clientOf(storedIn(server), made);
    const change = { trusted: true, resources: [SNAPS], scope: "openid prints.order" };
    await changeClient({ client, change }, OPERATOR, server.server);
    const { body } = await put(made, { ...APP, scope: "openid prints.order notes.read" });
    assert.equal(body.scope, "openid prints.order");
    const { record } = await clientOf(storedIn(server), made);
    assert.equal(record.trusted, true);
    assert.deepEqual(record.metadata.resources, [SNAPS]);
  });

  test("a change needs the app's own id, and its own secret if it names one", async () => {
    const [made, other] = [await register({}), await register({})];
    const { client_secret, registration_access_token: token, client_id } = made.body;
    const path = `/register/${client_id}`;
    for (const [document, status] of [
      [{ ...APP }, 400],
      [{ ...APP, client_id: other.body.client_id }, 400],
      [{ ...APP, client_id, client_secret: other.body.client_secret }, 400],
      [{ ...APP, client_id, client_secret }, 200],
    ] as const)
      assert.equal((await call(server, path, { method: "PUT", token, document })).status, status);
  });

  test("PKCE: one key of the configuration decides for web apps with a secret", async () => {
    await using lax = await open({ require_pkce: false });
    const requires = async (one: TestServer, more: object) =>
      (await clientOf(storedIn(one), await registerAt(one, { ...APP, ...more }))).record
        .require_pkce;
    const native = { application_type: "native" };
    const none = { token_endpoint_auth_method: "none" };
    assert.equal(await requires(server, {}), true);
    assert.equal(await requires(lax, {}), false);
    assert.equal(await requires(lax, none), true);
    assert.equal(await requires(lax, native), true);
    assert.equal(await requires(lax, { require_pkce: true }), false, "not the app's own member");
    const made = await registerAt(lax);
    const { client_id, registration_access_token: token } = made.body;
    const path = `/register/${client_id}`;
    const becomes = async (document: object) => {
      await call(lax, path, { method: "PUT", token, document: { client_id, ...APP, ...document } });
      return (await clientOf(storedIn(lax), made)).record.require_pkce;
    };
    assert.equal(await becomes({}), false);
    assert.equal(await becomes(none), true);
  });
});

describe("limits", () => {
  test("20 registrations an hour from an address; refused ones do not count", async () => {
    await using server = await open({ per_address_hour: 20 });
    for (let i = 0; i < 3; i += 1)
      assert.equal((await registerAt(server, { ...APP, redirect_uris: [] })).status, 400);
    const statuses: number[] = [];
    for (let i = 0; i < 22; i += 1) statuses.push((await registerAt(server)).status);
    assert.deepEqual(statuses, [...Array(20).fill(201), 429, 429]);
    const late = await registerAt(server);
    assert.ok(Number(late.headers.get("retry-after")) > 3000);
    assert.equal((await registerAt(server, APP, { address: "203.0.113.8" })).status, 201);
    server.advance(3601);
    assert.equal((await registerAt(server)).status, 201);
  });

  for (const mode of ["open", "token"] as const)
    test(`in mode ${mode}, changes count for the app and its network; reading does not`, async () => {
      await using server = await open({ mode, per_address_hour: 3 });
      const { token: initial } = await addInitialAccessToken(
        { note: null, uses: 3, expires_in: 60 },
        OPERATOR,
        server.server,
      );
      const [first, second, third] = [
        await registerAt(server, APP, { token: initial }),
        await registerAt(server, APP, { token: initial }),
        await registerAt(server, APP, { token: initial }),
      ];
      const put = async ({ body }: Answer, address = "203.0.113.7", token?: string) => {
        const { client_id, registration_access_token } = body;
        return call(server, `/register/${client_id}`, {
          ...{ method: "PUT", token: token ?? registration_access_token, address },
          document: { ...APP, client_id },
        });
      };
      assert.equal((await put(first)).status, 200);
      const { registration_client_uri: path, registration_access_token: token } = first.body;
      for (let i = 0; i < 5; i += 1)
        assert.equal((await call(server, path, { method: "GET", token })).status, 200);
      assert.equal((await put(first)).status, 200);
      assert.equal((await put(second)).status, 200);
      assert.equal((await put(second)).status, 429, "the network has changed enough");
      assert.equal((await put(first, "203.0.113.8")).status, 200);
      assert.equal((await put(first, "203.0.113.9")).status, 429, "the app has changed enough");
      assert.equal((await put(third, "203.0.113.9")).status, 200);
      assert.equal(refused(await put(first, "203.0.113.7", "x")), "401 invalid_token");
    });

  for (const mode of ["open", "token"] as const)
    test(`in mode ${mode}, a refused registration counts if the server sent a request for it`, async () => {
      let sent = 0;
      const outbound = {
        async request() {
          sent += 1;
          throw new Error("nobody is there");
        },
      };
      const registration = { ...OPEN.registration, mode, per_address_hour: 3 };
      await using server = await testServer({ ...OPEN, registration }, { outbound });
      const input = { note: null, uses: 1, expires_in: 60 };
      const { token } = await addInitialAccessToken(input, OPERATOR, server.server);
      const sector_identifier_uri = "https://app.test/list";
      const statuses: number[] = [];
      for (let i = 0; i < 5; i += 1)
        statuses.push(
          (await registerAt(server, { ...APP, sector_identifier_uri }, { token })).status,
        );
      assert.deepEqual([statuses, sent], [[400, 400, 400, 429, 429], 3]);
    });

  test("an app has one job for its logo, however often it changes the address", async () => {
    await using server = await open();
    const { body } = await registerAt(server, { ...APP, logo_uri: "https://app.test/0.png" });
    const { registration_client_uri: path, registration_access_token: token, client_id } = body;
    for (let i = 1; i < 5; i += 1) {
      const document = { ...APP, client_id, logo_uri: `https://app.test/${i}.png` };
      assert.equal((await call(server, path, { method: "PUT", token, document })).status, 200);
    }
    const now = server.now();
    const lease = { now, until: now + 60, limit: 10 };
    const jobs = await server.server.store.leaseJobs({ kinds: ["fetch_logo"], ...lease });
    const payload = { client_id, logo_uri: "https://app.test/4.png" };
    assert.deepEqual(
      jobs.map((job) => JSON.parse(job.payload)),
      [payload],
    );
  });

  test("an app that removes itself unused leaves no events; a used one, or an operator's removal, does", async () => {
    await using server = await open();
    const { store } = server.server;
    await server.addUser("ada");
    const remove = ({ body }: Answer) =>
      call(server, body.registration_client_uri, {
        method: "DELETE",
        token: body.registration_access_token,
      });
    const events = async ({ body: { client_id } }: Answer) =>
      (await store.listAudit({ client_id, limit: 100 })).map(({ event }) => event);
    const logo_uri = "https://app.test/logo.png";
    const unused = await registerAt(server, { ...APP, logo_uri });
    assert.deepEqual(await events(unused), ["client_created"]);
    assert.equal((await remove(unused)).status, 204);
    assert.deepEqual(await events(unused), []);
    assert.equal(await store.findClient(unused.body.client_id), null);

    const used = await registerAt(server);
    const parameters = { redirect_uri: APP.redirect_uris[0] };
    const client = await clientOf(storedIn(server), used);
    await tokensFor(server, client, { username: "ada", parameters });
    assert.equal((await remove(used)).status, 204);
    assert.equal((await events(used))[0], "client_removed");
    assert.ok((await events(used)).includes("client_created"));

    const other = await registerAt(server);
    const { record } = await clientOf(storedIn(server), other);
    await removeClient(record, OPERATOR, server.server);
    assert.deepEqual(await events(other), ["client_removed", "client_created"]);
  });

  test("a body of 16 KB is read, and a larger one is not", async () => {
    await using server = await open();
    const padded = (length: number) => {
      const text = JSON.stringify({ ...APP, padding: "" });
      return text.replace('"padding":""', `"padding":"${"x".repeat(length - text.length)}"`);
    };
    assert.equal((await registerAt(server, padded(16_384))).status, 201);
    assert.equal(refused(await registerAt(server, padded(16_385))), "413 invalid_request");
  });

  test("only a JSON object is read", async () => {
    await using server = await open();
    for (const document of ["[]", "null", '"x"', "{", '{"scope":"a","scope":"b"}'])
      assert.equal((await registerAt(server, document)).status, 400, document);
    const form = new Request(at(server, "/register"), {
      method: "POST",
      body: new URLSearchParams({ redirect_uris: "https://app.test/callback" }),
    });
    assert.equal((await server.fetch(form)).status, 415);
  });
});

describe("unused clients", () => {
  const A_DAY = 86_400;
  const sweep = (server: TestServer) => server.server.store.sweep(server.now(), 500);

  test("an app that nobody agrees to within a day is gone", async () => {
    await using server = await open();
    const { body } = await registerAt(server);
    server.advance(A_DAY - 1);
    await sweep(server);
    await server.server.store.currentState();
    assert.ok(await server.server.store.findClient(body.client_id));
    server.advance(1);
    await sweep(server);
    const listed = await server.server.store.listClients({ limit: 10 });
    assert.deepEqual(listed, []);
  });

  test("an app that somebody agreed to stays for a year after the last grant", async () => {
    await using server = await open();
    await server.addUser("ada");
    const made = await registerAt(server);
    const client = await clientOf(storedIn(server), made);
    const parameters = { redirect_uri: APP.redirect_uris[0], scope: "openid offline_access" };
    const listed = async () => (await server.server.store.listClients({ limit: 10 })).length;
    await tokensFor(server, client, { parameters });
    server.advance(300 * A_DAY);
    await sweep(server);
    assert.equal(await listed(), 1);
    await tokensFor(server, client, { parameters });
    server.advance(364 * A_DAY);
    await sweep(server);
    assert.equal(await listed(), 1, "the second grant counts");
    server.advance(3 * A_DAY);
    await sweep(server);
    assert.equal(await listed(), 0);
  });

  test("an operator's client never ends", async () => {
    await using server = await open();
    await server.addClient(APP);
    server.advance(5000 * A_DAY);
    await sweep(server);
    assert.equal((await server.server.store.listClients({ limit: 10 })).length, 1);
  });
});

test("a disabled app may not read or change its registration, and an enabled one may again", async () => {
  await using server = await open();
  const made = await registerAt(server);
  const { registration_client_uri: path, registration_access_token: token } = made.body;
  const { record: client } = await clientOf(storedIn(server), made);
  const read = async () => (await call(server, path, { method: "GET", token })).status;
  const changed = await setClientDisabled({ client, disabled: true }, OPERATOR, server.server);
  assert.equal(await read(), 401);
  assert.ok(typeof changed === "object");
  await setClientDisabled({ client: changed, disabled: false }, OPERATOR, server.server);
  assert.equal(await read(), 200);
});

test("scripts of other origins may register, read, change and remove", async () => {
  await using server = await open();
  for (const [path, allowed] of [
    ["/register", "POST"],
    ["/register/any", "GET, PUT, DELETE"],
  ] as const) {
    const headers = { origin: "https://app.test", "access-control-request-method": "POST" };
    const request = new Request(at(server, path), { method: "OPTIONS", headers });
    const answer = await server.fetch(request);
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get("access-control-allow-methods"), allowed);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
  }
});
