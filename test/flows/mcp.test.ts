/** MCP authorization, revisions 2026-07-28 and 2025-11-25: what clients rely on beyond OAuth 2.1. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Config } from "../../src/config.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { documentClient } from "../support/document_client.ts";
import { authorize, redeem, refresh, tokensFor } from "../support/flow.ts";
import { blocksOf } from "../support/pasted.ts";
import { clientOf, registerAt, storedIn } from "../support/registration.ts";
import { ISSUER, type TestClient, type TestServer, testServer } from "../support/server.ts";
import { looseOutbound, type Stranger, stranger } from "../support/stranger.ts";

const NOTES = "https://notes.test/mcp";
const REDIRECT_URI = "http://localhost:33418/callback";
let site: Stranger;
let server: TestServer;
before(async () => {
  site = await stranger();
  const config: Config = {
    allow_private_fetch: true,
    registration: { mode: "open", allowed_schemes: ["cursor"] },
    scopes: { "notes.read": "Read your notes", "notes.write": "Change your notes" },
    resources: {
      [NOTES]: { name: "Notes", scopes: ["notes.read", "notes.write"], open: true },
    },
  };
  server = await testServer(config, { outbound: looseOutbound() });
  await server.addUser("ada");
});
after(async () => {
  await server.close();
  await site.close();
});
const ask = (path: string, init: RequestInit = {}) =>
  server.fetch(new Request(ISSUER + path, init));
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());

test("both metadata documents say what clients of MCP look for", async () => {
  for (const name of ["oauth-authorization-server", "openid-configuration"]) {
    const metadata = JSON.parse(await (await ask(`/.well-known/${name}`)).text());
    assert.deepEqual(metadata.code_challenge_methods_supported, ["S256"]);
    assert.equal(metadata.authorization_response_iss_parameter_supported, true);
    assert.equal(metadata.client_id_metadata_document_supported, true);
    assert.ok(metadata.scopes_supported.includes("notes.read"));
    assert.ok(metadata.grant_types_supported.includes("refresh_token"));
    assert.ok(metadata.token_endpoint_auth_methods_supported.includes("none"));
  }
});

test("an unknown well-known address is 404, and scripts of other origins can read that", async () => {
  const headers = {
    origin: "https://client.test",
    "access-control-request-method": "GET",
    "access-control-request-headers": "mcp-protocol-version",
  };
  for (const path of [
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-authorization-server/mcp",
    "/.well-known/openid-configuration/mcp",
    "/.well-known/x",
  ]) {
    const response = await ask(path, { headers });
    assert.equal(response.status, 404, path);
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.deepEqual(await response.json(), { error: "not_found" });
    const preflight = await ask(path, { method: "OPTIONS", headers });
    assert.equal(preflight.status, 204, path);
    assert.equal(preflight.headers.get("access-control-allow-headers"), "mcp-protocol-version");
  }
  // Pages are for people only.
  const page = await ask("/nothing", { headers });
  assert.equal(page.headers.get("access-control-allow-origin"), null);
});

const documents = blocksOf("docs/mcp.md", "json").map((text) => JSON.parse(text));

for (const { client_id, ...members } of documents)
  test(`the metadata of ${members.client_name}, as docs/mcp.md shows them, are accepted`, async () => {
    const client =
      client_id === undefined ? await registered(members) : documentClient(site, members);
    // Programs listen on any free port.
    const [first = ""] = members.redirect_uris;
    const redirect_uri = first.replace(/^(http:\/\/[^/:]+)(:\d+)?/, "$1:51234");
    const { code } = await authorize(server, client, {
      parameters: { redirect_uri, scope: "notes.read", resource: NOTES },
    });
    const { body } = await redeem(server, client, code, { redirect_uri, resource: NOTES });
    assert.equal(claimsOf(body.access_token).aud, NOTES);
    assert.ok(body.refresh_token);
  });

async function registered(metadata: object): Promise<TestClient> {
  const answer = await registerAt(server, metadata);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return clientOf(storedIn(server), answer);
}

test("a token is for the MCP server that resource names; refresh tokens of public clients rotate", async () => {
  const client = documentClient(site, { redirect_uris: ["http://localhost/callback"] });
  const parameters = {
    redirect_uri: REDIRECT_URI,
    scope: "notes.read offline_access",
    resource: NOTES,
  };
  const { code, url } = await authorize(server, client, { parameters });
  assert.equal(url.searchParams.get("iss"), ISSUER);
  const { body } = await redeem(server, client, code, {
    ...{ redirect_uri: REDIRECT_URI, resource: NOTES },
  });
  assert.equal(claimsOf(body.access_token).aud, NOTES);
  const next = (await refresh(server, client, body.refresh_token, { resource: NOTES })).body;
  assert.notEqual(next.refresh_token, body.refresh_token);
  assert.equal(claimsOf(next.access_token).aud, NOTES);
  const other = await refresh(server, client, next.refresh_token, {
    resource: "https://other.test/",
  });
  assert.equal(other.body.error, "invalid_target");
  const unknown = await testBrowser(server).get(
    authorizationUrl(client, { ...parameters, resource: "https://other.test/" }),
  );
  assert.equal(unknown.url.searchParams.get("error"), "invalid_target");
});

test("step-up: asking for more keeps what was allowed, and scopes that can't be had are left out", async () => {
  const client = documentClient(site);
  const first = await tokensFor(server, client, {
    parameters: { scope: "notes.read", resource: NOTES },
  });
  assert.equal(first.scope, "notes.read");
  // The MCP server answers 403 insufficient_scope with what it needs, and the client asks for both.
  const { browser } = first;
  const asked = authorizationUrl(client, {
    ...{ scope: "notes.read notes.write admin:all", resource: NOTES },
  });
  const page = await browser.get(asked);
  assert.match(page.html, /asks for more access/);
  const { url } = await browser.submit(page, { decision: "allow" }, "/consent");
  const { body } = await redeem(server, client, url.searchParams.get("code") ?? "");
  assert.equal(body.scope, "notes.read notes.write");
  // Without a question from now on.
  const silent = await browser.get(asked);
  assert.ok(silent.url.searchParams.get("code"));
  // Refused scopes: the answer says what was granted.
  const again = await tokensFor(server, client, {
    ...{ parameters: { scope: "admin:all notes.read", resource: NOTES } },
  });
  assert.equal(again.scope, "notes.read");
  const none = await browser.get(authorizationUrl(client, { scope: "admin:all", resource: NOTES }));
  assert.equal(none.url.searchParams.get("error"), "invalid_scope");
  assert.equal(none.url.searchParams.get("iss"), ISSUER);
});

test("without scope a client gets those of the MCP server that it names", async () => {
  const client = documentClient(site);
  const { scope } = await tokensFor(server, client, {
    parameters: { scope: undefined, resource: NOTES },
  });
  assert.equal(scope, "notes.read notes.write");
});
