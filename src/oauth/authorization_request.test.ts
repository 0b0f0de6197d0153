import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAuthorizationRequest } from "./authorization_request.ts";
import { parseForm } from "./params.ts";
import { defaultScope, type RequestingClient, withoutOpenId } from "./requested_permissions.ts";
import type { Catalogue } from "./resource_indicator.ts";
import { checkResponseTarget } from "./response_target.ts";
import { FRONT_CHANNEL_RESPONSE_TYPES } from "./response_type.ts";

const SNAPS = "https://snaps.test/api";
const PRINTS = "https://prints.test/api";
const ISSUER = "https://as.test";
const OPENID = `${ISSUER} openid`;
const x = { text: "x", claims: [] };
const api = {
  name: "x",
  access_token_signing_alg: "ES256" as const,
  access_token: "jwt",
  open: false,
} as const;
const catalogue: Catalogue = {
  issuer: "https://as.test",
  scopes: { "photos.read": x, "photos.write": x, "prints.order": x, notes: x },
  resources: {
    [SNAPS]: { ...api, scopes: ["photos.read", "photos.write"] },
    [PRINTS]: { ...api, scopes: ["prints.order"] },
  },
};
const ALL = ["openid", "profile", "email", "offline_access", ...Object.keys(catalogue.scopes)];
const web: RequestingClient = {
  client_id: "web",
  redirect_uris: ["https://rp.test/cb"],
  application_type: "web",
  registered_scope: null,
  allowed_scope: ALL,
  allowed_resources: null,
  require_pkce: true,
  may_omit_pkce: false,
  response_types: ["code"],
  default_max_age: null,
  default_acr_values: [],
};
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const usual = {
  response_type: "code",
  redirect_uri: "https://rp.test/cb",
  scope: "openid",
  state: "xyz",
  code_challenge: CHALLENGE,
  code_challenge_method: "S256",
};
const CODE = ["code"];
const acr = { single: "one", multi: "two", phishing_resistant: "phr" };
const ALL_TYPES = ["code", ...FRONT_CHANNEL_RESPONSE_TYPES];
type Given = Record<string, string | string[] | undefined>;

function read(given: Given = {}) {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...usual, ...given }))
    for (const each of value === undefined ? [] : [value].flat()) form.append(name, each);
  return parseForm(form.toString(), 100);
}
function parse(
  given: Given = {},
  client: Partial<RequestingClient> = {},
  { require_resource = false, response_types = ["code"] } = {},
) {
  const params = read(given);
  const whole = { ...web, ...client };
  const target = checkResponseTarget(params, whole, response_types);
  const rules = { client: whole, catalogue, response_types, require_resource, acr };
  const { asked, redirect_request } = parseAuthorizationRequest(params, target, rules);
  return { ...asked, ...redirect_request };
}

test("a typical request is parsed, with nothing added", () => {
  assert.deepEqual(parse(), {
    client_id: "web",
    redirect_uri: "https://rp.test/cb",
    redirect_uri_sent: true,
    response_type: "code",
    response_mode: "query",
    state: "xyz",
    permissions: [OPENID],
    left_out: [],
    code_challenge: CHALLENGE,
    nonce: null,
    prompt: [],
    max_age: null,
    login_hint: null,
    claims: { userinfo: [], id_token: [] },
    required_level: null,
    wished_levels: [],
  });
});

test("R1, R14: client and redirect URI are verified first", () => {
  const evil = "https://evil.test/cb";
  for (const given of [
    { redirect_uri: evil },
    { redirect_uri: evil, response_type: "token" },
    { redirect_uri: evil, scope: "unknown" },
    { redirect_uri: evil, prompt: "none" },
    { redirect_uri: "https://rp.test/cb?x=1" },
  ])
    assert.throws(() => checkResponseTarget(read(given), web, CODE), {
      error: "invalid_request",
      message: /redirect_uri/,
    });
  assert.deepEqual(
    checkResponseTarget(read({ response_type: "token", scope: "unknown" }), web, CODE),
    {
      redirect_uri: "https://rp.test/cb",
      response_mode: "query",
      state: "xyz",
    },
  );
});

