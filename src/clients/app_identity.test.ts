import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleClient } from "../store/conformance/samples.ts";
import type { ClientRecord } from "../store/records.ts";
import { appDocuments, appIdentity, redirectOf } from "./app_identity.ts";

function client(metadata: Partial<ClientRecord["metadata"]>, given: Partial<ClientRecord> = {}) {
  const record = sampleClient(given);
  return { ...record, metadata: { ...record.metadata, ...metadata } };
}

test("S15: an app is shown with verified facts only", () => {
  const redirect_uris = ["https://rp.test:8443/cb"];
  const site = { client_name: "Printly", client_uri: "https://printly.test/about", redirect_uris };
  const user = { created_by: "user" } as const;
  for (const [record, redirect_uri, expected] of [
    [client(site), undefined, { name: "Printly", host: "printly.test" }],
    // A person's own description of an app proves nothing; its redirect host does.
    [client(site, user), undefined, { name: "Printly", host: "rp.test:8443" }],
    [client(site, user), "https://other.test/cb", { name: "Printly", host: "other.test" }],
    [client(site, user), "http://127.0.0.1:1/cb", { name: "Printly", host: null }],
    [client(site, user), "com.example.app:/cb", { name: "Printly", host: null }],
    [client({ redirect_uris: [] }), undefined, { host: null }],
  ] as [ClientRecord, string | undefined, object][]) {
    const found = appIdentity(record, redirect_uri);
    assert.deepEqual({ ...found, ...expected }, found);
    assert.equal(found.logo, null);
  }
  const { client_name: _, ...nameless } = client({}).metadata;
  const record = { ...client({}, { client_id: "c-1" }), metadata: nameless };
  assert.equal(appIdentity(record).name, "c-1");
});

test("S15: a logo is shown if an operator set it, and never loaded from elsewhere", () => {
  const picture = "data:image/png;base64,AAAA";
  const remote = "https://printly.test/logo.png";
  assert.equal(appIdentity(client({ logo_uri: picture })).logo, picture);
  assert.equal(appIdentity(client({ logo_uri: remote })).logo, null);
  assert.equal(appIdentity(client({ logo_uri: picture }, { created_by: "user" })).logo, null);
});

test("people 10: a fetched logo has an address here, and documents are linked by https only", () => {
  const remote = "https://printly.test/logo.png";
  const fetched = client({ logo_uri: remote }, { client_id: "a/b", logo: "hash" });
  assert.equal(appIdentity(fetched).logo, "/logo/a%2Fb/hash");
  assert.equal(appIdentity({ ...fetched, created_by: "user" }).logo, null);
  assert.equal(appIdentity(client({}, { logo: "hash" })).logo, null, "without an address");
  const policy_uri = "https://printly.test/privacy";
  const links = client({ policy_uri, tos_uri: "http://localhost/terms" });
  assert.deepEqual(appDocuments(links), { policy: policy_uri, terms: null, picture: null });
  assert.deepEqual(appDocuments(client({})), { policy: null, terms: null, picture: null });
});

test("the redirect host is shown in full", () => {
  for (const [uri, expected] of [
    ["https://rp.test/cb", { kind: "site", host: "rp.test" }],
    ["https://rp.test:8443/cb", { kind: "site", host: "rp.test:8443" }],
    ["https://xn--80ak6aa92e.test/", { kind: "site", host: "xn--80ak6aa92e.test" }],
    ["http://127.0.0.1:5000/cb", { kind: "loopback", host: "127.0.0.1:5000" }],
    ["http://localhost/cb", { kind: "loopback", host: "localhost" }],
    ["com.example.app:/cb", { kind: "scheme", scheme: "com.example.app" }],
    ["cursor://x/cb", { kind: "scheme", scheme: "cursor" }],
  ] as const)
    assert.deepEqual(redirectOf(uri), expected, uri);
});
