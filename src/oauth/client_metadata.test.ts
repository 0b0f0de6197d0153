import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ClientMetadataRules, parseClientMetadata } from "./client_metadata.ts";
import { OAuthError } from "./errors.ts";
import { CLIENT_SIGNING_ALGS } from "./optional_metadata.ts";

const RULES: ClientMetadataRules = {
  grant_types: ["authorization_code", "refresh_token", "client_credentials"],
  asking_grant_types: ["authorization_code"],
  confidential_grant_types: ["client_credentials"],
  response_types: ["code"],
  token_endpoint_auth_methods: [
    "none",
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
  ],
  short_schemes: [],
};
const parse = (input: unknown, short_schemes: readonly string[] | "any" = []) =>
  parseClientMetadata(input, { ...RULES, short_schemes });
const WEB = { redirect_uris: ["https://rp.test/cb"] };
const KEY = { kty: "EC", crv: "P-256", x: "x", y: "y", kid: "1" };
const JWKS = { keys: [KEY] };

test("the defaults are those of RFC 7591 and OpenID Connect Registration", () => {
  assert.deepEqual(parse(WEB), {
    redirect_uris: ["https://rp.test/cb"],
    token_endpoint_auth_method: "client_secret_basic",
    grant_types: ["authorization_code"],
    response_types: ["code"],
    application_type: "web",
    id_token_signed_response_alg: "RS256",
  });
});

test("known members are kept as written", () => {
  const full = {
    redirect_uris: ["https://rp.test/cb", "http://127.0.0.1/cb"],
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: "ES256",
    grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    response_types: ["code"],
    application_type: "web",
    client_name: "Printly \u2013 \u0646\u0627\u0645 \u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
    client_uri: "https://rp.test",
    logo_uri: "https://rp.test/logo.png",
    policy_uri: "https://rp.test/policy",
    tos_uri: "http://localhost:3000/tos",
    contacts: ["ada@rp.test"],
    software_id: "4NRB1-0XZABZI9E6-5SM3R",
    software_version: "1.0",
    scope: "openid photos.read",
    jwks: JWKS,
    post_logout_redirect_uris: ["https://rp.test/bye"],
    id_token_signed_response_alg: "ES256",
  };
  assert.deepEqual(parse(full), full);
});

test("repeated values count once", () => {
  const doubled = {
    redirect_uris: ["https://rp.test/cb", "https://rp.test/cb"],
    grant_types: ["authorization_code", "authorization_code"],
    scope: " openid  photos.read openid ",
  };
  const parsed = parse(doubled);
  assert.deepEqual(parsed.redirect_uris, ["https://rp.test/cb"]);
  assert.deepEqual(parsed.grant_types, ["authorization_code"]);
  assert.equal(parsed.scope, "openid photos.read");
});

test("empty or null members count as absent, and unknown ones are dropped", () => {
  const nothing = [
    "client_name client_uri logo_uri policy_uri tos_uri contacts software_id scope jwks",
    "token_endpoint_auth_method token_endpoint_auth_signing_alg grant_types response_types",
    "application_type post_logout_redirect_uris id_token_signed_response_alg",
  ]
    .join(" ")
    .split(" ")
    .map((name) => [name, null]);
  assert.deepEqual(parse({ ...WEB, ...Object.fromEntries(nothing) }), parse(WEB));
  const empty = { client_name: "", client_uri: "", scope: "" };
  assert.deepEqual(parse({ ...WEB, ...empty }), parse(WEB));
  const unknown = JSON.parse(
    '{"client_id":"mine","client_secret":"s","is_trusted":true,"trusted":true,"require_pkce":false,"__proto__":{"x":1},"constructor":1,"created_by":"operator","resource":"r","client_name#de":"Druckerei"}',
  );
  assert.deepEqual(parse({ ...WEB, ...unknown }), parse(WEB));
  assert.equal(Reflect.get({}, "x"), undefined);
});

