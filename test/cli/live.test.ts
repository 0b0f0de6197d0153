/** Commands beside a running server, which sees their changes within a second. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { decodeProtectedHeader } from "jose";
import { newClient } from "../../src/clients/new_client.ts";
import { SIGNING_ALGS } from "../../src/crypto/signing_key.ts";
import { parseClientMetadata } from "../../src/oauth/client_metadata.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { RULES } from "../support/client_rules.ts";
import { authorize, introspect, post, redeem, refresh, tokensFor } from "../support/flow.ts";
import type { TestClient } from "../support/server.ts";
import { assertRefused, PASSWORD, type Running, workplace } from "./cli.ts";

const SNAPS = "https://snaps.test/api";
const place = workplace();
let running: Running;
let web: TestClient;
let api: TestClient;
/** Texts that must never be in a log. */
const secrets: string[] = [PASSWORD];

const server = {
  get issuer() {
    return running.issuer;
  },
  fetch: (request: Request) => fetch(new Request(request, { redirect: "manual" })),
};

async function addClient(args: string[]): Promise<TestClient> {
  const { client_id, client_secret, ...metadata } = await place.json(["client", "add", ...args]);
  const parsed = parseClientMetadata(metadata, RULES);
  const { client } = newClient(parsed, { now: 0, created_by: "operator" });
  secrets.push(client_secret);
  return { client_id, client_secret, record: { ...client, client_id } };
}

before(async () => {
  place.write(
    "config.json",
    JSON.stringify({
      port: 0,
      scopes: { "photos.read": "See your photos" },
      resources: { [SNAPS]: { name: "Snaps", scopes: ["photos.read"], access_token: "opaque" } },
    }),
  );
  running = await place.start(["--config", "config.json"]);
  const add = ["user", "add", "--username", "ada", "--password-stdin"];
  await place.json(add, { input: PASSWORD });
  web = await addClient(["--name", "Printly", "--redirect-uri", "https://printly.test/callback"]);
  api = await addClient(["--name", "Snaps", "--resource", SNAPS]);
});
after(() => place.remove());

const isActive = async (token: string, by = web): Promise<boolean> =>
  (await introspect(server, by, token)).active === true;

/**
 * Waits until the server has noticed a command. It looks every half second; the limit is for a machine that is busy with
 * other tests.
 */
async function noticed(holds: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 10_000;
  for (;;) {
    const late = performance.now() > end;
    if (await holds()) return;
    if (late) throw new Error(`not noticed: ${what}`);
    await pause(50);
  }
}

const inspect = (token: string, { config = "config.json", issuer = running.issuer } = {}) => {
  const flags = ["--config", config, "--issuer", issuer];
  return place.json(["token", "inspect", "-", ...flags], { input: `${token}\n` });
};

test("added people and clients work at once, including credentials of an API", async () => {
  const { access_token, refresh_token, id_token, code } = await tokensFor(server, web, {
    parameters: { scope: "openid photos.read" },
  });
  secrets.push(access_token, refresh_token, id_token, code);
  assert.match(access_token, /^vka_/);
  assert.ok(await isActive(access_token, api));

  const [opaque, rotating, id, spent] = await Promise.all(
    [access_token, refresh_token, id_token, code].map((token) => inspect(token)),
  );
  assert.equal(opaque.kind, "access_token");
  assert.deepEqual([opaque.active, opaque.reason], [true, null]);
  assert.equal(opaque.claims.client_id, web.client_id);
  assert.equal(rotating.kind, "refresh_token");
  assert.deepEqual(
    [rotating.verified, rotating.active, rotating.standing, rotating.generation],
    [true, true, "live", 1],
  );
  assert.equal(rotating.grant.client_id, web.client_id);
  assert.equal(rotating.grant.salt, undefined);
  assert.deepEqual([id.kind, id.verified, id.active], ["jwt", true, true]);
  assert.equal(id.header.kid, id.signed_by);
  assert.deepEqual([spent.kind, spent.active, spent.standing], ["code", false, "reused"]);
  assert.match(spent.reason, /used before/);

  // Another configuration does not have the token's API, and another issuer cannot open it.
  place.write("other.json", "{}");
  const narrow = await refresh(server, web, refresh_token, { scope: "photos.read" });
  secrets.push(narrow.body.access_token);
  const unknown = await inspect(narrow.body.access_token, { config: "other.json" });
  assert.deepEqual([unknown.verified, unknown.active], [true, false]);
  assert.match(unknown.reason, /--config/);
  const closed = await inspect(access_token, { issuer: "https://other.test" });
  assert.deepEqual([closed.verified, closed.active], [false, null]);
  assert.match(closed.reason, /--issuer/);
});

