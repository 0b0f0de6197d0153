/** The resources that a client may ask for are checked at every endpoint, whatever was granted before (RFC 8707 §2). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { post, refresh, type TokenAnswer, tokensFor } from "../support/flow.ts";
import { PRINTS, SERVICE, SNAPS, type TestClient, testServer, WEB } from "../support/server.ts";

const server = await testServer();
after(() => server.close());
await server.addUser("ada");
const BOTH = "openid photos.read prints.order";

/** The client after an operator has restricted its resources. */
async function limit({ record }: TestClient, resources: string[]): Promise<void> {
  const metadata = { ...record.metadata, resources };
  assert.ok(await server.server.store.updateClient({ ...record, metadata }));
}

const refusal = ({ status, body }: TokenAnswer) => [status, body.error];

test("an authorization request is refused for a resource that the client may not use, named or implied", async () => {
  const client = await server.addClient({ ...WEB, resources: [SNAPS] });
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), "ada");
  const answer = async (parameters: Record<string, string>) => {
    const { url } = await browser.get(authorizationUrl(client, parameters));
    return url.searchParams.get("error") ?? url.pathname;
  };
  assert.equal(await answer({ scope: "photos.read", resource: PRINTS }), "invalid_target");
  assert.equal(await answer({ scope: "prints.order" }), "invalid_scope");
  assert.equal(await answer({ scope: "photos.read", resource: SNAPS }), "/consent");
  const { scope } = await tokensFor(server, client, { parameters: { scope: BOTH } });
  assert.equal(scope, "openid photos.read");
});

test("a resource removed from a client gets no more tokens by refresh", async () => {
  const client = await server.addClient(WEB);
  const { refresh_token } = await tokensFor(server, client, { parameters: { scope: BOTH } });
  const prints = await refresh(server, client, refresh_token, { resource: PRINTS });
  assert.equal(prints.body.scope, "prints.order");
  await limit(client, [SNAPS]);
  const refused = await refresh(server, client, refresh_token, { resource: PRINTS });
  assert.deepEqual(refusal(refused), [400, "invalid_target"]);
  const { body } = await refresh(server, client, refresh_token);
  assert.equal(body.scope, "openid photos.read");
  assert.deepEqual(decodeJwt(body.access_token).aud, [SNAPS, server.issuer]);
});

test("client_credentials are refused for a resource that the client may not use, named or implied", async () => {
  const client = await server.addClient({ ...SERVICE, resources: [SNAPS] });
  const ask = (more: Record<string, string>) =>
    post(server, "/token", { client, grant_type: "client_credentials", ...more });
  assert.equal((await ask({ resource: SNAPS })).body.scope, "photos.read photos.write");
  for (const more of [{ resource: PRINTS }, { scope: "prints.order" }])
    assert.deepEqual(refusal(await ask(more)), [400, "invalid_target"]);
});

test("with require_resource, scopes of several APIs need a resource parameter", async () => {
  await using strict = await testServer({ require_resource: true });
  const service = await strict.addClient(SERVICE);
  const ask = (more: Record<string, string>) =>
    post(strict, "/token", { client: service, grant_type: "client_credentials", ...more });
  const scope = "photos.read prints.order";
  assert.deepEqual(refusal(await ask({ scope })), [400, "invalid_target"]);
  assert.equal((await ask({ scope, resource: SNAPS })).body.scope, "photos.read");
  assert.equal((await ask({ scope: "photos.read" })).status, 200);
  const client = await strict.addClient(WEB);
  const { url } = await testBrowser(strict).get(authorizationUrl(client, { scope }));
  assert.equal(url.searchParams.get("error"), "invalid_target");
});