test("invalid metadata is refused with its member", () => {
  for (const [input, member] of [
    [null, "object"],
    [[], "object"],
    ["{}", "object"],
    [{ jwks_uri: "http://rp.test/jwks" }, "jwks_uri"],
    [{ jwks_uri: ["https://rp.test/jwks"] }, "jwks_uri"],
    [{ jwks_uri: "https://rp.test/jwks", jwks: JWKS }, "jwks_uri"],
    [{ redirect_uris: "https://rp.test/cb" }, "redirect_uris"],
    [{ redirect_uris: [1] }, "redirect_uris"],
    [{ redirect_uris: [["https://rp.test/cb"]] }, "redirect_uris"],
    [{ redirect_uris: { 0: "https://rp.test/cb" } }, "redirect_uris"],
    [{ redirect_uris: Array.from({ length: 101 }, (_, i) => `https://rp.test/${i}`) }, "redirect"],
    [{ token_endpoint_auth_method: "client_secret_jwt" }, "token_endpoint_auth_method"],
    [{ token_endpoint_auth_method: "None" }, "token_endpoint_auth_method"],
    [{ token_endpoint_auth_method: ["none"] }, "token_endpoint_auth_method"],
    [{ token_endpoint_auth_method: "constructor" }, "token_endpoint_auth_method"],
    [{ token_endpoint_auth_signing_alg: "none" }, "token_endpoint_auth_signing_alg"],
    [{ token_endpoint_auth_signing_alg: "HS256" }, "token_endpoint_auth_signing_alg"],
    [{ token_endpoint_auth_signing_alg: 256 }, "token_endpoint_auth_signing_alg"],
    [{ grant_types: ["implicit"] }, "grant_types"],
    [{ grant_types: ["password"] }, "grant_types"],
    [{ grant_types: "authorization_code" }, "grant_types"],
    [{ grant_types: ["refresh_token"], response_types: [] }, "refresh_token"],
    [{ response_types: ["token"] }, "response_types"],
    [{ response_types: ["code id_token"] }, "response_types"],
    [{ response_types: [] }, "response_types"],
    [{ grant_types: ["client_credentials"], response_types: ["code"] }, "response_types"],
    [{ application_type: "Native" }, "application_type"],
    [
      {
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "client_credentials"],
      },
      "client_credentials",
    ],
    [{ token_endpoint_auth_method: "private_key_jwt" }, "jwks"],
    [{ id_token_signed_response_alg: "none" }, "id_token_signed_response_alg"],
    [{ id_token_signed_response_alg: "HS256" }, "id_token_signed_response_alg"],
    [{ client_name: 1 }, "client_name"],
    [{ client_name: ["Printly"] }, "client_name"],
    [{ client_name: "x".repeat(201) }, "client_name"],
    [{ client_name: "a\nb" }, "client_name"],
    [{ client_name: "a\0b" }, "client_name"],
    [{ client_name: "a\u001b[31mb" }, "client_name"],
    [{ client_name: "\ud800" }, "client_name"],
    [{ client_uri: "javascript:alert(1)" }, "client_uri"],
    [{ client_uri: "http://rp.test" }, "client_uri"],
    [{ client_uri: "rp.test" }, "client_uri"],
    [{ logo_uri: "data:text/html,<svg/>" }, "logo_uri"],
    [{ policy_uri: "JaVaScRiPt:x" }, "policy_uri"],
    [{ tos_uri: "file:///etc/passwd" }, "tos_uri"],
    [{ tos_uri: `https://rp.test/${"x".repeat(2000)}` }, "tos_uri"],
    [{ contacts: "ada" }, "contacts"],
    [{ scope: ["openid"] }, "scope"],
    [{ scope: " " }, "scope"],
    [{ scope: 'a"b' }, "scope"],
    [{ scope: "a\nb" }, "scope"],
    [{ jwks: [] }, "jwks"],
    [{ jwks: "{}" }, "jwks"],
    [{ jwks: { keys: [] } }, "jwks"],
    [{ jwks: { keys: {} } }, "jwks"],
    [{ jwks: { keys: [null] } }, "jwks"],
    [{ jwks: { keys: ["a"] } }, "jwks"],
    [{ jwks: { keys: [{}] } }, "jwks"],
    [{ jwks: { keys: [{ kty: "oct", k: "c2VjcmV0" }] } }, "jwks"],
    [{ jwks: { keys: [{ ...KEY, d: "private" }] } }, "private"],
    [{ jwks: { keys: [KEY, { kty: "RSA", n: "n", e: "e", p: "p" }] } }, "private"],
    [{ jwks: { keys: Array.from({ length: 21 }, () => KEY) } }, "jwks"],
  ] as const) {
    const metadata =
      typeof input === "object" && input !== null && !Array.isArray(input)
        ? { ...WEB, ...input }
        : input;
    assert.throws(
      () => parse(metadata),
      (error) =>
        error instanceof OAuthError &&
        error.error === "invalid_client_metadata" &&
        error.message.includes(member),
      JSON.stringify(input).slice(0, 100),
    );
  }
});