test("disabling a person makes their tokens inactive within a second; enabling restores them", async () => {
  const { access_token, refresh_token } = await tokensFor(server, web);
  assert.ok(await isActive(access_token));
  await place.run(["user", "disable", "ada"]);
  await noticed(async () => !(await isActive(access_token)), "access token inactive");
  const refused = await refresh(server, web, refresh_token);
  assert.equal(refused.body.error, "invalid_grant");
  const found = await inspect(access_token);
  assert.deepEqual([found.verified, found.active, found.reason], [true, false, "person disabled"]);
  await place.run(["user", "enable", "ada"]);
  await noticed(() => isActive(access_token), "access token active again");
  assert.equal((await refresh(server, web, refresh_token)).status, 200);
});

test("disabling a client takes effect within a second; a rotated secret works at once", async () => {
  const { access_token } = await tokensFor(server, web);
  await place.run(["client", "disable", web.client_id]);
  const refused = async () =>
    (await post(server, "/introspect", { client: web, token: "x" })).status === 401;
  await noticed(refused, "client refused");
  await place.run(["client", "enable", web.client_id]);
  await noticed(() => isActive(access_token), "client accepted again");
  const { client_secret } = await place.json(["client", "rotate-secret", api.client_id, "--now"]);
  secrets.push(client_secret);
  const renewed = { ...api, client_secret };
  const answers = async (client: TestClient) =>
    (await post(server, "/introspect", { client, token: "x" })).status;
  await noticed(async () => (await answers(renewed)) === 200, "new secret works");
  assert.equal(await answers(api), 401);
  api = renewed;
});

test("rotated keys are published and sign; a retired key disappears and its tokens are refused", async () => {
  const published = async (): Promise<string[]> => {
    const text = await (await fetch(`${running.issuer}/jwks`)).text();
    return JSON.parse(text).keys.map(({ kid }: { kid: string }) => kid);
  };
  const service = await addClient(["--name", "Job"]);
  const token = async () => {
    const { body } = await post(server, "/token", {
      client: service,
      grant_type: "client_credentials",
    });
    secrets.push(body.access_token);
    return body.access_token;
  };
  const old_token = await token();
  const { kid: old_kid = "" } = decodeProtectedHeader(old_token);

  const ahead = await place.json(["keys", "rotate"]);
  assert.deepEqual(
    ahead.map(({ alg }: { alg: string }) => alg),
    SIGNING_ALGS,
  );
  assert.ok(
    ahead.every(
      (key: { signs_at: number; created_at: number }) => key.signs_at === key.created_at + 600,
    ),
  );
  await noticed(
    async () => (await published()).length === 2 * SIGNING_ALGS.length,
    "new keys published",
  );
  assert.equal(
    decodeProtectedHeader(await token()).kid,
    old_kid,
    "the new key signs after 600 s only",
  );
  assertRefused(await place.run(["keys", "rotate"]), 1, /no new key was made/);

  const [now] = await place.json(["keys", "rotate", "--now", "--alg", "ES256"]);
  await noticed(async () => decodeProtectedHeader(await token()).kid === now.kid, "new key signs");
  const states = new Map<string, string>();
  for (const { kid, state } of await place.json(["keys", "list"])) states.set(kid, state);
  assert.equal(states.get(now.kid), "signing");
  assert.equal(states.get(old_kid), "published");
  assert.equal(states.get(ahead[0].kid), "published");
  assert.ok(await isActive(old_token, service));

  await place.run(["keys", "retire", old_kid]);
  await noticed(async () => !(await published()).includes(old_kid), "retired key unpublished");
  assert.ok(!(await isActive(old_token, service)));
  const found = await inspect(old_token);
  assert.equal(found.verified, false);
  assert.match(found.reason, /no key of this database signed it/);
  // Retiring the key that signs: another one takes over at once.
  const retired = await place.json(["keys", "retire", now.kid]);
  await noticed(
    async () => decodeProtectedHeader(await token()).kid === retired.replaced_by,
    "replacement signs",
  );
  assertRefused(await place.run(["keys", "retire", now.kid]), 1, /was retired/);
  assertRefused(await place.run(["keys", "retire", "nobody"]), 1, /there is no key nobody/);
  const table = await place.run(["keys", "list"]);
  assert.match(table.stdout, /^KID +ALG +STATE +SINCE/);
});

