/** People are asked again when an app changes that nobody checked, and see what changed. */
import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { after, before, test } from "node:test";
import { changeClient } from "../../src/clients/change_client.ts";
import { authorizationUrl, type TestBrowser, testBrowser } from "../support/browser.ts";
import { documentClient, REDIRECT } from "../support/document_client.ts";
import { authorize } from "../support/flow.ts";
import { call, registerAt } from "../support/registration.ts";
import { type TestServer, testServer, WEB } from "../support/server.ts";
import { looseOutbound, type Stranger, stranger } from "../support/stranger.ts";

let site: Stranger;
let server: TestServer;
before(async () => {
  site = await stranger();
  server = await testServer({ allow_private_fetch: true }, { outbound: looseOutbound() });
  await server.addUser("ada");
  await server.addUser("bob");
});
after(async () => {
  await server.close();
  await site.close();
});

const pair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = ({ publicKey }: { publicKey: KeyObject }, kid: string) => ({
  ...publicKey.export({ format: "jwk" }),
  kid,
});

const asks = (html: string): boolean => html.includes('value="allow"');
/** What the consent page says of changes; null: the person is not asked. */
async function changesShown(client: { client_id: string }, browser: TestBrowser, at = server) {
  const page = await browser.get(authorizationUrl(client));
  if (page.url.pathname !== "/consent") return null;
  assert.ok(asks(page.html));
  const [, list = ""] = /It has changed since[^<]*<\/strong>([\s\S]*?)<\/p>/.exec(page.html) ?? [];
  assert.equal(at, server);
  return {
    page,
    lines: [...list.matchAll(/<span>([\s\S]*?)<\/span>/g)].map(([, line = ""]) =>
      line.replace(/<[^>]*>/g, ""),
    ),
  };
}

test("people are asked again, and see what changed since they agreed", async () => {
  const [one, two, three] = [pair(), pair(), pair()];
  const method = { token_endpoint_auth_method: "private_key_jwt" };
  const keys = (...some: object[]) => ({ ...method, jwks: { keys: some } });
  const begin = { client_name: "Printly", ...keys(jwk(one, "1")) };
  const client = documentClient(site, begin);
  const { browser } = await authorize(server, client);
  assert.equal(await changesShown(client, browser), null, "remembered");
  const steps: [object, string[] | null][] = [
    [{ ...begin, contacts: ["a@printly.test"], client_uri: "https://other.test" }, null],
    [{ ...begin, client_name: "Bank" }, ["Its name was Printly."]],
    [{ ...begin, client_name: "Bank", ...keys(jwk(one, "1"), jwk(two, "2")) }, null],
    [{ ...begin, client_name: "Bank", ...keys(jwk(two, "2"), jwk(three, "3")) }, null],
    [
      { ...begin, client_name: "Bank", ...keys(jwk(one, "1")) },
      ["It has other keys to prove who it is."],
    ],
    [
      {
        ...begin,
        client_name: "Bank",
        redirect_uris: [REDIRECT, "https://evil.test/cb", "https://cdn.evil.test/cb"],
      },
      ["It names another address for your answer: evil.test, cdn.evil.test."],
    ],
    [
      { ...begin, client_name: "Bank", logo_uri: "https://printly.test/logo.png" },
      ["It has another picture.", "It gave up an address for your answer."],
    ],
    [
      { client_name: "Bank", token_endpoint_auth_method: "none" },
      ["It has another picture.", "It proves who it is in another way."],
    ],
    [{ client_name: undefined, token_endpoint_auth_method: "none" }, ["Its name was Bank."]],
  ];
  for (const [members, expected] of steps) {
    client.change(members);
    server.advance(301);
    const shown = await changesShown(client, browser);
    assert.deepEqual(shown?.lines ?? null, expected, JSON.stringify(members));
    if (!shown) continue;
    // Silently, it is an error; and a refusal leaves the question open.
    const silent = await browser.get(authorizationUrl(client, { prompt: "none" }));
    assert.equal(silent.url.searchParams.get("error"), "consent_required");
    await browser.submit(shown.page, { decision: "deny" }, "/consent");
    const again = await changesShown(client, browser);
    assert.deepEqual(again?.lines, expected);
    if (again) await browser.submit(again.page, { decision: "allow" }, "/consent");
    assert.equal(await changesShown(client, browser), null);
  }
});

