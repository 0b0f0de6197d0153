import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contextOf, PRINTS, SNAPS, testServer } from "../../test/support/server.ts";
import type { Context } from "../context.ts";
import { NO_NAMED_CLAIMS } from "../oauth/claims_request.ts";
import { appOf } from "./origins.ts";
import { permissionGroupsOf } from "./permissions.ts";
import type { Transaction } from "./transaction.ts";

const server = await testServer();
after(() => server.close());
const ctx: Context = contextOf(server);

test("the app of a pending request is found while the request is valid", async () => {
  const redirect_uri = "https://rp.test/cb";
  const { client_id } = await server.addClient({ redirect_uris: [redirect_uri] });
  const from: Transaction["from"] = {
    kind: "redirect",
    redirect_uri,
    response_type: "code",
    redirect_uri_sent: true,
    response_mode: "query",
    state: null,
    code_challenge: null,
    nonce: null,
  };
  const asked = {
    ...{ permissions: [], left_out: [], prompt: [], max_age: null, login_hint: null },
    claims: NO_NAMED_CLAIMS,
    required_level: null,
    wished_levels: [],
  };
  const find = (id: string) => appOf({ asked: { ...asked, client_id: id }, from }, ctx);
  assert.equal((await find(client_id))?.name, client_id);
  assert.equal(await find("gone"), null);
  assert.equal(await appOf(null, ctx), null);
});

test("permissions are grouped by API, the server's own first", () => {
  const { issuer } = ctx;
  const asked = [
    `${SNAPS} photos.write`,
    `${issuer} openid`,
    `${PRINTS} prints.order`,
    `${SNAPS} photos.read`,
    `${issuer} email`,
    `${issuer} notes.read`,
    "https://gone.test/api",
  ];
  const groups = permissionGroupsOf(asked, { email: "ada@x.test" }, ctx);
  const { resources, scopes } = ctx.catalogue;
  assert.deepEqual(
    groups.map(({ name, permissions }) => [name, permissions.map((each) => each.scope)]),
    [
      [null, ["openid", "email", "notes.read"]],
      [resources[SNAPS]?.name, ["photos.write", "photos.read"]],
      [resources[PRINTS]?.name, ["prints.order"]],
      ["https://gone.test/api", [null]],
    ],
  );
  const all = groups.flatMap(({ permissions }) => permissions);
  const find = (name: string) => all.find((each) => each.scope === name);
  assert.equal(find("photos.read")?.description, scopes["photos.read"]?.text);
  assert.equal(find("openid")?.description, null);
  assert.deepEqual(
    ["photos.read", "photos.write", "prints.order", "openid", "email"].map((n) => find(n)?.access),
    ["read", "change", null, null, "read"],
  );
  assert.equal(find("email")?.detail, "ada@x.test");
  for (const email of [undefined, null, "", 7, ["x"]]) {
    const [own] = permissionGroupsOf([`${issuer} email`], { email }, ctx);
    assert.equal(own?.permissions[0]?.detail, undefined);
  }
  assert.deepEqual(permissionGroupsOf([], {}, ctx), []);
});