test("a token of another issuer is decoded unverified; a text that is no token is refused", async () => {
  const header = Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"k"}').toString("base64url");
  const claims = Buffer.from('{"iss":"https://other.example","exp":1}').toString("base64url");
  const found = await inspect(`${header}.${claims}.c2ln`);
  assert.deepEqual(
    [found.verified, found.active, found.claims.iss],
    [false, null, "https://other.example"],
  );
  const none = ["--database", "sqlite:nowhere.sqlite"];
  const alone = await place.run(["token", "inspect", `${header}.${claims}.c2ln`, ...none]);
  assert.equal(alone.code, 0, alone.stderr);
  assert.match(alone.stdout, /^holds +not known: there is no database here$/m);
  assertRefused(
    await place.run(["token", "inspect", "nonsense"]),
    1,
    /no token that valetkey knows/,
  );
  const secret = await place.run(["token", "inspect", web.client_secret]);
  assertRefused(secret, 1, /this is a client secret/);
  const forged = await inspect(`vkr_${"A".repeat(80)}`);
  assert.equal(forged.verified, false);
});

test("a new password ends the sessions of the old one", async () => {
  const { browser } = await authorize(server, web);
  assert.equal((await browser.get("/account")).status, 200);
  const input = "another long passphrase";
  secrets.push(input);
  await place.run(["user", "password", "ada", "--password-stdin"], { input });
  assert.equal((await browser.get("/account")).url.pathname, "/sign-in");
  // Repeated attempts would count as guessing, so wait the full second first.
  await pause(1000);
  assert.ok(await signsIn(input));
  await place.run(["user", "password", "ada", "--password-stdin"], { input: PASSWORD });
  await pause(1000);
  assert.ok(await signsIn(PASSWORD));
});

async function signsIn(password: string): Promise<boolean> {
  const browser = testBrowser(server);
  const page = await browser.signIn(await browser.get("/account"), "ada", password);
  return page.url.pathname === "/account";
}

test("revoking a person or client takes effect within a second; new access can be given", async () => {
  const parameters = { scope: "openid offline_access photos.read" };
  const revoke = async (args: string[], { browser_lives = false } = {}) => {
    const held = await tokensFor(server, web, { parameters });
    assert.ok(await isActive(held.access_token, api));
    await place.json(args);
    await noticed(async () => !(await isActive(held.access_token, api)), args.join(" "));
    const refused = await refresh(server, web, held.refresh_token);
    assert.equal(refused.body.error, "invalid_grant");
    const page = await held.browser.get("/account");
    assert.equal(page.url.pathname, browser_lives ? "/account" : "/sign-in");
    // Tokens issued in the same second as the revocation end too.
    await pause(1000);
  };
  const asks = async (): Promise<boolean> => {
    const browser = testBrowser(server);
    const page = await browser.get(authorizationUrl(web, parameters));
    const { url } = await browser.signIn(page, "ada");
    assert.ok(url.pathname === "/consent" || url.searchParams.get("code"), url.href);
    return url.pathname === "/consent";
  };
  await revoke(["user", "revoke", "ada"]);
  assert.equal(await asks(), false, "the consent stays");
  await revoke(["user", "revoke", "ada", "--client", web.client_id], { browser_lives: true });
  await revoke(["client", "revoke", web.client_id], { browser_lives: true });
  assert.equal(await asks(), false);
  const service = await addClient(["--name", "Job"]);
  const own = () => post(server, "/token", { client: service, grant_type: "client_credentials" });
  const { body } = await own();
  await place.json(["client", "revoke", service.client_id]);
  await noticed(async () => !(await isActive(body.access_token, service)), "its own tokens");
  await pause(1000);
  assert.ok(await isActive((await own()).body.access_token, service), "new tokens are valid");
  await revoke(["user", "revoke", "ada", "--forget"]);
  assert.equal(await asks(), true);
});

test("removing a client or person ends their tokens", async () => {
  const other = await addClient(["--redirect-uri", "https://printly.test/callback"]);
  const theirs = await tokensFor(server, other);
  await place.run(["client", "remove", other.client_id]);
  const gone = async () => (await refresh(server, other, theirs.refresh_token)).status === 401;
  await noticed(gone, "client gone");
  const { access_token } = await tokensFor(server, web);
  const waiting = await authorize(server, web);
  await place.run(["user", "remove", "ada"]);
  await noticed(async () => !(await isActive(access_token)), "tokens of the person gone");
  assert.equal((await redeem(server, web, waiting.code)).body.error, "invalid_grant");
  assert.equal((await waiting.browser.get("/account")).url.pathname, "/sign-in");
});

test("after all these commands, no log line contains a secret", async () => {
  const { code, stdout, stderr } = await running.stop();
  assert.equal(code, 0);
  assert.ok(stdout.split("\n").length > 50);
  for (const secret of secrets.filter(Boolean)) {
    assert.ok(!stdout.includes(secret), `in the log: ${secret.slice(0, 8)}…`);
    assert.ok(!stderr.includes(secret));
  }
  assert.doesNotMatch(stdout, /vk[acrs]_[\w-]{20}|eyJ[\w-]{20}|"password"|client_secret=/);
});