test("redirect URIs are checked one by one, those for logout too", () => {
  for (const input of [
    {},
    { redirect_uris: [] },
    { redirect_uris: ["https://rp.test/cb", "https://rp.test/cb#x"] },
    { redirect_uris: ["http://rp.test/cb"] },
    { redirect_uris: ["javascript:alert(1)"], application_type: "native" },
    { redirect_uris: ["com.example.app:/cb"] },
    { redirect_uris: ["cursor://x/cb"], application_type: "native" },
    { ...WEB, post_logout_redirect_uris: ["javascript:alert(1)"] },
    { ...WEB, post_logout_redirect_uris: ["https://*.rp.test"] },
  ])
    assert.throws(() => parse(input), { error: "invalid_redirect_uri" }, JSON.stringify(input));
  const native = { redirect_uris: ["com.example.app:/cb"], application_type: "native" };
  assert.deepEqual(parse(native).redirect_uris, native.redirect_uris);
  const cursor = { redirect_uris: ["cursor://x/cb"], application_type: "native" };
  assert.deepEqual(parse(cursor, ["cursor"]).redirect_uris, cursor.redirect_uris);
  assert.deepEqual(parse(cursor, "any").redirect_uris, cursor.redirect_uris);
});

test("a client_credentials client needs no redirect URI and has no response type", () => {
  const parsed = parse({ grant_types: ["client_credentials"] });
  assert.deepEqual(parsed.redirect_uris, []);
  assert.deepEqual(parsed.response_types, []);
});

test("what a server does not offer is refused where nothing is left, defaults too", () => {
  const refused = (parameter: string) => ({ error: "invalid_client_metadata", parameter });
  const without = (name: keyof ClientMetadataRules, value: string) => {
    const accepted = [RULES[name]].flat().filter((each) => each !== value);
    return (input: object) => parseClientMetadata(input, { ...RULES, [name]: accepted });
  };
  const refresh = { ...WEB, grant_types: ["authorization_code", "refresh_token"] };
  assert.deepEqual(without("grant_types", "refresh_token")(refresh), parse(WEB));
  assert.deepEqual(without("grant_types", "refresh_token")(WEB), parse(WEB));
  assert.throws(() => without("grant_types", "authorization_code")(WEB), refused("grant_types"));
  assert.throws(() => without("response_types", "code")(WEB), refused("response_types"));
  const method = "token_endpoint_auth_methods";
  assert.throws(
    () => without(method, "client_secret_basic")(WEB),
    refused("token_endpoint_auth_method"),
  );
  const posting = { ...WEB, token_endpoint_auth_method: "client_secret_post" };
  assert.deepEqual(without(method, "client_secret_basic")(posting), parse(posting));
});

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

test("real-world 12: values that are not supported are left out, and the rest is registered", () => {
  const claude = parse({
    client_name: "Claude",
    redirect_uris: ["https://claude.ai/api/mcp/auth_callback"],
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token", JWT_BEARER],
    response_types: ["code"],
  });
  assert.deepEqual(claude.grant_types, ["authorization_code", "refresh_token"]);
  assert.equal(claude.application_type, "web");
  const device = "urn:ietf:params:oauth:grant-type:device_code";
  const vs_code = parse({
    client_name: "VS Code",
    redirect_uris: ["https://vscode.dev/redirect", "http://127.0.0.1/"],
    token_endpoint_auth_method: "none",
    application_type: "native",
    grant_types: ["authorization_code", "refresh_token", device],
  });
  assert.deepEqual(vs_code.grant_types, ["authorization_code", "refresh_token"]);
  const hybrid = {
    ...WEB,
    grant_types: ["authorization_code", "implicit"],
    response_types: ["code", "code id_token", "token"],
  };
  assert.deepEqual(parse(hybrid).response_types, ["code"]);
  assert.deepEqual(parse(hybrid).grant_types, ["authorization_code"]);
  const scope = "openid photos.read unknown";
  const known = { ...RULES, scopes: ["openid", "photos.read"] };
  assert.equal(parseClientMetadata({ ...WEB, scope }, known).scope, "openid photos.read");
  assert.equal(parse({ ...WEB, scope }).scope, scope);
});

test("real-world 12: when nothing usable is left, it is refused", () => {
  for (const [input, parameter] of [
    [{ grant_types: [JWT_BEARER] }, "grant_types"],
    [{ grant_types: ["implicit", "refresh_token"] }, "grant_types"],
    [{ response_types: ["token", "id_token"] }, "response_types"],
    [{ grant_types: ["client_credentials"], response_types: ["token"] }, "response_types"],
    [{ scope: "unknown other" }, "scope"],
  ] as const)
    assert.throws(
      () => parseClientMetadata({ ...WEB, ...input }, { ...RULES, scopes: ["openid"] }),
      { error: "invalid_client_metadata", parameter },
      JSON.stringify(input),
    );
});

