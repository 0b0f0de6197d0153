import assert from "node:assert/strict";
import { test } from "node:test";
import { operationTest } from "../../test/support/operation.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { Actor } from "../operation.ts";
import type { ClientOrigin } from "../store/records.ts";
import { checkMay, checkMayDecide, documentOf, judgeClient } from "./rules.ts";

const OPERATOR: Actor = { kind: "operator", id: null, via: "code" };
const ADA: Actor = { kind: "person", id: "ada", via: "page" };
const API = "https://api.test";
const ISSUER = "https://as.test";
const CATALOGUE = {
  issuer: ISSUER,
  scopes: {},
  resources: {
    [API]: {
      name: "API",
      scopes: [],
      access_token: "jwt",
      access_token_signing_alg: "ES256",
      open: false,
    },
  },
} as const;
const CALLBACK = { redirect_uris: ["https://app.test/cb"] };
const PUBLIC = { ...CALLBACK, token_endpoint_auth_method: "none" };

await using set = await operationTest();
const ENV = set.env;
const judge = (
  document: unknown,
  { by = OPERATOR, created_by = "operator" as ClientOrigin, catalogue = CATALOGUE as never } = {},
) => judgeClient(document, { by, created_by, env: { ...ENV, catalogue } });

/** The error and the member that it names. */
const refusal = (error: string, parameter: string) => (thrown: unknown) =>
  thrown instanceof OAuthError && thrown.error === error && thrown.parameter === parameter;

test("defaults are filled in, and our own members accompany those of RFC 7591", () => {
  const { metadata, ...rest } = judge(CALLBACK);
  assert.equal(metadata.token_endpoint_auth_method, "client_secret_basic");
  assert.deepEqual(rest, { trusted: false, require_pkce: true, resource: null });
  const all = { trusted: true, require_pkce: false, resource: API };
  const { metadata: _, ...set } = judge({ ...CALLBACK, ...all });
  assert.deepEqual(set, all);
});

test("judging accepted metadata again changes nothing", () => {
  const settings = judge({
    ...CALLBACK,
    trusted: true,
    scope: "openid",
    resource: ISSUER,
    resources: [API],
  });
  assert.deepEqual(judge(documentOf(settings)), settings);
});

test("a person's change keeps the APIs that an operator set, even removed ones", () => {
  const resources = [API, "https://gone.test"];
  const document = { ...CALLBACK, resources };
  assert.deepEqual(judge(document, { by: ADA, created_by: "user" }).metadata.resources, resources);
});

test("invalid client metadata is refused with its member", () => {
  const metadata = "invalid_client_metadata";
  const wrong: [object, string, string][] = [
    [{ ...PUBLIC, require_pkce: false }, metadata, "require_pkce"],
    [{ ...PUBLIC, resource: API }, metadata, "token_endpoint_auth_method"],
    [{ ...CALLBACK, resource: "https://other.test" }, "invalid_target", "resource"],
    [{ ...CALLBACK, resource: "api" }, "invalid_target", "resource"],
    [{ ...CALLBACK, resource: `${API}#x` }, "invalid_target", "resource"],
    [{ ...CALLBACK, resource: 7 }, "invalid_target", "resource"],
    [{ ...CALLBACK, resources: ["https://other.test"] }, "invalid_target", "resources"],
    [{ ...CALLBACK, resources: "all" }, metadata, "resources"],
    [{ ...CALLBACK, resources: ["api"] }, metadata, "resources"],
    [{ ...CALLBACK, trusted: "yes" }, metadata, "trusted"],
    [{ ...CALLBACK, id_token_claims: "all" }, metadata, "id_token_claims"],
    [{ ...CALLBACK, require_pkce: 0 }, metadata, "require_pkce"],
    [{ redirect_uris: ["http://app.test/"] }, "invalid_redirect_uri", "redirect_uris"],
    [{}, "invalid_redirect_uri", "redirect_uris"],
  ];
  for (const [document, error, parameter] of wrong)
    assert.throws(() => judge(document), refusal(error, parameter), JSON.stringify(document));
  assert.throws(() => judge("text"), OAuthError);
});

