/** Requests to the registration endpoints, and stories of apps that register themselves, for any setup. */
import assert from "node:assert/strict";
import { changeClient } from "../../src/clients/change_client.ts";
import type { Config } from "../../src/config.ts";
import type { ClientRecord } from "../../src/store/records.ts";
import { at, type Reachable } from "./browser.ts";
import { authorize, redeem, refresh, tokensFor, userinfo } from "./flow.ts";
import { OPERATOR } from "./operation.ts";
import { SNAPS, type TestClient, type TestServer } from "./server.ts";
import { type Story, soon } from "./stories.ts";

/** Everybody may register apps of one site. */
export const OPEN = {
  registration: {
    mode: "open",
    allowed_redirect_hosts: ["app.test"],
    allowed_schemes: ["cursor", "com.example.app"],
    per_address_hour: 1000,
  },
  resources: {
    [SNAPS]: { name: "Snaps", scopes: ["photos.read", "photos.write"], open: true },
    "https://prints.test/api": { name: "Prints", scopes: ["prints.order"] },
  },
} satisfies Config;

export const APP = {
  client_name: "App",
  redirect_uris: ["https://app.test/callback"],
  grant_types: ["authorization_code", "refresh_token"],
};

// biome-ignore lint/suspicious/noExplicitAny: answers of the server, as any client reads them
type Body = any;

export interface Answer {
  status: number;
  headers: Headers;
  body: Body;
}

interface Call {
  method?: string;
  token?: string | undefined;
  document?: object | string | undefined;
  address?: string;
}

/** @param path `/register`, or the address that a registration has answered with */
export async function call(
  server: Reachable & Pick<TestServer, "fetch">,
  path: string,
  { method = "POST", token, document, address = "203.0.113.7" }: Call = {},
): Promise<Answer> {
  const headers = new Headers();
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  if (document !== undefined) headers.set("content-type", "application/json");
  const body = typeof document === "object" ? JSON.stringify(document) : document;
  const url = path.startsWith("http") ? path : at(server, path);
  const request = new Request(url, { method, headers, ...(body !== undefined && { body }) });
  const response = await server.fetch(request, { address });
  const text = await response.text();
  const { status } = response;
  return {
    status,
    headers: response.headers,
    body: text.startsWith("{") ? JSON.parse(text) : text,
  };
}

export const registerAt = (
  server: TestServer,
  document: object | string = APP,
  given: Pick<Call, "token" | "address"> = {},
): Promise<Answer> => call(server, "/register", { document, ...given });

/** The client of an answer, for the helpers of other tests. */
export async function clientOf(
  { stored }: { stored: (client_id: string) => Promise<ClientRecord | null> },
  { body }: Answer,
): Promise<TestClient> {
  const record = (await stored(body.client_id)) ?? assert.fail("it is not stored");
  return { client_id: body.client_id, client_secret: body.client_secret ?? "", record };
}

export const storedIn = ({ server }: TestServer) => ({
  stored: (client_id: string) => server.store.findClient(client_id),
});

const own = (answer: Answer) => ({
  path: String(answer.body.registration_client_uri),
  token: String(answer.body.registration_access_token),
});

let people = 0;
async function somebody(server: TestServer): Promise<string> {
  people += 1;
  const username = `registering-${people}`;
  await server.addUser(username, { claims: { email: `${username}@example.com` } });
  return username;
}