test("the keys of a client are given by value or by address", () => {
  const token_endpoint_auth_method = "private_key_jwt";
  const jwks_uri = "https://rp.test/jwks";
  assert.equal(parse({ ...WEB, token_endpoint_auth_method, jwks_uri }).jwks_uri, jwks_uri);
  assert.equal(parse({ ...WEB, token_endpoint_auth_method: "none", jwks_uri }).jwks_uri, jwks_uri);
  assert.deepEqual(parse({ ...WEB, token_endpoint_auth_method, jwks: JWKS }).jwks, JWKS);
});

test("a protection that can't be given refuses the whole", () => {
  for (const input of [
    { dpop_bound_access_tokens: true },
    { dpop_bound_access_tokens: "true" },
    { tls_client_certificate_bound_access_tokens: true },
    { require_pushed_authorization_requests: true },
    { require_signed_request_object: true },
    { require_signed_request_object: 1 },
    { id_token_encrypted_response_alg: "RSA-OAEP" },
    { userinfo_encrypted_response_alg: "RSA-OAEP" },
    { introspection_encrypted_response_alg: "RSA-OAEP" },
    { authorization_encrypted_response_alg: "RSA-OAEP" },
  ]) {
    const [parameter] = Object.keys(input);
    assert.throws(
      () => parse({ ...WEB, ...input }),
      { error: "invalid_client_metadata", parameter },
      JSON.stringify(input),
    );
  }
  const harmless = {
    dpop_bound_access_tokens: false,
    require_signed_request_object: null,
    jwks_uri: null,
  };
  assert.deepEqual(parse({ ...WEB, ...harmless }), parse(WEB));
});

test("what a client registers about its sign-ins is kept; a wrong value refuses the whole", () => {
  const asked = {
    ...{ default_max_age: 0, require_auth_time: true, required_acr: "multi" as const },
    default_acr_values: ["phr"],
  };
  const { default_max_age, require_auth_time, required_acr, default_acr_values } = parse({
    ...WEB,
    ...asked,
  });
  assert.deepEqual({ default_max_age, require_auth_time, required_acr, default_acr_values }, asked);
  for (const wrong of [
    ...[{ default_max_age: -1 }, { default_max_age: "60" }, { default_max_age: 1.5 }],
    ...[{ require_auth_time: "yes" }, { default_acr_values: "phr" }, { required_acr: "phr" }],
  ])
    assert.throws(() => parse({ ...WEB, ...wrong }), { parameter: Object.keys(wrong)[0] });
});

test("the type of subjects and their sector are kept; another type refuses the whole", () => {
  const asked = { subject_type: "pairwise", sector_identifier_uri: "https://rp.test/sector" };
  const { subject_type, sector_identifier_uri } = parse({ ...WEB, ...asked });
  assert.deepEqual({ subject_type, sector_identifier_uri }, asked);
  assert.equal(parse(WEB).subject_type, undefined);
  for (const wrong of [
    { subject_type: "ephemeral" },
    { subject_type: ["pairwise"] },
    { sector_identifier_uri: "http://rp.test/sector" },
    { sector_identifier_uri: "data:application/json,[]" },
  ])
    assert.throws(() => parse({ ...WEB, ...wrong }), { parameter: Object.keys(wrong)[0] });
});

test("what is left out never makes a confidential client public", () => {
  for (const token_endpoint_auth_method of ["client_secret_jwt", "tls_client_auth", "unknown"])
    assert.throws(() => parse({ ...WEB, token_endpoint_auth_method }), {
      parameter: "token_endpoint_auth_method",
    });
  const grant_types = ["authorization_code", JWT_BEARER];
  for (const method of RULES.token_endpoint_auth_methods) {
    const given = { ...WEB, grant_types, jwks: JWKS, token_endpoint_auth_method: method };
    assert.equal(parse(given).token_endpoint_auth_method, method);
  }
});

test("real-world 12: a public client with a private-use scheme or a loopback address is native without saying so", () => {
  const typeOf = (uri: string, more: object = {}) => {
    const none = { token_endpoint_auth_method: "none" };
    return parse({ redirect_uris: [uri], ...none, ...more }, "any").application_type;
  };
  const confidential = { token_endpoint_auth_method: "client_secret_basic" };
  assert.equal(typeOf("cursor://anysphere.cursor-mcp/oauth/callback"), "native");
  assert.equal(typeOf("http://localhost/callback"), "native");
  assert.equal(typeOf("http://[::1]/callback"), "native");
  assert.equal(typeOf("https://rp.test/cb"), "web");
  assert.equal(typeOf("HTTPS://rp.test/cb"), "web");
  assert.equal(typeOf("http://localhost/callback", { application_type: "web" }), "web");
  assert.equal(typeOf("http://localhost/callback", confidential), "web");
  assert.throws(() => typeOf("cursor://x/cb", { application_type: "web" }), /application_type/);
  assert.throws(() => typeOf("cursor://x/cb", confidential), /application_type/);
});