test("without openid, redirect_uri may be omitted if only one is registered", () => {
  const none = { redirect_uri: undefined, scope: "photos.read" };
  const request = parse(none);
  assert.equal(request.redirect_uri, "https://rp.test/cb");
  assert.equal(request.redirect_uri_sent, false);
  for (const [given, redirect_uris] of [
    [none, []],
    [none, ["https://rp.test/cb", "https://rp.test/other"]],
    [{ ...none, scope: "openid" }, web.redirect_uris],
    [{ ...none, scope: "photos.read openid" }, web.redirect_uris],
    [{ ...none, redirect_uri: "" }, []],
  ] as const)
    assert.throws(() => checkResponseTarget(read(given), { ...web, redirect_uris }, CODE), {
      error: "invalid_request",
    });
});

test("M4: the response uses the requested mode; an unknown mode is refused in the query", () => {
  for (const mode of ["query", "fragment", "form_post"])
    assert.equal(parse({ response_mode: mode }).response_mode, mode);
  for (const mode of ["query.jwt", "Query", "web_message", "__proto__"]) {
    assert.equal(
      checkResponseTarget(read({ response_mode: mode }), web, CODE).response_mode,
      "query",
    );
    assert.throws(() => parse({ response_mode: mode }), { error: "invalid_request" });
  }
});

/** With a server that offers all response types, to a client that is registered for them. */
const parseAny = (given: Given, registered: readonly string[] = ALL_TYPES) =>
  parse(given, { response_types: registered }, { response_types: ALL_TYPES });

test("tokens go into the fragment or a form, never into the query", () => {
  for (const response_type of FRONT_CHANNEL_RESPONSE_TYPES) {
    const given = { response_type, nonce: "n" };
    assert.equal(parseAny(given).response_mode, "fragment");
    for (const response_mode of ["fragment", "form_post"])
      assert.equal(parseAny({ ...given, response_mode }).response_mode, response_mode);
    const in_query = { ...given, response_mode: "query" };
    assert.throws(() => parseAny(in_query), { parameter: "response_mode" }, response_type);
    // The errors about it, too, go where the client reads its answer.
    for (const response_mode of ["query", "unknown"]) {
      const params = read({ ...given, response_mode });
      assert.equal(checkResponseTarget(params, web, ALL_TYPES).response_mode, "fragment");
      assert.equal(checkResponseTarget(params, web, CODE).response_mode, "query");
    }
  }
});

test("a form is not posted to a private-use scheme: code and tokens go where they go without a mode", () => {
  const redirect_uri = "com.example.app:/cb";
  const native = { ...web, redirect_uris: [redirect_uri], application_type: "native" as const };
  for (const [response_type, mode] of [
    ["code", "query"],
    ["id_token", "fragment"],
  ]) {
    const params = read({ redirect_uri, response_type, response_mode: "form_post" });
    assert.equal(checkResponseTarget(params, native, ALL_TYPES).response_mode, mode);
  }
});

test("the words of a response type may come in any order, once each", () => {
  for (const [text, name] of [
    ["token id_token", "id_token token"],
    ["token code id_token", "code id_token token"],
    ["id_token code", "code id_token"],
  ] as const)
    assert.equal(parseAny({ response_type: text, nonce: "n" }).response_type, name);
  for (const text of ["token token", "code  token", " code", "code none", "Token", "__proto__"])
    assert.throws(() => parseAny({ response_type: text }), {
      error: "unsupported_response_type",
    });
});

test("each response type is for clients that are registered for it", () => {
  for (const response_type of ALL_TYPES) {
    const others = ALL_TYPES.filter((each) => each !== response_type);
    assert.throws(() => parseAny({ response_type, nonce: "n" }, others), {
      error: "unauthorized_client",
    });
  }
});