test("an answer counts for the app as the page showed it", async () => {
  const client = documentClient(site, {}, { "cache-control": "no-store" });
  const browser = testBrowser(server);
  const consent = await browser.signIn(await browser.get(authorizationUrl(client)), "ada");
  // In another tab the app begins again, with another name.
  client.change({ client_name: "Bank" });
  server.advance(1);
  await testBrowser(server).get(authorizationUrl(client));
  const shown = await browser.submit(consent, { decision: "allow" }, "/consent");
  assert.equal(shown.url.pathname, "/consent");
  assert.match(shown.html, /The app changed while you were reading/);
  assert.match(shown.html, /Bank/);
  const { url } = await browser.submit(shown, { decision: "allow" }, "/consent");
  assert.ok(url.searchParams.get("code"));
});

test("the same holds for an app of a person, and not for an operator's", async () => {
  const env = server.server;
  const owner = await server.addUser("owner", { is_admin: true });
  const by = { kind: "person", id: owner, via: "page" } as const;
  const own = await server.addClient(WEB, { created_by: "user", owner_sub: owner });
  const operators = await server.addClient(WEB);
  for (const { client_id } of [own, operators]) {
    const { browser } = await authorize(server, { client_id });
    const client = await env.store.findClient(client_id);
    assert.ok(client);
    const change = { client_name: "Bank", redirect_uris: [REDIRECT, "https://evil.test/cb"] };
    const root = { kind: "operator", id: "root", via: "command" } as const;
    await changeClient({ client, change }, client_id === own.client_id ? by : root, env);
    const shown = await changesShown({ client_id }, browser);
    const expected = [
      "Its name was Printly.",
      "It names another address for your answer: evil.test.",
    ];
    assert.deepEqual(shown?.lines ?? null, client_id === own.client_id ? expected : null);
  }
});

test("the consent page shows the host of the document, and warns of other targets", async () => {
  const host = new URL(site.origin).host;
  const web = documentClient(site);
  const local = documentClient(site, { redirect_uris: ["http://127.0.0.1/cb"] });
  for (const [client, redirect_uri, warning] of [
    [web, REDIRECT, /Your answer goes to[\s\S]*printly\.test[\s\S]*another address/],
    [local, "http://127.0.0.1:5000/cb", /Any program on this device could pose as it/],
  ] as const) {
    const browser = testBrowser(server);
    const page = await browser.get(authorizationUrl(client, { redirect_uri }));
    const { html } = await browser.signIn(page, "ada");
    const text = html.replace(/<wbr>/g, "");
    assert.ok(text.includes(host));
    assert.match(text, warning);
    assert.match(text, /Only the address above is certain/);
  }
});

test("connected apps name an app as the person saw it", async () => {
  const client = documentClient(site);
  const { browser } = await authorize(server, client);
  client.change({ client_name: "Mallory" });
  server.advance(301);
  await authorize(server, client, { username: "bob" });
  const { html } = await browser.get("/account");
  assert.match(html, /Printly/);
  assert.doesNotMatch(html, /Mallory/);
});

test("the same holds for an app that changes its own registration (RFC 7592)", async () => {
  const registration = { mode: "open" as const, allowed_redirect_hosts: ["*"] };
  await using open = await testServer({ registration });
  await open.addUser("ada");
  const { body } = await registerAt(open, { ...WEB, redirect_uris: [REDIRECT] });
  const { client_id, registration_access_token: token } = body;
  const { browser } = await authorize(open, { client_id });
  assert.equal((await browser.get(authorizationUrl({ client_id }))).url.host, "printly.test");
  const document = { ...WEB, client_id, redirect_uris: [REDIRECT, "https://evil.test/cb"] };
  const changed = await call(open, new URL(body.registration_client_uri).pathname, {
    ...{ method: "PUT", token, document },
  });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  const page = await browser.get(authorizationUrl({ client_id }));
  assert.equal(page.url.pathname, "/consent");
  assert.match(page.html, /It names another address for your answer[\s\S]*evil\.test/);
});