/** The server is configured with `OPEN`. */
export const registrationStories: Readonly<Record<string, Story>> = {
  async "an app registers itself, and signs people in at once, on every node"(server) {
    const username = await somebody(server);
    const answer = await registerAt(server);
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    const client = await clientOf(storedIn(server), answer);
    const parameters = { redirect_uri: APP.redirect_uris[0], scope: "openid offline_access email" };
    for (let times = 0; times < 2; times += 1) {
      const tokens = await tokensFor(server, client, { username, parameters });
      assert.equal(tokens.scope, parameters.scope);
      assert.equal((await userinfo(server, tokens.access_token)).status, 200);
      assert.equal((await refresh(server, client, tokens.refresh_token)).status, 200);
    }
  },

  async "an app without a secret registers a loopback address, and asks for an open API"(server) {
    const username = await somebody(server);
    const redirect_uris = ["http://127.0.0.1/callback"];
    const token_endpoint_auth_method = "none";
    const answer = await registerAt(server, { ...APP, redirect_uris, token_endpoint_auth_method });
    assert.equal(answer.status, 201);
    assert.equal(answer.body.application_type, "native");
    for (const name of ["client_secret", "client_secret_expires_at"])
      assert.ok(!(name in answer.body), name);
    const client = await clientOf(storedIn(server), answer);
    const redirect_uri = "http://127.0.0.1:4567/callback";
    const parameters = { redirect_uri, scope: "photos.read prints.order", resource: SNAPS };
    const { code } = await authorize(server, client, { username, parameters });
    const { status, body } = await redeem(server, client, code, { redirect_uri });
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.scope, "photos.read", "the other API is not open");
  },

  async "an app reads its registration: the token is shown again, and the secret is not"(server) {
    const made = await registerAt(server);
    const { path, token } = own(made);
    const read = await call(server, path, { method: "GET", token });
    assert.equal(read.status, 200);
    const { client_secret, ...others } = made.body;
    assert.match(client_secret, /^vks_/);
    assert.deepEqual(read.body, others);
    assert.equal(read.headers.get("cache-control"), "no-store");
  },

  async "an app changes its registration, and a change takes effect on every node"(server) {
    const username = await somebody(server);
    const made = await registerAt(server);
    const { path, token } = own(made);
    const { registration_client_uri: _, registration_access_token: __, ...document } = made.body;
    const redirect_uris = ["https://app.test/new"];
    const changed = await call(server, path, {
      method: "PUT",
      token,
      document: { ...document, redirect_uris, client_name: "New name" },
    });
    assert.equal(changed.status, 200);
    assert.equal(changed.body.client_name, "New name");
    assert.deepEqual(changed.body.redirect_uris, redirect_uris);
    assert.equal(changed.body.registration_access_token, token);
    const client = await clientOf(storedIn(server), made);
    const parameters = { redirect_uri: redirect_uris[0] };
    await soon(async () => {
      const { code } = await authorize(server, client, { username, parameters });
      assert.equal((await redeem(server, client, code)).status, 200);
    });
  },

  async "what an operator has narrowed stays narrow over the next change by the app, on every node"(
    server,
  ) {
    const username = await somebody(server);
    const wide = { ...APP, scope: "openid email photos.read" };
    const made = await registerAt(server, wide);
    const { path, token } = own(made);
    const { client_id } = made.body;
    const client = await clientOf(storedIn(server), made);
    const change = { scope: "openid", grant_types: ["authorization_code"] };
    const narrowed = await changeClient({ client: client.record, change }, OPERATOR, server.server);
    assert.ok(typeof narrowed === "object");
    const { scope: _, grant_types: __, ...without } = wide;
    for (const document of [wide, without, wide]) {
      const put = { method: "PUT", token, document: { ...document, client_id } };
      const { status, body } = await call(server, path, put);
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual([body.scope, body.grant_types], [change.scope, change.grant_types]);
    }
    const parameters = { redirect_uri: APP.redirect_uris[0], scope: "openid email offline_access" };
    const tokens = await tokensFor(server, client, { username, parameters });
    assert.equal(tokens.scope, "openid");
    assert.equal(tokens.refresh_token, undefined);
  },

  async "members that a change leaves out get their defaults, and a new method a secret"(server) {
    const token_endpoint_auth_method = "none";
    const logo = { policy_uri: "https://app.test/privacy", contacts: ["a@app.test"] };
    const made = await registerAt(server, { ...APP, ...logo, token_endpoint_auth_method });
    const { path, token } = own(made);
    const { client_id } = made.body;
    const { body } = await call(server, path, {
      method: "PUT",
      token,
      document: { client_id, redirect_uris: APP.redirect_uris },
    });
    assert.deepEqual([body.policy_uri, body.contacts, body.client_name], Array(3).fill(undefined));
    assert.deepEqual(body.grant_types, ["authorization_code"]);
    assert.match(body.client_secret, /^vks_/);
    assert.equal(body.client_secret_expires_at, 0);
  },

  async "an app that removes itself is gone on every node, with its tokens"(server) {
    const username = await somebody(server);
    const made = await registerAt(server);
    const { path, token } = own(made);
    const client = await clientOf(storedIn(server), made);
    const parameters = { redirect_uri: APP.redirect_uris[0], scope: "openid offline_access" };
    const { access_token } = await tokensFor(server, client, { username, parameters });
    const gone = await call(server, path, { method: "DELETE", token });
    assert.deepEqual([gone.status, gone.body], [204, ""]);
    await soon(async () => {
      for (let times = 0; times < 2; times += 1) {
        assert.equal((await userinfo(server, access_token)).status, 401);
        const { status, body } = await call(server, path, { method: "GET", token });
        assert.deepEqual([status, body.error], [401, "invalid_token"]);
      }
    });
  },
};
