/** An operator denies the host of a metadata document, or the document is out of reach for a while. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { backchannelLogout } from "../../src/jobs/backchannel_logout.ts";
import { BACKCHANNEL_LOGOUT } from "../../src/sessions/client_sessions.ts";
import { sampleJob } from "../../src/store/conformance/samples.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { documentClient } from "../support/document_client.ts";
import { tokensFor } from "../support/flow.ts";
import { logoutReceiver } from "../support/logout_receiver.ts";
import { type TestServer, testServer } from "../support/server.ts";
import { looseOutbound, stranger } from "../support/stranger.ts";

const withSite = async (t: TestContext) => {
  const site = await stranger();
  t.after(() => site.close());
  const server = await testServer({ allow_private_fetch: true }, { outbound: looseOutbound() });
  t.after(() => server.close());
  await server.addUser("ada");
  return { site, server };
};

function deny({ server }: TestServer, host: string): void {
  (server.settings.client_id_metadata_documents.deny as string[]).push(host);
}

test("an app whose host is denied is not led to, not opened from the connected apps, and not told of logouts", async (t) => {
  const { site, server } = await withSite(t);
  await using receiver = await logoutReceiver();
  const bye = "https://printly.test/bye";
  const client = documentClient(site, {
    backchannel_logout_uri: receiver.uri,
    post_logout_redirect_uris: [bye],
    // On the host of the document, so that the account leads there.
    initiate_login_uri: `${site.origin.replace("http:", "https:")}/start`,
  });
  const parameters = { scope: "openid" };
  const { browser, id_token } = await tokensFor(server, client, { parameters });
  assert.match((await browser.get("/account")).html, /\/start\?iss=/);
  deny(server, "127.0.0.1");
  assert.doesNotMatch((await browser.get("/account")).html, /\/start\?iss=/);
  const asked = { id_token_hint: id_token, post_logout_redirect_uri: bye };
  const page = await browser.get(`/logout?${new URLSearchParams(asked)}`);
  assert.notEqual(page.url.origin, new URL(bye).origin);
  assert.ok(!page.html.includes(bye));
  const { client_id } = client;
  const payload = JSON.stringify({ client_id, sub: "ada", sent_sub: "a", sent_sid: "b" });
  const job = sampleJob({ kind: BACKCHANNEL_LOGOUT, payload, attempts: 1 });
  const env = { server: server.server, signal: new AbortController().signal };
  await backchannelLogout().run(job, env);
  assert.deepEqual(receiver.told, []);
});

test("a person goes on while the document of the app can't be fetched, whatever other visitors do", async (t) => {
  const { site, server } = await withSite(t);
  const client = documentClient(site);
  const browser = testBrowser(server);
  const consent = await browser.signIn(await browser.get(authorizationUrl(client)), "ada");
  server.advance(301);
  site.answer(new URL(client.client_id).pathname, (_, response) => response.writeHead(503).end());
  const other = await testBrowser(server).get(authorizationUrl(client));
  assert.equal(other.status, 400);
  const { url } = await browser.submit(consent, { decision: "allow" }, "/consent");
  assert.ok(url.searchParams.get("code"));
});