test("an ID token in the redirect needs a nonce and openid; other answers do not", () => {
  for (const response_type of ALL_TYPES) {
    const needs = response_type.includes("id_token");
    const without = () => parseAny({ response_type });
    if (needs) assert.throws(without, { error: "invalid_request", parameter: "nonce" });
    else assert.equal(without().nonce, null);
    const plain = () => parseAny({ response_type, nonce: "n", scope: "photos.read" });
    if (needs) assert.throws(plain, { error: "invalid_scope" });
    else assert.doesNotThrow(plain);
  }
});

test("PKCE and offline_access belong to a code; without one they are ignored", () => {
  const none = { code_challenge: undefined, code_challenge_method: undefined };
  for (const response_type of ALL_TYPES) {
    const given = { response_type, nonce: "n", scope: "openid offline_access" };
    if (response_type.includes("code")) {
      assert.throws(() => parseAny({ ...given, ...none }), { parameter: "code_challenge" });
      assert.deepEqual(parseAny(given).left_out, []);
      continue;
    }
    const { permissions, left_out, code_challenge } = parseAny(given);
    assert.deepEqual([permissions, left_out, code_challenge], [[OPENID], ["offline_access"], null]);
    assert.doesNotThrow(() => parseAny({ ...given, ...none }));
  }
});

test("state is kept as it came, and an absent one stays absent", () => {
  assert.equal(parse({ state: undefined }).state, null);
  for (const state of ["a&b=c", "\r\n", "\u00e4\u{1f511}", "x".repeat(4096)])
    assert.equal(parse({ state }).state, state);
  const long = "x".repeat(4097);
  assert.throws(() => parse({ state: long }), { error: "invalid_request" });
  assert.equal(checkResponseTarget(read({ state: long }), web, CODE).state, long);
});

test("each mistake is refused with its own error", () => {
  const response_types: string[] = [];
  for (const [given, error, client] of [
    [{ response_type: undefined }, "invalid_request"],
    [{ response_type: "" }, "invalid_request"],
    [{ response_type: "token" }, "unsupported_response_type"],
    [{ response_type: "code id_token" }, "unsupported_response_type"],
    [{ response_type: "CODE" }, "unsupported_response_type"],
    [{ response_type: "none" }, "unsupported_response_type"],
    [{}, "unauthorized_client", { response_types }],
    [{ registration: "{}" }, "registration_not_supported"],
    [{ nonce: "x".repeat(1025) }, "invalid_request"],
    [{ login_hint: "x".repeat(257) }, "invalid_request"],
    [{ id_token_hint: "x".repeat(8193) }, "invalid_request"],
    [{ scope: 'a"b' }, "invalid_scope"],
    [{ scope: "__proto__" }, "invalid_scope"],
    [{ scope: "photos.read" }, "invalid_scope", { allowed_scope: ["openid"] }],
    [{ resource: "https://unknown.test" }, "invalid_target"],
    [{ resource: `${SNAPS}#x` }, "invalid_target"],
    [{ resource: [SNAPS, "x"] }, "invalid_target"],
    [{ scope: "prints.order", resource: SNAPS }, "invalid_scope"],
    [{ resource: SNAPS }, "invalid_target", { allowed_resources: [PRINTS] }],
    [{ resource: [PRINTS, SNAPS] }, "invalid_target", { allowed_resources: [PRINTS] }],
    [{ scope: "photos.read" }, "invalid_scope", { allowed_resources: [PRINTS] }],
    [{ prompt: "none select_account" }, "invalid_request"],
    [{ prompt: "none login" }, "invalid_request"],
    [{ prompt: "none consent" }, "invalid_request"],
    [{ prompt: "none create" }, "invalid_request"],
    [{ prompt: "none unknown" }, "invalid_request"],
    [{ max_age: "-1" }, "invalid_request"],
    [{ max_age: "1.5" }, "invalid_request"],
    [{ max_age: "1e3" }, "invalid_request"],
    [{ max_age: "0x10" }, "invalid_request"],
    [{ max_age: "1234567890" }, "invalid_request"],
    [{ max_age: " 1" }, "invalid_request"],
    [{ max_age: "never" }, "invalid_request"],
  ] as [Given, string, Partial<RequestingClient>?][])
    assert.throws(() => parse(given, client), { error }, JSON.stringify(given));
});