test("without the configuration, any resource may be named", () => {
  const settings = judge(
    { ...CALLBACK, resource: "https://other.test" },
    { catalogue: null as never },
  );
  assert.equal(settings.resource, "https://other.test");
});

test("a person's app has codes and refresh tokens only, whoever changes it", () => {
  for (const by of [OPERATOR, ADA]) {
    const own = { by, created_by: "user" } as const;
    judge({ ...CALLBACK, grant_types: ["authorization_code", "refresh_token"] }, own);
    for (const grant_types of [
      ["client_credentials"],
      ["authorization_code", "client_credentials"],
    ])
      assert.throws(
        () => judge({ ...CALLBACK, grant_types }, own),
        refusal("invalid_client_metadata", "grant_types"),
      );
  }
});

test("a person cannot register a scheme that any app could claim; an operator can", () => {
  const native = { ...PUBLIC, application_type: "native", redirect_uris: ["cursor://cb"] };
  assert.ok(judge(native));
  assert.throws(() => judge(native, { by: ADA, created_by: "user" }), OAuthError);
});

test("people 13: every mistake of a client is told at once, those of its metadata and ours", () => {
  const document = {
    redirect_uris: ["http://app.test/cb"],
    grant_types: ["urn:example:unknown"],
    token_endpoint_auth_method: "none",
    resources: ["https://nobody.test/api"],
    ...{ trusted: "yes", require_pkce: false, resource: "https://nobody.test/" },
  };
  assert.throws(
    () => judge(document),
    (error: unknown) => {
      assert.ok(error instanceof OAuthError);
      assert.deepEqual(
        error.problems.map(({ parameter }) => parameter),
        ["grant_types", "redirect_uris", "trusted", "resource", "resources", "require_pkce"],
      );
      assert.deepEqual(error.problems[1]?.reason, { redirect_uri: "http://app.test/cb" });
      for (const { message } of error.problems) assert.ok(error.message.includes(message));
      return true;
    },
  );
  const wide = { ...CALLBACK, trusted: true, resource: API };
  assert.throws(() => checkMayDecide(wide, ADA), /trusted is decided .*; resource is decided/);
});

test("only an operator may set operator-only settings", () => {
  const decided = {
    ...{ trusted: true, require_pkce: false, resource: API },
    ...{ resources: [API], scope: "photos.read", id_token_claims: "scope" },
    required_acr: "single",
  };
  for (const [member, value] of Object.entries(decided)) {
    checkMayDecide({ ...CALLBACK, [member]: value }, OPERATOR);
    const refused = refusal("invalid_client_metadata", member);
    assert.throws(() => checkMayDecide({ ...CALLBACK, [member]: value }, ADA), refused);
  }
  checkMayDecide(CALLBACK, ADA);
});

test("a person may change their own apps only", () => {
  checkMay({ client_id: "hers", owner_sub: "ada" }, ADA);
  checkMay({ client_id: "hers", owner_sub: "ada" }, OPERATOR);
  for (const [owner_sub, by] of [
    ["eve", ADA],
    [null, ADA],
    [null, { ...ADA, id: null }],
    ["ada", { kind: "client", id: "ada", via: "endpoint" }],
  ] as const)
    assert.throws(() => checkMay({ client_id: "other", owner_sub }, by), {
      error: "access_denied",
      status: 403,
    });
});

test("an app that registered itself acts for people only, whoever changes it", () => {
  const document = { ...CALLBACK, grant_types: ["authorization_code", "client_credentials"] };
  judge(document);
  assert.throws(
    () => judge(document, { created_by: "registration" }),
    refusal("invalid_client_metadata", "grant_types"),
  );
  judge(CALLBACK, { created_by: "registration" });
});
