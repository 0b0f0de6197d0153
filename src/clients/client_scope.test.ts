import assert from "node:assert/strict";
import { test } from "node:test";
import type { Catalogue } from "../oauth/resource_indicator.ts";
import { sampleClient } from "../store/conformance/samples.ts";
import type { ClientRecord } from "../store/records.ts";
import {
  allowedResources,
  allowedScope,
  mayAsk,
  registeredScope,
  requestingClient,
} from "./client_scope.ts";

const OPENID = ["openid", "profile", "email", "address", "phone", "offline_access"];
const x = { text: "x", claims: [] };
const api = { name: "x", access_token_signing_alg: "ES256" as const, access_token: "jwt" } as const;
const catalogue: Catalogue = {
  issuer: "https://as.test",
  scopes: { "photos.read": x, "prints.order": x, notes: x },
  resources: {
    "https://snaps.test": { ...api, scopes: ["photos.read"], open: true },
    "https://prints.test": { ...api, scopes: ["prints.order"], open: false },
  },
};
const client = (scope?: string, given: Partial<ClientRecord> = {}): ClientRecord => {
  const record = sampleClient(given);
  return { ...record, metadata: { ...record.metadata, ...(scope !== undefined && { scope }) } };
};

test("a client may ask for its registered scopes; without those, its creator decides", () => {
  for (const [record, expected] of [
    [client("openid notes"), ["openid", "notes"]],
    [client("notes gone"), ["notes"]],
    [client("prints.order", { created_by: "user" }), ["prints.order"]],
    [client(), [...OPENID, "photos.read", "prints.order", "notes"]],
    [client(undefined, { created_by: "user" }), [...OPENID, "photos.read"]],
  ] as const)
    assert.deepEqual(allowedScope(record, catalogue), expected);
  assert.equal(registeredScope(client()), null);
  assert.deepEqual(registeredScope(client("a b")), ["a", "b"]);
});

test("a client may ask for all APIs or its registered ones; a person's app for open ones only", () => {
  const [snaps, prints] = ["https://snaps.test", "https://prints.test"];
  const limited = (resources: string[]): ClientRecord => {
    const record = client();
    return { ...record, metadata: { ...record.metadata, resources } };
  };
  for (const [record, expected] of [
    [client(), null],
    [limited([prints]), [prints, snaps]],
    [limited([]), [snaps]],
    [client(undefined, { created_by: "user" }), [snaps]],
  ] as const) {
    assert.deepEqual(allowedResources(record, catalogue), expected);
    for (const uri of [snaps, prints])
      assert.equal(mayAsk(uri, record, catalogue), expected?.includes(uri) ?? true);
    assert.ok(mayAsk(catalogue.issuer, record, catalogue), "the issuer is no API");
  }
});

test("only a confidential client can have require_pkce off", () => {
  for (const [method, require_pkce, expected] of [
    ["none", true, true],
    ["none", false, true],
    ["client_secret_basic", true, true],
    ["client_secret_basic", false, false],
    ["private_key_jwt", false, false],
  ] as [string, boolean, boolean][]) {
    const record = client(undefined, { require_pkce });
    const metadata = { ...record.metadata, token_endpoint_auth_method: method };
    const known = requestingClient({ ...record, metadata }, catalogue);
    assert.equal(known.require_pkce, expected, method);
  }
});

test("the request rules take the settings of the client record", () => {
  const record = client("openid", { client_id: "c" });
  assert.deepEqual(requestingClient(record, catalogue), {
    client_id: "c",
    redirect_uris: ["https://printly.example/callback"],
    application_type: "web",
    registered_scope: ["openid"],
    allowed_scope: ["openid"],
    allowed_resources: null,
    require_pkce: true,
    may_omit_pkce: true,
    response_types: ["code"],
    default_max_age: null,
    default_acr_values: [],
  });
});

test("the app of a person, or of a metadata document, gets no tokens in the redirect", () => {
  const record = client("openid");
  const metadata = { ...record.metadata, response_types: ["code", "id_token token", "code token"] };
  const of = (created_by: string) =>
    requestingClient({ ...record, metadata, created_by } as ClientRecord, catalogue).response_types;
  assert.deepEqual(of("operator"), metadata.response_types);
  assert.deepEqual(of("registration"), metadata.response_types);
  for (const other of ["user", "metadata_document"]) assert.deepEqual(of(other), ["code"]);
});
