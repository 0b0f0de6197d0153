/** Each feature off and on: routes, metadata, registration, and how requests are refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Config, parseConfig } from "../../src/config.ts";
import { FEATURES, type Feature } from "../../src/features.ts";
import { json } from "../../src/http/message.ts";
import { api } from "../../src/http/route.ts";
import { OAuthError } from "../../src/oauth/errors.ts";
import { FRONT_CHANNEL_RESPONSE_TYPES } from "../../src/oauth/response_type.ts";
import { metadataPaths } from "../../src/oauth/server_metadata.ts";
import { acceptedMetadata, endpointsOf, routesOf } from "../../src/offer.ts";
import type { Users } from "../../src/people/users.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { post, redeem, tokensFor } from "../support/flow.ts";
import { inbox } from "../support/inbox.ts";
import { ISSUER, NATIVE, SERVICE, type TestServer, testServer, WEB } from "../support/server.ts";

const WELL_KNOWN = "/.well-known/oauth-authorization-server";
const SWITCHED: Config = {
  sign_up: true,
  mail: inbox().mail,
  legacy_grants: true,
  registration: { mode: "open" },
};
const KEY = { kty: "EC", crv: "P-256", x: "x", y: "y" };

const start = (left_out: readonly string[] = [], config: Config = SWITCHED) =>
  testServer(config, { features: (on) => on.filter(({ name }) => !left_out.includes(name)) });

type Document = Record<string, unknown>;
const ask = (server: TestServer, path: string, init?: RequestInit) =>
  server.fetch(new Request(ISSUER + path, init));
async function documentOf(server: TestServer): Promise<Document> {
  return JSON.parse(await (await ask(server, WELL_KNOWN)).text());
}

/** Members and list values that `part` lacks. */
function missing(whole: Document, part: Document): string[] {
  return Object.entries(whole).flatMap(([name, value]) => {
    if (!(name in part)) return [name];
    const [before, after] = [[value].flat(), [part[name]].flat()];
    return before.filter((each) => !after.includes(each)).map((each) => `${name}: ${each}`);
  });
}

const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";
const AUTH = ["token_endpoint", "revocation_endpoint", "introspection_endpoint"];
const authMethod = (name: string, endpoints = AUTH) =>
  endpoints.map((each) => `${each}_auth_methods_supported: ${name}`);
/** Metadata that is missing without a feature; features not listed here add nothing to it. */
const ADVERTISED: Record<string, string[]> = {
  authorization_code: [
    "authorization_endpoint",
    "grant_types_supported: authorization_code",
    "response_types_supported: code",
    "response_modes_supported",
    "code_challenge_methods_supported",
    "authorization_response_iss_parameter_supported",
    "claims_parameter_supported",
    "request_parameter_supported",
    "request_object_signing_alg_values_supported",
    "request_uri_parameter_supported",
    "prompt_values_supported",
  ],
  implicit: [
    "grant_types_supported: implicit",
    ...FRONT_CHANNEL_RESPONSE_TYPES.map((each) => `response_types_supported: ${each}`),
  ],
  password: ["grant_types_supported: password"],
  request_uri: ["request_uri_parameter_supported: true", "require_request_uri_registration"],
  client_id_metadata_documents: ["client_id_metadata_document_supported"],
  refresh_token: ["grant_types_supported: refresh_token"],
  passwords: ["acr_values_supported: urn:valetkey:multi"],
  app_codes: ["acr_values_supported: urn:valetkey:multi"],
  passkeys: ["acr_values_supported: phr"],
  sign_up: ["prompt_values_supported: create"],
  device_code: ["device_authorization_endpoint", `grant_types_supported: ${DEVICE}`],
  client_credentials: ["grant_types_supported: client_credentials"],
  token: [
    "token_endpoint",
    "jwks_uri",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
  ],
  openid: [
    "userinfo_endpoint",
    "scopes_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "userinfo_signing_alg_values_supported",
    "acr_values_supported",
    "claim_types_supported",
    "claims_supported",
    "ui_locales_supported",
  ],
  revocation: [
    "revocation_endpoint",
    "revocation_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
  ],
  introspection: [
    "introspection_endpoint",
    "introspection_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
  ],
  ended_tokens: ["valetkey_ended_endpoint"],
  end_session: ["end_session_endpoint"],
  registration: ["registration_endpoint"],
  backchannel_logout: ["backchannel_logout_supported", "backchannel_logout_session_supported"],
  none: authMethod("none", AUTH.slice(0, 2)),
  client_secret_basic: authMethod("client_secret_basic"),
  client_secret_post: authMethod("client_secret_post"),
  private_key_jwt: [
    ...authMethod("private_key_jwt"),
    ...AUTH.map((each) => `${each}_auth_signing_alg_values_supported`),
  ],
};

