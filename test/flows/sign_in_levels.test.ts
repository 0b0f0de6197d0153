/** Levels of a sign-in: wishes, demands, and what tokens tell (OpenID Connect Core §3.1.2.1, §5.5.1.1; RFC 9470). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import {
  authorize,
  introspect,
  post,
  refresh,
  tokensFor,
  userinfo,
  walk,
} from "../support/flow.ts";
import { blocksOf, pasteRequests } from "../support/pasted.ts";
import { CONFIG, PRINTS, SERVICE, SNAPS, testServer, WEB } from "../support/server.ts";
import { webServer } from "../support/web.ts";

const config = { acr: { single: "urn:example:one", multi: "urn:example:two" } };
const server = await testServer(config);
after(() => server.close());
await server.addUser("ada");
const client = await server.addClient(WEB);
const ONE = "urn:example:one";
const UNMET = "unmet_authentication_requirements";
/** The page that offers a further factor. */
const ENROL = "/sign-in/enrol";

const essential = (...values: string[]) =>
  JSON.stringify({ id_token: { acr: { essential: true, values } } });
/** What the app learns, before or after the person signs in. */
async function outcome(parameters: Record<string, string>, on = client) {
  const { page } = await walk(server, authorizationUrl(on, parameters), {});
  return (
    page.url.searchParams.get("error") ??
    (page.url.searchParams.has("code") ? "code" : page.url.pathname)
  );
}

test("an essential acr that can't be reached is refused before anybody signs in", async () => {
  const browser = testBrowser(server);
  for (const value of ["gold", "single"]) {
    const { url } = await browser.get(authorizationUrl(client, { claims: essential(value) }));
    assert.equal(url.searchParams.get("error"), UNMET, value);
  }
  const weak = { sign_in: { passkeys: false } };
  await using without = await testServer({ ...config, ...weak });
  const app = await without.addClient(WEB);
  const address = authorizationUrl(app, { claims: essential("phr") });
  const { url } = await testBrowser(without).get(address);
  assert.equal(url.searchParams.get("error"), UNMET, "no passkeys here");
  for (const value of ["urn:example:two", "phr"])
    assert.equal(await outcome({ claims: essential(value) }), ENROL, "an account without factors");
  assert.equal(await outcome({ claims: essential("gold", ONE) }), "code", "one of several");
  const voluntary = JSON.stringify({ id_token: { acr: { value: "phr" } } });
  assert.equal(await outcome({ claims: voluntary }), "code");
});

test("RFC 9470: acr_values of a request for an API are demanded, without a page interaction_required", async () => {
  const of_api = { resource: SNAPS, scope: "openid photos.read" };
  assert.equal(await outcome({ ...of_api, acr_values: "urn:example:two" }), ENROL);
  assert.equal(await outcome({ ...of_api, acr_values: "gold" }), UNMET);
  assert.equal(await outcome({ ...of_api, acr_values: `phr ${ONE}` }), "code");
  assert.equal(await outcome({ scope: "openid photos.read", acr_values: "phr" }), "code");
  const { browser } = await authorize(server, client);
  const silently = { ...of_api, acr_values: "phr", prompt: "none" };
  const { url } = await browser.get(authorizationUrl(client, silently));
  assert.equal(url.searchParams.get("error"), "interaction_required");
  const nobody = await testBrowser(server).get(authorizationUrl(client, silently));
  assert.equal(nobody.url.searchParams.get("error"), "login_required");
});

test("access tokens and introspection tell when and how well the person signed in", async () => {
  const scope = "openid photos.read prints.order";
  const parameters = { scope, prompt: "consent" };
  const { access_token, refresh_token } = await tokensFor(server, client, { parameters });
  const auth_time = server.now();
  server.advance(30);
  const told = (claims: Record<string, unknown>) => [claims.acr, claims.auth_time];
  assert.deepEqual(told(decodeJwt(access_token)), [ONE, auth_time]);
  const snaps = await server.addClient(SERVICE, { resource: SNAPS });
  const prints = await server.addClient(SERVICE, { resource: PRINTS });
  for (const caller of [client, snaps])
    assert.deepEqual(told(await introspect(server, caller, access_token)), [ONE, auth_time]);
  const { body } = await refresh(server, client, refresh_token, { resource: PRINTS });
  assert.deepEqual(told(await introspect(server, prints, body.access_token)), [ONE, auth_time]);
  const service = await server.addClient(SERVICE);
  const own = await post(server, "/token", { client: service, grant_type: "client_credentials" });
  assert.deepEqual(told(decodeJwt(own.body.access_token)), [undefined, undefined]);
});

test("required_acr of a client holds whatever the request says, and for grants from before", async () => {
  const strict = await server.addClient({ ...WEB, required_acr: "multi" }, { trusted: true });
  for (const more of [{}, { acr_values: ONE }, { claims: essential(ONE) }])
    assert.equal(await outcome(more, strict), ENROL);
  const easy = await server.addClient({ ...WEB, required_acr: "single" });
  assert.equal(await outcome({}, easy), "code");
  const { access_token, refresh_token } = await tokensFor(server, easy, {});
  const { metadata } = easy.record;
  const raised = { ...easy.record, metadata: { ...metadata, required_acr: "multi" as const } };
  await server.server.store.updateClient(raised);
  assert.equal((await userinfo(server, access_token)).status, 401);
  assert.equal((await refresh(server, easy, refresh_token)).body.error, "invalid_grant");
  await server.server.store.updateClient(easy.record);
  assert.equal((await refresh(server, easy, refresh_token)).status, 200);
});

test("default_max_age holds for requests without max_age; what a client says about its sign-ins is kept", async () => {
  const own = { default_max_age: 60, require_auth_time: true, default_acr_values: ["phr"] };
  const registered = await server.registerClient({ ...WEB, ...own, required_acr: "single" });
  const { default_max_age, require_auth_time, default_acr_values, required_acr } = registered;
  assert.deepEqual({ default_max_age, require_auth_time, default_acr_values }, own);
  assert.equal(required_acr, "single");
  const browser = testBrowser(server);
  const { client_id } = registered;
  await authorize(server, { client_id }, { browser });
  const silently = () => browser.get(authorizationUrl({ client_id }, { prompt: "none" }));
  assert.ok((await silently()).url.searchParams.has("code"));
  server.advance(61);
  assert.equal((await silently()).url.searchParams.get("error"), "login_required");
});

test("the password grant and a device reach no more than a password", async () => {
  await using legacy = await testServer({ ...CONFIG, legacy_grants: true });
  await legacy.addUser("ada");
  const ask = async (required_acr?: string) => {
    const app = await legacy.addClient({
      ...WEB,
      grant_types: ["password"],
      response_types: [],
      required_acr,
    });
    const { body } = await post(legacy, "/token", {
      client: app,
      ...{ grant_type: "password", username: "ada", password: "correct horse battery" },
    });
    return body.error;
  };
  assert.deepEqual(
    [await ask(), await ask("single"), await ask("multi")],
    [undefined, undefined, "invalid_grant"],
  );
});

test("the page about levels: its request shows those that can be reached", async () => {
  await using live = await webServer({}, { host: "localhost" });
  const page = "docs/sign-in-levels.md";
  const [shown] = await pasteRequests(page, { ISSUER: live.issuer });
  assert.equal(shown, blocksOf(page, "json")[0]);
});