test("people 13: one refusal says all that is wrong, and names the first member", () => {
  const wrong = {
    redirect_uris: ["https://rp.test/cb#x", "http://rp.test/cb", "https://rp.test/cb"],
    client_uri: "printly",
    tos_uri: "javascript:alert(1)",
    contacts: "ada",
    scope: [],
    grant_types: ["implicit"],
  };
  assert.throws(
    () => parse(wrong),
    (error) => {
      assert.ok(error instanceof OAuthError);
      assert.equal(error.parameter, "grant_types");
      for (const part of [
        "grant_types may hold",
        "redirect_uri must not have a fragment",
        "redirect_uri must use https",
        "client_uri must be",
        "tos_uri must be",
        "contacts must be",
        "scope must be",
      ])
        assert.equal(error.message.split(part).length, 2, part);
      return true;
    },
  );
});

test("a refusal of many addresses stays short", () => {
  const redirect_uris = Array.from({ length: 100 }, (_, i) => `http://rp.test/${i}`);
  assert.throws(
    () => parse({ redirect_uris }),
    /^OAuthError: (redirect_uri [^;]*; ){10}and 90 more$/,
  );
});

test("the APIs that a client may ask for are absolute URIs, each once", () => {
  const resources = ["https://snaps.test/api", "urn:prints"];
  assert.deepEqual(parse({ ...WEB, resources }, "any").resources, resources);
  assert.deepEqual(parse({ ...WEB, resources: [...resources, "urn:prints"] }).resources, resources);
  assert.equal(parse(WEB, "any").resources, undefined);
  for (const wrong of ["snaps", "https://snaps.test/api#part"])
    assert.throws(() => parse({ ...WEB, resources: [wrong] }, "any"), {
      error: "invalid_client_metadata",
      parameter: "resources",
    });
});

test("no accepted algorithm is `none` or symmetric", () => {
  for (const alg of CLIENT_SIGNING_ALGS) assert.doesNotMatch(alg, /^(none|HS)/i);
});

test("any JSON is parsed as metadata or refused", () => {
  const names = [
    "redirect_uris",
    "grant_types",
    "jwks",
    "scope",
    "client_name",
    "contacts",
    "client_uri",
  ];
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom("https://rp.test/cb", ["https://rp.test/cb"]),
  );
  const input = fc.dictionary(fc.constantFrom(...names), value, { noNullPrototype: true });
  fc.assert(
    fc.property(fc.oneof(input, fc.jsonValue()), (given) => {
      try {
        // An API's credentials have none.
        assert.ok(Array.isArray(parse(given).grant_types));
      } catch (error) {
        assert.ok(error instanceof OAuthError);
      }
    }),
    { numRuns: 1000 },
  );
});

test("a logo may be an inline image; other URIs may not", () => {
  const logo_uri = "data:image/png;base64,iVBORw0KGgo=";
  const redirect_uris = ["https://rp.test/cb"];
  assert.equal(parse({ redirect_uris, logo_uri }).logo_uri, logo_uri);
  assert.throws(() => parse({ redirect_uris, client_uri: logo_uri }));
});

test("an address for logout tokens is https, or http on this computer, and has no fragment", () => {
  const parse = (backchannel_logout_uri: unknown, more = {}) =>
    parseClientMetadata({ ...WEB, backchannel_logout_uri, ...more }, RULES);
  for (const uri of ["https://rp.test/logout?a=b", "http://127.0.0.1:8080/x", "http://localhost/"])
    assert.equal(parse(uri).backchannel_logout_uri, uri);
  for (const uri of [
    "http://rp.test/logout",
    "https://rp.test/logout#x",
    "https://a:b@rp.test/",
    "javascript:alert(1)",
    "/logout",
    7,
    `https://rp.test/${"x".repeat(2000)}`,
  ])
    assert.throws(() => parse(uri), { parameter: "backchannel_logout_uri" }, String(uri));
  for (const absent of [undefined, null, ""])
    assert.equal("backchannel_logout_uri" in parse(absent), false);
  const required = { backchannel_logout_session_required: true };
  assert.equal(parse("", required).backchannel_logout_session_required, true);
  const wrong = { backchannel_logout_session_required: "yes" };
  assert.throws(() => parse("", wrong), { parameter: "backchannel_logout_session_required" });
});