/** Client metadata that needs the feature, and the member refused without it. Null: the value is left out. */
const REGISTERED: Record<string, [metadata: object, parameter: string | null]> = {
  authorization_code: [WEB, "grant_types"],
  implicit: [
    { ...WEB, grant_types: ["implicit"], response_types: ["id_token token"] },
    "grant_types",
  ],
  password: [{ ...SERVICE, grant_types: ["password"] }, "grant_types"],
  refresh_token: [WEB, null],
  device_code: [{ ...NATIVE, redirect_uris: [], grant_types: [DEVICE] }, "grant_types"],
  client_credentials: [SERVICE, "grant_types"],
  none: [NATIVE, "token_endpoint_auth_method"],
  client_secret_basic: [WEB, "token_endpoint_auth_method"],
  client_secret_post: [
    { ...WEB, token_endpoint_auth_method: "client_secret_post" },
    "token_endpoint_auth_method",
  ],
  private_key_jwt: [
    { ...WEB, token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [KEY] } },
    "token_endpoint_auth_method",
  ],
};

const isThere = async (server: TestServer, path: string): Promise<boolean> =>
  (await ask(server, path, { method: "OPTIONS" })).status !== 404;

for (const feature of FEATURES)
  test(`${feature.name}: without it there is no route, no metadata and no registration; with it, all of them`, async () => {
    await using on = await start();
    await using off = await start([feature.name]);
    const own = routesOf([feature], ISSUER).map(({ path }) => path);
    for (const path of own) {
      const everywhere = metadataPaths(ISSUER).includes(path);
      // `/probe` answers 404 without a header sealed by the server's secret.
      assert.equal(await isThere(on, path), true, path);
      assert.equal(await isThere(off, path), everywhere, path);
      for (const method of everywhere ? [] : ["GET", "POST"])
        assert.equal((await ask(off, path, { method })).status, 404, `${method} ${path}`);
    }
    const gone = missing(await documentOf(on), await documentOf(off));
    assert.deepEqual(gone.sort(), [...(ADVERTISED[feature.name] ?? [])].sort());

    const [metadata, parameter] = REGISTERED[feature.name] ?? [];
    if (metadata === undefined) return;
    const { grant_types } = await on.registerClient(metadata);
    if (parameter === null) {
      const left = grant_types.filter((each) => each !== feature.name);
      assert.ok(left.length > 0 && left.length < grant_types.length);
      return assert.deepEqual((await off.registerClient(metadata)).grant_types, left);
    }
    const error = "invalid_client_metadata";
    await assert.rejects(off.registerClient(metadata), { error, parameter });
  });

test("a disabled grant is unsupported_grant_type, even for a client registered for it", async () => {
  for (const name of ["authorization_code", "refresh_token", "client_credentials"]) {
    await using off = await start([name]);
    for (const metadata of [WEB, SERVICE]) {
      const client = await off.addClient(metadata);
      const { status, body } = await post(off, "/token", { client, grant_type: name });
      assert.deepEqual([status, body.error], [400, "unsupported_grant_type"]);
    }
  }
});

test("with refresh disabled, a client registered for it gets no refresh token", async () => {
  await using off = await start(["refresh_token"]);
  await off.addUser("ada");
  const client = await off.addClient(WEB);
  const { access_token, refresh_token } = await tokensFor(off, client);
  assert.ok(access_token);
  assert.equal(refresh_token, undefined);
});

test("a disabled client authentication method is invalid_client, and its parameters are ignored", async () => {
  await using off = await start(["client_secret_post", "private_key_jwt"]);
  const client = await off.addClient(SERVICE);
  const { client_id, client_secret } = client;
  const own = { grant_type: "client_credentials", client_id };
  for (const more of [
    { client_secret },
    { client_assertion: "e30.e30.e30", client_assertion_type: "x" },
  ]) {
    const { status, body } = await post(off, "/token", { ...own, ...more });
    assert.deepEqual([status, body.error], [401, "invalid_client"]);
  }
  assert.equal((await post(off, "/token", { ...own, client })).status, 200);
});

test("sign-up requires the setting", async () => {
  const people: Users = {
    find: async () => null,
    findByLogin: async () => null,
    verifyPassword: async () => false,
  };
  const cases: [Config, boolean][] = [
    [{}, false],
    [{ sign_up: false }, false],
    [{ sign_up: true }, true],
    [{ sign_up: true, users: { ...people, create: async () => "taken" } }, true],
  ];
  for (const [config, expected] of cases) {
    await using server = await start([], config);
    assert.equal(await isThere(server, "/sign-up"), expected);
    const client = await server.addClient(WEB);
    const { html } = await testBrowser(server).get(authorizationUrl(client));
    assert.equal(html.includes("/sign-up"), expected, "the sign-in page links to sign-up");
  }
});