test("P3, P5: a request needs an S256 challenge unless its client is exempt", () => {
  const none = { code_challenge: undefined, code_challenge_method: undefined };
  for (const given of [
    none,
    { code_challenge: undefined },
    { code_challenge: "" },
    { code_challenge_method: undefined },
    { code_challenge_method: "plain" },
    { code_challenge: CHALLENGE.slice(1) },
    { code_challenge: `${CHALLENGE}=` },
    { code_challenge: `${CHALLENGE}x` },
  ])
    assert.throws(() => parse(given), { error: "invalid_request" }, JSON.stringify(given));
  const exempt = { require_pkce: false };
  assert.equal(parse(none, exempt).code_challenge, null);
  assert.equal(parse({}, exempt).code_challenge, CHALLENGE);
  // Half a challenge is a mistake even if none is required.
  assert.throws(() => parse({ code_challenge: undefined }, exempt), { error: "invalid_request" });
  assert.throws(() => parse({ code_challenge_method: "plain" }, exempt), {
    error: "invalid_request",
  });
});

test("prompt, max_age and hints are parsed as in OpenID Connect", () => {
  for (const [given, expected] of [
    [{ prompt: "none" }, { prompt: ["none"] }],
    [{ prompt: "login" }, { prompt: ["login"] }],
    [{ prompt: "consent login" }, { prompt: ["login", "consent"] }],
    [{ prompt: "login login" }, { prompt: ["login"] }],
    [{ prompt: "" }, { prompt: [] }],
    [{ prompt: "Select_account Login" }, { prompt: [] }],
    [{ prompt: "create select_account" }, { prompt: ["select_account", "create"] }],
    [{ prompt: "unknown login" }, { prompt: ["login"] }],
    [{ max_age: "0" }, { max_age: 0 }],
    [{ max_age: "00060" }, { max_age: 60 }],
    [{ max_age: "999999999" }, { max_age: 999_999_999 }],
    [{ nonce: "n" }, { nonce: "n" }],
    [{ login_hint: "ada" }, { login_hint: "ada" }],
    [{ unknown: "x", claims: "{}" }, {}],
  ] as [Given, object][])
    assert.deepEqual(parse(given), { ...parse(), ...expected });
});

test("a request asks for (resource, scope) pairs; those that cannot be granted are left out", () => {
  const photos = `${SNAPS} photos.read`;
  for (const [given, permissions, left_out] of [
    [{ scope: "openid photos.read" }, [OPENID, photos], []],
    [{ scope: "photos.read prints.order" }, [photos, `${PRINTS} prints.order`], []],
    [{ scope: "openid photos.read", resource: SNAPS }, [OPENID, photos], []],
    [{ scope: "openid photos.read", resource: PRINTS }, [OPENID, PRINTS], ["photos.read"]],
    [
      { scope: "photos.read notes", resource: PRINTS },
      [`${ISSUER} notes`, PRINTS],
      ["photos.read"],
    ],
    [{ scope: "openid", resource: ISSUER }, [OPENID], []],
    [{ scope: "openid", resource: [SNAPS, PRINTS, SNAPS] }, [OPENID, SNAPS, PRINTS], []],
    [{ scope: "notes" }, [`${ISSUER} notes`], []],
    [{ scope: "openid unknown address" }, [OPENID], ["unknown", "address"]],
  ] as [Given, string[], string[]][]) {
    const request = parse(given);
    assert.deepEqual(request.permissions, permissions);
    assert.deepEqual(request.left_out, left_out);
  }
  const only = { allowed_resources: [PRINTS] };
  assert.deepEqual(parse({ scope: "openid photos.read" }, only).left_out, ["photos.read"]);
});

