import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contextOf, PRINTS, SNAPS, testServer } from "../../test/support/server.ts";
import { permissionGroupsOf } from "../authorization/permissions.ts";
import type { Context } from "../context.ts";
import { sampleClient } from "../store/conformance/samples.ts";
import type { ClientRecord } from "../store/records.ts";
import { appIdentity, appOf, redirectOf } from "./app_identity.ts";

const server = await testServer();
after(() => server.close());
const ctx: Context = contextOf(server);

function client(metadata: Partial<ClientRecord["metadata"]>, given: Partial<ClientRecord> = {}) {
  const record = sampleClient(given);
  return { ...record, metadata: { ...record.metadata, ...metadata } };
}

test("S15: an app is named by no more than is known of it", () => {
  const redirect_uris = ["https://rp.test:8443/cb"];
  const site = { client_name: "Printly", client_uri: "https://printly.test/about", redirect_uris };
  const user = { created_by: "user" } as const;
  for (const [record, redirect_uri, expected] of [
    [client(site), undefined, { name: "Printly", host: "printly.test" }],
    // What a person wrote of their own app proves nothing; where its answers go does.
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

test("S15: a picture is shown when an operator put it in, and it comes from nowhere else", () => {
  const picture = "data:image/png;base64,AAAA";
  const remote = "https://printly.test/logo.png";
  assert.equal(appIdentity(client({ logo_uri: picture })).logo, picture);
  assert.equal(appIdentity(client({ logo_uri: remote })).logo, null);
  assert.equal(appIdentity(client({ logo_uri: picture }, { created_by: "user" })).logo, null);
});

test("where the answer goes is told in full", () => {
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

test("the app of a request is found while there is one", async () => {
  const { client_id } = await server.addClient({ redirect_uris: ["https://rp.test/cb"] });
  const redirect_uri = "https://rp.test/cb";
  assert.equal((await appOf({ client_id, redirect_uri }, ctx))?.name, client_id);
  assert.equal(await appOf({ client_id: "gone", redirect_uri }, ctx), null);
  assert.equal(await appOf(null, ctx), null);
});

test("scopes are grouped by the API that they open, each once, the server's own first", () => {
  const scope = ["photos.write", "openid", "prints.order", "photos.read", "email", "notes.read"];
  const groups = permissionGroupsOf(scope, { email: "ada@x.test" }, ctx);
  const { resources, scopes } = ctx.catalogue;
  assert.deepEqual(
    groups.map(({ name, permissions }) => [name, permissions.map((each) => each.scope)]),
    [
      [null, ["openid", "email", "notes.read"]],
      [resources[SNAPS]?.name, ["photos.write", "photos.read"]],
      [resources[PRINTS]?.name, ["prints.order"]],
    ],
  );
  const all = groups.flatMap(({ permissions }) => permissions);
  const find = (name: string) => all.find((each) => each.scope === name);
  assert.equal(find("photos.read")?.description, scopes["photos.read"]);
  assert.equal(find("openid")?.description, null);
  assert.deepEqual(
    ["photos.read", "photos.write", "prints.order", "openid", "email"].map((n) => find(n)?.access),
    ["read", "change", null, null, "read"],
  );
  assert.equal(find("email")?.detail, "ada@x.test");
  for (const email of [undefined, null, "", 7, ["x"]]) {
    const [own] = permissionGroupsOf(["email"], { email }, ctx);
    assert.equal(own?.permissions[0]?.detail, undefined);
  }
  assert.deepEqual(permissionGroupsOf([], {}, ctx), []);
});