test("commands use the same feature table as the server", () => {
  const config = parseConfig(SWITCHED);
  assert.deepEqual(acceptedMetadata(FEATURES.filter(({ on }) => on?.(config) ?? true)), {
    grant_types: [
      ...["authorization_code", "implicit", "password", "refresh_token"],
      ...[DEVICE, "client_credentials"],
    ],
    asking_grant_types: ["authorization_code", "password", DEVICE],
    confidential_grant_types: ["password", "client_credentials"],
    response_types: ["code", ...FRONT_CHANNEL_RESPONSE_TYPES],
    token_endpoint_auth_methods: [
      "none",
      "client_secret_basic",
      "client_secret_post",
      "private_key_jwt",
    ],
  });
  assert.deepEqual(
    endpointsOf(FEATURES).map(({ name }) => name),
    [
      "authorization_endpoint",
      "device_authorization_endpoint",
      "token_endpoint",
      "jwks_uri",
      "userinfo_endpoint",
      "revocation_endpoint",
      "introspection_endpoint",
      "valetkey_ended_endpoint",
      "end_session_endpoint",
      "registration_endpoint",
    ],
  );
});

test("an added feature is routed, advertised, registered and used, and logged by its route", async () => {
  const echo: Feature = {
    name: "echo",
    routes: () => [
      api(
        "/echo/{client_id}/{word}",
        { GET: async (_, __, params) => json(params) },
        { advertised_as: "echo_endpoint" },
      ),
    ],
    grant: {
      grant_type: "urn:example:echo",
      asks_person: false,
      confidential_only: false,
      grant_in: null,
      read() {
        throw new OAuthError("access_denied", "echo answers nobody");
      },
    },
    metadata: ({ catalogue }) => ({ echo_supported: catalogue.issuer }),
  };
  const labels: (string | null)[] = [];
  const observer = {
    ...{ issued() {}, refused() {} },
    answered: ({ route }: { route: string | null }) => labels.push(route),
  };
  await using server = await testServer(
    {},
    { features: (on) => [...on, echo], observers: [observer] },
  );
  const document = await documentOf(server);
  assert.equal(document.echo_endpoint, `${ISSUER}/echo/{client_id}/{word}`);
  assert.equal(document.echo_supported, ISSUER);
  assert.ok([document.grant_types_supported].flat().includes("urn:example:echo"));

  labels.length = 0;
  server.lines.length = 0;
  const answer = await ask(server, "/echo/https%3A%2F%2Fa.test%2Fb/x%20y");
  assert.deepEqual(await answer.json(), { client_id: "https://a.test/b", word: "x y" });
  assert.equal((await ask(server, "/echo/a/%zz")).status, 404);
  assert.deepEqual(labels, ["/echo/{client_id}/{word}", null]);
  const [line, unknown] = server.lines.filter(({ event }) => event === "request");
  assert.equal(line?.fields.route, "/echo/{client_id}/{word}");
  assert.equal(line?.fields.path, undefined);
  assert.deepEqual([unknown?.fields.route, unknown?.fields.path], [undefined, "/echo/a/%zz"]);

  const registered = await server.registerClient({ ...SERVICE, grant_types: ["urn:example:echo"] });
  const { client_id, client_secret = "" } = registered;
  const record = await server.server.store.findClient(client_id);
  assert.ok(record);
  const client = { client_id, client_secret, record };
  const { body } = await post(server, "/token", { client, grant_type: "urn:example:echo" });
  assert.equal(body.error, "access_denied");
  assert.equal((await redeem(server, client, "vkc_x")).body.error, "unauthorized_client");
});

test("scopes and resources reserved for the server's administration cannot be configured", () => {
  const issuer = "https://as.test/id";
  const described = { "a.read": "x" };
  for (const [name, refused] of [
    ["admin.read", true],
    ["admin.", true],
    ["admin", false],
    ["administer", false],
    ["my.admin.read", false],
  ] as const) {
    const parse = () => parseConfig({ issuer, scopes: { ...described, [name]: "x" } });
    if (refused)
      assert.throws(parse, /^ConfigError: scopes\.admin\..*belongs to the server itself/);
    else assert.ok(parse());
  }
  for (const [uri, refused] of [
    ["https://as.test/id/admin", true],
    ["https://as.test/id/admin/", true],
    ["https://as.test/id/admin/api", true],
    ["https://as.test/id/admin/api/v2?x", true],
    ["https://AS.test:443/id/x/../admin", true],
    ["https://as.test/id/%61dmin/api", true],
    ["https://as.test/id/admin%2Fapi", true],
    ["https://as.test/id/administer", false],
    ["https://as.test/admin/api", false],
    ["https://as.test/id/%C3%A9", false],
    ["https://other.test/id/admin/api", false],
    ["urn:example:admin", false],
  ] as const) {
    const parse = () => parseConfig({ issuer, resources: { [uri]: { name: "X" } } });
    if (refused) assert.throws(parse, /belongs to the server itself/, uri);
    else assert.ok(parse(), uri);
  }
});
