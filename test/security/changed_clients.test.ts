/** Clients that change after an operator or a person looked at them. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { changeClient } from "../../src/clients/change_client.ts";
import { createClient } from "../../src/clients/create_client.ts";
import type { Actor } from "../../src/operation.ts";
import type { ClientRecord } from "../../src/store/records.ts";
import { authorizationUrl } from "../support/browser.ts";
import { authorize, tokensFor, userinfo } from "../support/flow.ts";
import { OPERATOR, personActor } from "../support/operation.ts";
import {
  type Answer,
  APP,
  call,
  clientOf,
  OPEN,
  registerAt,
  storedIn,
} from "../support/registration.ts";
import { soon } from "../support/stories.ts";
import { watchedServer } from "./watched_server.ts";

const PRINTS = "https://prints.test/api";
const registration = { ...OPEN.registration, allowed_redirect_hosts: ["*"] };
const server = await watchedServer({ ...OPEN, registration });
after(() => server.close());
await server.addUser("ada");
const owner = personActor(await server.addUser("owner"));
const env = server.server;

const stored = async ({ client_id }: { client_id: string }): Promise<ClientRecord> =>
  (await env.store.findClient(client_id)) ?? assert.fail("it is gone");
async function change(client: { client_id: string }, by: Actor, members: object) {
  const made = await changeClient({ client: await stored(client), change: members }, by, env);
  return typeof made === "string" ? assert.fail(made) : made.client;
}
const put = ({ body }: Answer, document: object): Promise<Answer> =>
  call(server, body.registration_client_uri, {
    method: "PUT",
    token: body.registration_access_token,
    document: { client_id: body.client_id, ...document },
  });
async function ownApp(): Promise<ClientRecord> {
  const { redirect_uris } = APP;
  const made = await createClient({ document: { client_name: "App", redirect_uris } }, owner, env);
  return typeof made === "string" ? assert.fail(made) : made.client;
}
const lastEvent = async ({ client_id }: { client_id: string }) =>
  (await env.store.listAudit({ client_id, limit: 1 }))[0];

const PRIVILEGES = {
  trusted: true,
  require_pkce: false,
  resource: PRINTS,
  resources: [PRINTS],
  legacy_assertion_audience: true,
};
const privilegesOf = ({ metadata, trusted, require_pkce, resource }: ClientRecord) => ({
  ...{ trusted, require_pkce, resource, resources: metadata.resources },
  legacy_assertion_audience: metadata.legacy_assertion_audience,
});
const ORDINARY = {
  ...{ trusted: false, require_pkce: true, resource: null, resources: undefined },
  legacy_assertion_audience: undefined,
};
const OTHER_FACE = { client_name: "Evil", redirect_uris: ["https://evil.test/cb"] };

describe("an operator's privileges are for the face that the operator saw", () => {
  test("a trusted client that changes its redirect URI gets no code without a page", async () => {
    const made = await registerAt(server, APP);
    await change(made.body, OPERATOR, { trusted: true });
    const parameters = { redirect_uri: APP.redirect_uris[0] };
    const { browser } = await authorize(server, made.body, { username: "ada", parameters });
    assert.equal((await put(made, { ...APP, ...OTHER_FACE })).status, 200);
    const redirect_uri = OTHER_FACE.redirect_uris[0] ?? "";
    await soon(async () => {
      const page = await browser.get(authorizationUrl(made.body, { redirect_uri }));
      assert.equal(page.url.pathname, "/consent");
    });
    // Trusted again as it is now, it is still another app to the person who knew the first one.
    await change(made.body, OPERATOR, { trusted: true });
    const page = await browser.get(authorizationUrl(made.body, { redirect_uri }));
    assert.equal(page.url.pathname, "/consent");
  });

  for (const [name, part] of Object.entries({
    name: { client_name: "Evil" },
    "redirect URI": { redirect_uris: [...APP.redirect_uris, "https://evil.test/cb"] },
    picture: { logo_uri: "https://evil.test/logo.png" },
    method: { token_endpoint_auth_method: "client_secret_post" },
  }))
    test(`another ${name} by RFC 7592 withdraws them, and the event says so`, async () => {
      const made = await registerAt(server, APP);
      await change(made.body, OPERATOR, PRIVILEGES);
      assert.equal((await put(made, { ...APP, ...part })).status, 200);
      assert.deepEqual(privilegesOf(await stored(made.body)), ORDINARY);
      const event = await lastEvent(made.body);
      assert.equal(event?.event, "client_changed");
      assert.deepEqual(event.details, { withdrawn: Object.keys(PRIVILEGES).toSorted() });
    });

  test("the owner of an app withdraws them too", async () => {
    const client = await ownApp();
    await change(client, OPERATOR, PRIVILEGES);
    await change(client, owner, OTHER_FACE);
    assert.deepEqual(privilegesOf(await stored(client)), ORDINARY);
    assert.deepEqual((await lastEvent(client))?.details, {
      withdrawn: Object.keys(PRIVILEGES).toSorted(),
    });
  });

  test("a change that people are not asked about leaves them, and so does an operator's", async () => {
    const made = await registerAt(server, APP);
    const client = await ownApp();
    for (const each of [made.body, client]) await change(each, OPERATOR, PRIVILEGES);
    assert.equal((await put(made, { ...APP, contacts: ["a@app.test"] })).status, 200);
    await change(client, owner, { client_uri: "https://app.test/" });
    for (const each of [made.body, client]) {
      assert.deepEqual(privilegesOf(await stored(each)), PRIVILEGES);
      await change(each, OPERATOR, { client_name: "Renamed" });
      assert.deepEqual(privilegesOf(await stored(each)), PRIVILEGES);
    }
  });
});

describe("pairwise subjects", () => {
  const ada = server.server.users.findByLogin("ada");
  const one = "https://one.test/cb";
  const pairwise = { ...APP, subject_type: "pairwise", redirect_uris: [one] };
  const publicly = { ...pairwise, subject_type: "public" };

  test("a client can't change its subject type, or its sector by way of another one", async () => {
    const made = await registerAt(server, pairwise);
    const parameters = { redirect_uri: one, scope: "openid" };
    const client = await clientOf(storedIn(server), made);
    const { access_token } = await tokensFor(server, client, { username: "ada", parameters });
    const { sub } = (await userinfo(server, access_token)).body;
    assert.match(String(sub), /^pw_/);
    const { subject_type: _, ...without } = pairwise;
    for (const document of [publicly, without]) {
      const { status, body } = await put(made, document);
      assert.deepEqual([status, body.error], [400, "invalid_client_metadata"]);
      assert.match(body.error_description, /^subject_type is fixed at registration/);
    }
    assert.equal((await put(made, { ...pairwise, contacts: ["a@one.test"] })).status, 200);
    assert.equal((await userinfo(server, access_token)).body.sub, sub);
    assert.equal((await stored(made.body)).sector, "one.test");
  });

  test("an operator's change of the subject type ends the tokens that have the other subject", async () => {
    const made = await registerAt(server, pairwise);
    const parameters = { redirect_uri: one, scope: "openid" };
    const client = await clientOf(storedIn(server), made);
    const { access_token } = await tokensFor(server, client, { username: "ada", parameters });
    await change(made.body, OPERATOR, { subject_type: "public" });
    await soon(async () => assert.equal((await userinfo(server, access_token)).status, 401));
    server.advance(2);
    const later = await tokensFor(server, client, { username: "ada", parameters });
    assert.equal((await userinfo(server, later.access_token)).body.sub, (await ada)?.sub);
  });

  test("a stranger's logout address is not told the subjects of the host of the redirect URI", async () => {
    const joined = await registerAt(server, pairwise);
    assert.equal((await stored(joined.body)).sector, "one.test");
    const backchannel_logout_uri = "https://evil.test/logout";
    const told = await registerAt(server, { ...pairwise, backchannel_logout_uri });
    assert.equal((await stored(told.body)).sector, null);
    const { status, body } = await put(joined, { ...pairwise, backchannel_logout_uri });
    assert.deepEqual([status, body.error], [400, "invalid_client_metadata"]);
    assert.match(body.error_description, /would change the sector/);
  });
});
