/** What an operator has narrowed at an app that others change too stays narrow, whatever they submit. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { changeClient } from "../../src/clients/change_client.ts";
import { createClient } from "../../src/clients/create_client.ts";
import type { Actor } from "../../src/operation.ts";
import type { ClientRecord } from "../../src/store/records.ts";
import { OPERATOR, personActor } from "../support/operation.ts";
import { type Answer, APP, call, OPEN, registerAt } from "../support/registration.ts";
import { watchedServer } from "./watched_server.ts";

/** The defaults of this server are the weakest ones, so that a limit that is lost shows. */
const server = await watchedServer({
  ...OPEN,
  registration: { ...OPEN.registration, require_pkce: false },
  legacy_grants: true,
  legacy_assertion_audience: true,
});
after(() => server.close());
const env = server.server;

const stored = async ({ client_id }: { client_id: string }): Promise<ClientRecord> =>
  (await env.store.findClient(client_id)) ?? assert.fail("it is gone");
const memberOf = ({ metadata, require_pkce }: ClientRecord, member: string): unknown =>
  ({ ...metadata, require_pkce })[member];
async function change(
  of: { client_id: string },
  members: object,
  { by = OPERATOR, replace = false }: { by?: Actor; replace?: boolean } = {},
) {
  const made = await changeClient({ client: await stored(of), change: members, replace }, by, env);
  return typeof made === "string" ? assert.fail(made) : made.client;
}
async function put({ body }: Answer, document: object): Promise<Answer> {
  const answer = await call(server, body.registration_client_uri, {
    method: "PUT",
    token: body.registration_access_token,
    document: { client_id: body.client_id, ...document },
  });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer;
}

const WIDE = {
  ...APP,
  scope: "openid email photos.read photos.write",
  grant_types: ["authorization_code", "refresh_token", "implicit"],
  response_types: ["code", "id_token"],
};
/** What the app registers with, and what the operator makes of it. */
const LIMITS: Readonly<Record<string, { of?: object; limit: unknown }>> = {
  scope: { limit: "openid" },
  grant_types: { limit: ["authorization_code"] },
  response_types: {
    of: { response_types: ["code", "id_token", "id_token token"] },
    limit: ["code", "id_token"],
  },
  token_endpoint_auth_method: { limit: "client_secret_post" },
  require_signed_request_object: {
    of: { jwks_uri: "https://app.test/keys", request_object_signing_alg: "ES256" },
    limit: true,
  },
  request_object_signing_alg: { of: { jwks_uri: "https://app.test/keys" }, limit: "PS256" },
  id_token_signed_response_alg: { limit: "ES256" },
  userinfo_signed_response_alg: { limit: "ES256" },
  default_max_age: { of: { default_max_age: 86_400 }, limit: 60 },
  default_acr_values: { limit: ["multi"] },
  require_pkce: { limit: true },
  required_acr: { limit: "single" },
  legacy_assertion_audience: { limit: false },
};

describe("M9 a change by RFC 7592 leaves", () => {
  for (const [member, { of = {}, limit }] of Object.entries(LIMITS))
    test(`${member} as the operator has set it`, async () => {
      const document = { ...WIDE, ...of };
      const made = await registerAt(server, document);
      assert.equal(made.status, 201, JSON.stringify(made.body));
      assert.notDeepEqual(memberOf(await stored(made.body), member), limit);
      await change(made.body, { [member]: limit });
      const { [member]: _, ...without }: Record<string, unknown> = document;
      // Another name is another face, which ends privileges, and no limit.
      for (const submitted of [document, without, { ...document, client_name: "Renamed" }]) {
        const { body } = await put(made, submitted);
        assert.deepEqual(memberOf(await stored(made.body), member), limit);
        if (member !== "require_pkce") assert.deepEqual(body[member], limit);
      }
    });

  test("scope that the operator has named without altering it", async () => {
    const made = await registerAt(server, { ...WIDE, scope: "openid" });
    await change(made.body, { scope: "openid" });
    assert.equal((await put(made, WIDE)).body.scope, "openid");
  });

  test("grant_types and response_types together, since they have to fit", async () => {
    const { grant_types, response_types, ...others } = WIDE;
    const made = await registerAt(server, { ...others, grant_types: ["authorization_code"] });
    await change(made.body, { grant_types: ["authorization_code"] });
    const { body } = await put(made, { ...others, grant_types, response_types });
    assert.deepEqual(body.grant_types, ["authorization_code"]);
    assert.deepEqual(body.response_types, ["code"]);
  });

  test("what the operator has altered by a whole document, and nothing else", async () => {
    const made = await registerAt(server, WIDE);
    await change(made.body, { ...WIDE, scope: "openid" }, { replace: true });
    assert.deepEqual((await stored(made.body)).set_by_operator, ["scope"]);
    const { body } = await put(made, { ...WIDE, token_endpoint_auth_method: "client_secret_post" });
    assert.equal(body.scope, "openid");
    assert.equal(body.token_endpoint_auth_method, "client_secret_post");
  });

  test("an earlier limit over a later change by the operator", async () => {
    const made = await registerAt(server, WIDE);
    await change(made.body, { scope: "openid" });
    await change(made.body, { contacts: ["a@app.test"], default_max_age: 60 });
    assert.equal((await put(made, WIDE)).body.scope, "openid");
    await change(made.body, { scope: "openid photos.read" });
    assert.equal((await put(made, WIDE)).body.scope, "openid photos.read");
  });
});

test("M9 names, addresses and keys stay the app's own, also after an operator has changed them", async () => {
  const made = await registerAt(server, WIDE);
  await change(made.body, {
    client_name: "Operator's name",
    redirect_uris: ["https://app.test/operator"],
    jwks_uri: "https://app.test/operator",
  });
  const { body } = await put(made, { ...WIDE, jwks_uri: "https://app.test/keys" });
  assert.equal(body.client_name, APP.client_name);
  assert.deepEqual(body.redirect_uris, APP.redirect_uris);
  assert.equal(body.jwks_uri, "https://app.test/keys");
});

test("M9 the owner of an app does not undo what an operator has set, and changes the rest", async () => {
  const owner = personActor(await server.addUser("owner"));
  const { redirect_uris, grant_types } = APP;
  const made = await createClient({ document: { redirect_uris, grant_types } }, owner, env);
  assert.ok(typeof made === "object");
  const { client_id } = made.client;
  await change(made.client, {
    grant_types: ["authorization_code"],
    legacy_assertion_audience: false,
  });
  await change({ client_id }, { grant_types, client_name: "Hers" }, { by: owner });
  const { metadata } = await stored({ client_id });
  assert.deepEqual(metadata.grant_types, ["authorization_code"]);
  assert.equal(metadata.legacy_assertion_audience, false);
  assert.equal(metadata.client_name, "Hers");
});

test("M9 an operator's own client remembers nothing, since nobody else changes it", async () => {
  const { client_id } = await server.addClient(APP);
  assert.deepEqual((await change({ client_id }, { scope: "openid" })).set_by_operator, []);
});
