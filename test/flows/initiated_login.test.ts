/** Third-party initiated login (OpenID Connect Core §4): the connected apps lead to an app, which begins a sign-in here. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { ClientRecord } from "../../src/store/records.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { authorize } from "../support/flow.ts";
import { ISSUER, testServer, WEB } from "../support/server.ts";

const server = await testServer();
after(() => server.close());
await server.addUser("ada", { claims: { email: "ada@example.com", email_verified: true } });

const START = "https://printly.test/start?from=valetkey";

/** The address of “Open” for an app that got this scope. Null: there is none. */
async function openOf(
  metadata: object,
  { scope = "openid", ...options }: { scope?: string } & Partial<ClientRecord> = {},
): Promise<URL | null> {
  const client = await server.addClient({ ...WEB, ...metadata }, options);
  const browser = testBrowser(server);
  await authorize(server, client, { browser, parameters: { scope } });
  const { html } = await browser.get("/account");
  const rows = html.split("<li>").filter((row) => row.includes(`remove=${client.client_id}"`));
  assert.equal(rows.length, 1);
  const [, href] = /<a class="button" href="([^"]*)">Open</.exec(rows[0] ?? "") ?? [];
  return href === undefined ? null : new URL(href.replaceAll("&amp;", "&"));
}

test("an app with an address for it can be opened: it learns the issuer, and a name only if it knows it", async () => {
  assert.equal(await openOf({}), null);
  for (const [scope, login_hint] of [
    ["openid", null],
    ["openid profile", "ada"],
    ["openid email", "ada@example.com"],
    ["openid profile email", "ada"],
  ] as const) {
    const url = await openOf({ initiate_login_uri: START }, { scope });
    assert.ok(url);
    assert.equal(url.origin + url.pathname, "https://printly.test/start");
    const { from, iss, login_hint: hint = null } = Object.fromEntries(url.searchParams);
    assert.deepEqual([from, iss, hint], ["valetkey", ISSUER, login_hint], scope);
  }
});

test("the app then asks with the hint, and the person is answered without a page", async () => {
  const client = await server.addClient({ ...WEB, initiate_login_uri: START });
  const { browser } = await authorize(server, client, { parameters: { scope: "openid profile" } });
  const asked = { scope: "openid profile", login_hint: "ada" };
  const { url } = await browser.get(authorizationUrl(client, asked));
  assert.ok(url.searchParams.get("code"));
});

test("an app that no operator knows leads to its own host only; a disabled one nowhere", async () => {
  const elsewhere = { initiate_login_uri: "https://evil.test/start" };
  assert.ok(await openOf(elsewhere));
  for (const created_by of ["user", "registration"] as const) {
    assert.equal(await openOf(elsewhere, { created_by }), null);
    assert.ok(await openOf({ initiate_login_uri: START }, { created_by }));
  }
});

test("only an https address can be registered", async () => {
  for (const uri of ["http://printly.test/start", "http://127.0.0.1/start", `${START}#x`, "x:y"])
    await assert.rejects(server.registerClient({ ...WEB, initiate_login_uri: uri }), {
      error: "invalid_client_metadata",
      parameter: "initiate_login_uri",
    });
});