test("require_resource refuses scopes of several APIs without a resource", () => {
  const several = { scope: "photos.read prints.order" };
  assert.throws(() => parse(several, {}, { require_resource: true }), { error: "invalid_target" });
  assert.doesNotThrow(() =>
    parse({ ...several, resource: [SNAPS, PRINTS] }, {}, { require_resource: true }),
  );
  assert.doesNotThrow(() => parse({ scope: "openid photos.read" }, {}, { require_resource: true }));
});

test("without scope: the registered scopes, else those of the resource, else openid", () => {
  for (const [asked, registered_scope, allowed_scope, expected] of [
    [[], null, ALL, ["openid"]],
    [[SNAPS], null, ALL, ["photos.read", "photos.write"]],
    [[SNAPS], null, ["openid", "photos.read"], ["photos.read"]],
    [[SNAPS], null, ["openid"], ["openid"]],
    [[SNAPS, PRINTS], null, ALL, ["photos.read", "photos.write", "prints.order"]],
    [["https://as.test"], null, ALL, ["openid"]],
    [[], ["notes", "openid"], ALL, ["notes", "openid"]],
    [[SNAPS], ["notes", "photos.read"], ALL, ["notes", "photos.read"]],
    [[], ["notes", "no longer known"], ALL, ["notes"]],
  ] as const)
    assert.deepEqual(defaultScope(asked, { registered_scope, allowed_scope }, catalogue), expected);
});

test("OpenID Connect scopes require a person", () => {
  assert.deepEqual(withoutOpenId(["openid", "photos.read", "offline_access", "email"]), [
    "photos.read",
  ]);
});

test("a level is demanded by an essential acr claim, and by acr_values of a request for an API", () => {
  const claims = (acr: object) => JSON.stringify({ id_token: { acr } });
  for (const [given, required] of [
    [{}, null],
    [{ acr_values: "two phr" }, null],
    [{ claims: claims({ value: "two" }) }, null],
    [{ claims: claims({ essential: true }) }, null],
    [{ claims: claims({ essential: true, value: "two" }) }, "multi"],
    [{ claims: claims({ essential: true, values: ["phr", "two"] }) }, "multi"],
    [{ claims: claims({ essential: true, values: ["gold", "phr"] }) }, "phishing_resistant"],
    [{ claims: claims({ essential: true, value: "gold" }) }, "unknown"],
    // Names of the server, and not those of its rules.
    [{ claims: claims({ essential: true, value: "multi" }) }, "unknown"],
    [{ acr_values: "two", resource: SNAPS, scope: "photos.read" }, "multi"],
    [{ acr_values: "phr one", resource: SNAPS, scope: "photos.read" }, "single"],
    [{ acr_values: "gold", resource: SNAPS, scope: "photos.read" }, "unknown"],
    [{ acr_values: "two", resource: "https://as.test" }, null],
    [{ resource: SNAPS, scope: "photos.read" }, null],
    [
      {
        ...{ acr_values: "two", resource: SNAPS },
        claims: claims({ essential: true, value: "phr" }),
      },
      "phishing_resistant",
    ],
  ] as [Given, string | null][])
    assert.equal(parse(given).required_level, required, JSON.stringify(given));
});

test("wished levels keep the client's order; its default counts for requests without any", () => {
  const claims = JSON.stringify({ id_token: { acr: { values: ["two", "one"] } } });
  for (const [given, client, wished] of [
    [{}, {}, []],
    [{ acr_values: "phr gold one" }, {}, ["phishing_resistant", "single"]],
    [{ claims }, {}, ["multi", "single"]],
    [{ acr_values: "one", claims }, {}, ["single"]],
    [{}, { default_acr_values: ["two"] }, ["multi"]],
    [{ acr_values: "one" }, { default_acr_values: ["two"] }, ["single"]],
  ] as const)
    assert.deepEqual(parse(given, client).wished_levels, wished, JSON.stringify([given, client]));
});

test("default_max_age of the client holds for requests without max_age", () => {
  const client = { default_max_age: 300 };
  assert.equal(parse({}, client).max_age, 300);
  assert.equal(parse({ max_age: "5000" }, client).max_age, 5000);
  assert.equal(parse({ max_age: "0" }, client).max_age, 0);
});
