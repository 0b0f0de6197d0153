/** Attacks on sign-in and accounts: guessing, enumeration, takeover. */
import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseConfig } from "../../src/config.ts";
import { builtInUsers } from "../../src/people/built_in_users.ts";
import { createPerson } from "../../src/people/create_person.ts";
import type { Users } from "../../src/people/users.ts";
import { openStore } from "../../src/store/open_store.ts";
import {
  authorizationUrl,
  sessionCookie,
  type TestBrowser,
  testBrowser,
} from "../support/browser.ts";
import { authorize, introspect, redeem, refresh, tokensFor } from "../support/flow.ts";
import {
  ISSUER,
  NATIVE,
  PASSWORD,
  START,
  type TestClient,
  testServer,
  WEB,
} from "../support/server.ts";
import {
  assertNoSecrets,
  errorSent,
  formBody,
  INVALID_GRANT,
  refused,
  refusedAs,
  refusedOnPage,
} from "./assertions.ts";
import { SECRET } from "./failing_store.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

let server: WatchedServer;
let web: TestClient;
let ada: string;

before(async () => {
  server = await watchedServer({ sign_up: true, your_apps: "everyone" });
  ada = await server.addUser("ada", { claims: { name: "Ada Lovelace", email: "ada@mail.test" } });
  await server.addUser("grace");
  web = await server.addClient(WEB);
});
after(() => server.close());

/** Each browser has a network of its own, so that tests do not rate-limit one another. */
let networks = 0;
function elsewhere(): TestBrowser {
  networks += 1;
  return testBrowser(server, { address: `198.51.${networks >> 8}.${networks & 255}` });
}
async function signedIn(username = "ada", browser = elsewhere()): Promise<TestBrowser> {
  const page = await browser.signIn(await browser.get("/sign-in"), username);
  assert.equal(page.url.pathname, "/account", page.html.slice(0, 2000));
  return browser;
}
async function guess(browser: TestBrowser, username: string, password = "wrong password") {
  return browser.signIn(await browser.get("/sign-in"), username, password);
}

test("L1 an unknown name, a wrong password and a disabled account get identical answers", async () => {
  const { store } = server.server;
  await server.addUser("disabled");
  const account = await store.findAccountByLogin("disabled");
  assert.ok(account);
  await store.updateAccount({ ...account, disabled_at: START }, ["disabled"]);
  const tries: [string, string][] = [
    ["ada", "wrong password"],
    ["nobody", "wrong password"],
    ["nobody", PASSWORD],
    ["disabled", PASSWORD],
    ["disabled", "wrong password"],
    ["ada@mail.test", PASSWORD],
    ["\u200bada", PASSWORD],
    ["a@b@c", "x"],
  ];
  const seen = new Set<string>();
  for (const [username, password] of tries) {
    const browser = elsewhere();
    const page = await browser.get("/sign-in");
    const body = formBody(page.html, "/sign-in", { username, password });
    const response = await refused(server, () =>
      browser.request("/sign-in", { method: "POST", body }),
    );
    const token = body.get("csrf") ?? "";
    // What differs in each answer: the token of the form, the values of fields, the challenge for passkeys.
    const html = (await response.text())
      .replaceAll(token, "CSRF")
      .replaceAll(/value="[^"]*"/g, "")
      .replace(/(challenge&quot;:&quot;)[\w-]{43}/, "$1");
    seen.add(JSON.stringify([response.status, [...response.headers].sort(), html]));
  }
  assert.equal(seen.size, 1);
  assert.ok(
    !JSON.stringify(server.lines).includes("nobody"),
    "people type passwords into the name field",
  );
});

test("L1 an unknown account is rate-limited like an existing one", async () => {
  for (const username of ["ada", "no-such-person"]) {
    const browser = elsewhere();
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push((await guess(browser, username)).status);
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429], username);
  }
});

test("L1 sign-up is off by default", async () => {
  const plain = await watchedServer();
  await refusedOnPage(plain, "/sign-up");
  const fields = { username: "eve", password: "a long enough password" };
  const init = { method: "POST", body: new URLSearchParams(fields) };
  await refusedOnPage(plain, "/sign-up", { init });
  assert.equal(plain.count("account"), 0);
  await plain.close();
});

test("L2 all spellings of an account name share one rate limit", async () => {
  const browser = elsewhere();
  const names = ["ada", "ADA", " ada ", "Ａｄａ", "aDa"];
  for (const name of names) assert.equal((await guess(browser, name)).status, 401, name);
  for (const name of [...names, "ada\t", "ａｄａ", "ADa"]) {
    const { status, headers } = await guess(browser, name, PASSWORD);
    assert.equal(status, 429, name);
    assert.match(headers.get("retry-after") ?? "", /^[12]$/);
  }
  assert.equal((await guess(browser, "grace", PASSWORD)).url.pathname, "/account");
});

test("L2 addresses of one network share a rate limit: IPv6 by /64, mapped IPv4 as IPv4", async () => {
  const at = (address: string) => testBrowser(server, { address });
  const addresses = [
    "2001:db8:1:2::1",
    "2001:db8:1:2::2",
    "2001:DB8:1:2:ffff::3",
    "2001:db8:1:2:a:b:c:d",
    "2001:db8:1:2::",
  ];
  for (const address of addresses) assert.equal((await guess(at(address), "ada")).status, 401);
  assert.equal((await guess(at("2001:db8:1:2:9::9"), "ada")).status, 429);
  assert.equal(
    (await guess(at("2001:db8:1:3::1"), "ada")).status,
    401,
    "the next network has its own limit",
  );
  for (let i = 0; i < 5; i += 1) await guess(at("192.0.2.77"), "ada");
  assert.equal((await guess(at("192.0.2.77"), "ada")).status, 429);
  assert.equal(
    (await guess(at("::ffff:192.0.2.77"), "ada")).status,
    429,
    "the same address, written as IPv6",
  );
  assert.equal((await guess(at("192.0.2.78"), "ada")).status, 401);
});

test("L2 forwarded addresses are ignored unless a trusted proxy sent them", async () => {
  const browser = elsewhere();
  const page = await browser.get("/sign-in");
  const statuses: number[] = [];
  for (let i = 0; i < 6; i += 1) {
    const headers = {
      "x-forwarded-for": `10.0.0.${i}`,
      forwarded: `for=10.0.0.${i}`,
      "x-real-ip": `10.0.0.${i}`,
    };
    const body = formBody(page.html, "/sign-in", { username: "ada", password: "wrong" });
    statuses.push((await browser.request("/sign-in", { method: "POST", headers, body })).status);
  }
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
});

test("L3 guessing at many accounts limits the network, except browsers that signed in to the account before", async () => {
  const few = await watchedServer({ sign_in_limits: { account: 5, address: 10, window: 900 } });
  const sub = await few.addUser("ada");
  await few.addUser("grace");
  const address = "203.0.113.50";
  const home = testBrowser(few, { address });
  await home.signIn(await home.get("/sign-in"), "ada");
  await home.submit(await home.get("/sign-out"), {}, "/sign-out");
  const attacker = testBrowser(few, { address });
  const page = await attacker.get("/sign-in");
  for (let i = 0; i < 10; i += 1)
    assert.equal((await attacker.signIn(page, `guess-${i}`, "wrong password")).status, 401);
  assert.equal((await attacker.signIn(page, "guess-10", "wrong password")).status, 429);
  assert.equal(
    (await attacker.signIn(page, "ada")).status,
    429,
    "the right password is refused too",
  );
  const made_up = JSON.stringify([sub]);
  for (const cookie of [made_up, encodeURIComponent(made_up), btoa(made_up).replace(/=*$/, "")]) {
    attacker.cookies.set("__Host-valetkey_known", cookie);
    assert.equal(
      (await attacker.signIn(page, "ada")).status,
      429,
      "a forged cookie does not make the browser known",
    );
  }
  const back = await home.signIn(await home.get("/sign-in"), "ada");
  assert.equal(back.url.pathname, "/account", "this browser is known for ada");
  const other = await home.signIn(await home.get("/sign-in"), "grace");
  assert.equal(other.status, 429, "and for no other account");
  await few.close();
});

test("L4 guesses from one network lock out neither open sessions nor sign-ins from other networks", async () => {
  const browser = await signedIn();
  const attacker = elsewhere();
  for (let i = 0; i < 30; i += 1) await guess(attacker, "ada");
  assert.equal((await browser.get("/account")).url.pathname, "/account");
  await signedIn("ada");
  assert.equal((await guess(attacker, "ada", PASSWORD)).status, 429);
  server.advance(2);
  const waited = await guess(attacker, "ada", PASSWORD);
  assert.equal(waited.url.pathname, "/account", "the right password works after the wait");
});

test("L4 the wait doubles up to a minute, is not extended by further tries, and ends", async () => {
  const browser = elsewhere();
  for (let i = 0; i < 5; i += 1) await guess(browser, "ada");
  const waits: number[] = [];
  for (let i = 0; i < 7; i += 1) {
    const first = Number((await guess(browser, "ada")).headers.get("retry-after"));
    const again = Number((await guess(browser, "ada")).headers.get("retry-after"));
    assert.equal(again, first);
    waits.push(first);
    server.advance(first);
    assert.equal((await guess(browser, "ada")).status, 401);
  }
  assert.deepEqual(waits, [2, 4, 8, 16, 32, 60, 60]);
  server.advance(900);
  assert.equal((await guess(browser, "ada")).status, 401);
  assert.equal((await guess(browser, "ada", PASSWORD)).url.pathname, "/account");
});

/** Built-in users whose password checks are counted and take a while. */
async function countingServer() {
  const { database, lifetimes } = parseConfig({ database: "sqlite::memory:" });
  const { store } = openStore({ database, lifetimes }, { secret: SECRET });
  // As if the app kept them, so that the server calls its functions.
  const { in_store: _, ...users } = builtInUsers(store, () => START * 1000);
  const checked: (string | null)[] = [];
  const counting = {
    ...users,
    async verifyPassword(person: Awaited<ReturnType<typeof users.find>>, password: string) {
      checked.push(person?.sub ?? null);
      await sleep(5);
      return password === PASSWORD && person !== null;
    },
  };
  const made = await testServer({ users: counting }, { store, secret: SECRET });
  return { made, checked };
}

test("L5 of two hundred concurrent wrong passwords for one account, at most five are checked", async () => {
  const { made, checked } = await countingServer();
  const sub = await made.addUser("ada");
  const browser = testBrowser(made, { address: "203.0.113.9" });
  const page = await browser.get("/sign-in");
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      browser.signIn(page, i % 2 ? "ada" : "ADA", `wrong ${i}`),
    ),
  );
  assert.ok(checked.length <= 5 && checked.length > 0, `${checked.length}`);
  assert.ok(checked.every((each) => each === sub));
  assert.equal(answers.filter(({ status }) => status === 429).length, 200 - checked.length);
  const before = checked.length;
  const mixed = await Promise.all(
    Array.from({ length: 200 }, (_, i) => browser.signIn(page, "ada", i === 150 ? PASSWORD : "no")),
  );
  assert.ok(mixed.every(({ status }) => status === 429));
  assert.equal(checked.length, before, "no password is checked during the wait");
  await made.close();
});

test("L5 of concurrent guesses at many accounts from one network, at most a hundred are checked", async () => {
  const { made, checked } = await countingServer();
  const browser = testBrowser(made, { address: "203.0.113.9" });
  const page = await browser.get("/sign-in");
  await Promise.all(
    Array.from({ length: 300 }, (_, i) => browser.signIn(page, `guess-${i}`, "wrong")),
  );
  assert.ok(checked.length <= 100, `${checked.length}`);
  await made.close();
});

test("L7 excess concurrent sign-ins get 503 while other requests are answered", async () => {
  const count = availableParallelism() + 115;
  const before = server.lines.length;
  const pages = await elsewhere().get("/sign-in");
  assert.equal(pages.status, 200);
  const started = performance.now();
  let done = 0;
  const logins = Array.from({ length: count }, async (_, i) => {
    const browser = elsewhere();
    const answer = await guess(browser, `somebody-${i}`);
    done += 1;
    return answer;
  });
  await sleep(50);
  const jwks = await server.fetch(new Request(`${ISSUER}/jwks`));
  assert.equal(jwks.status, 200);
  assert.ok(done < count, "the request did not wait for the password checks");
  const answers = await Promise.all(logins);
  const busy = answers.filter(({ status }) => status === 503);
  assert.ok(busy.length > 0, `${count} logins in ${performance.now() - started} ms`);
  for (const { headers, html } of busy) {
    assert.match(headers.get("retry-after") ?? "", /^\d+$/);
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.doesNotMatch(html, /at .*\.ts/);
  }
  assert.ok(answers.every(({ status }) => status === 401 || status === 503));
  assertNoSecrets(server.lines.slice(before));
});

test("L7 an overlong password is refused before hashing, and no password is truncated", async () => {
  const browser = elsewhere();
  const page = await browser.get("/sign-in");
  const post = (password: string) => ({
    browser,
    init: { method: "POST", body: formBody(page.html, "/sign-in", { username: "ada", password }) },
  });
  for (const password of ["x".repeat(1025), "x".repeat(60_000), "é".repeat(1025)])
    assert.equal((await refusedOnPage(server, "/sign-in", post(password))).status, 400);
  const huge = await browser.request("/sign-in", {
    method: "POST",
    body: new URLSearchParams({ password: "x".repeat(1_000_000) }),
  });
  assert.equal(huge.status, 413);

  const { store } = server.server;
  assert.ok(server.server.users.create);
  const base = { is_admin: false, only_as_first: false };
  for (const [i, password] of [
    "a".repeat(80),
    "長い合言葉".repeat(200),
    "a\u0000b-and-more",
    "x".repeat(1024),
  ].entries()) {
    const username = `long-${i}`;
    await server.server.users.create({ username, password, ...base });
    assert.ok(await store.findAccountByLogin(username));
    for (const each of [password.slice(0, -1), `${password.slice(0, -1)}?`]) {
      const { status } = await guess(elsewhere(), username, each);
      assert.equal(status, 401, `${username}: ${each.length}`);
    }
    const right = await guess(elsewhere(), username, password);
    assert.equal(right.url.pathname, "/account", username);
  }
});

test("L7 odd input at sign-in is refused without a server error or a new row", async () => {
  const odd = [
    "\u0000",
    "\ud800",
    "%00",
    "' OR 1=1 --",
    "\r\nX: y",
    "{{7*7}}",
    "🦑".repeat(50),
    "a".repeat(256),
    "\u202e",
  ];
  for (const text of odd) {
    const browser = elsewhere();
    const page = await browser.get("/sign-in");
    const body = formBody(page.html, "/sign-in", { username: text, password: text });
    const answer = await refused(server, () =>
      browser.request("/sign-in", { method: "POST", body }),
    );
    assert.equal(answer.status, 401, JSON.stringify(text));
  }
  const long = await elsewhere().get("/sign-in");
  for (const fields of [{ username: "", password: "x" }, { username: "ada", password: "" }, {}]) {
    const body = formBody(long.html, "/sign-in", fields);
    const browser = elsewhere();
    const own = await browser.get("/sign-in");
    body.set("csrf", formBody(own.html, "/sign-in").get("csrf") ?? "");
    assert.equal((await browser.request("/sign-in", { method: "POST", body })).status, 400);
  }
});

async function signUp(username: string, more: Record<string, string> = {}, browser = elsewhere()) {
  const page = await browser.get("/sign-up");
  const fields = { username, password: "a long enough password", ...more };
  return browser.submit(page, fields, "/sign-up");
}

test("L11 names that fold to an existing name are refused at sign-up", async () => {
  assert.equal((await signUp("Straße")).url.pathname, "/account");
  const first = await signUp("josé.müller");
  assert.equal(first.url.pathname, "/account");
  const accounts = server.count("account");
  const taken = [
    "ada",
    "ADA",
    "Ａｄａ",
    "ａｄａ",
    "STRASSE",
    "ſtraße",
    "jose\u0301.mu\u0308ller",
    "JOSÉ.MÜLLER",
    "ｊosé.müller",
    "GRACE",
    "grace\u00a0",
    "ada\ufeff",
  ];
  for (const username of taken) assert.equal((await signUp(username)).status, 409, username);
  const never = [
    "a@b@c",
    "ada\u200b",
    "a\u00adda",
    "a\u202eda",
    "ada\u0000",
    "a da",
    "a\tda",
    "a\ufeffda",
    "\u3164",
    "a\u2028b",
    "<b>",
    "a/b",
    "a".repeat(65),
    "",
    "💥",
  ];
  for (const username of never) {
    const { status, url } = await signUp(username);
    assert.equal(status, 400, JSON.stringify(username));
    assert.equal(url.pathname, "/sign-up");
  }
  assert.equal(server.count("account"), accounts);
  // Names that differ only in letters that fold together are one account.
  assert.equal((await signUp("ıſla")).url.pathname, "/account");
  assert.equal((await signUp("isla")).status, 409);
});

test("L11 an unverified e-mail address neither signs in nor blocks its owner", async () => {
  const answer = await signUp("mallory", { email: "grace@mail.test" });
  assert.equal(answer.url.pathname, "/account");
  const login = await guess(elsewhere(), "grace@mail.test", "a long enough password");
  assert.equal(login.status, 401);
  const account = await server.server.store.findAccountByLogin("mallory");
  assert.deepEqual(account?.claims, { email: "grace@mail.test", email_verified: false });
  for (const extra of [
    { is_admin: "1" },
    { sub: ada },
    { email_verified: "true" },
    { login_email: "x@y.z" },
  ])
    await signUp(`extra-${Object.keys(extra)[0]}`, extra);
  for (const { username, is_admin, sub, claims } of await server.server.store.listAccounts({
    limit: 1000,
  }))
    if (username.startsWith("extra-"))
      assert.deepEqual([is_admin, sub === ada, claims], [false, false, {}]);
});

test("L6 an e-mail address cannot be a username; it stays free for its owner", async () => {
  for (const username of ["ceo@corp.test", "CEO＠corp.test", "ceo﹫corp.test"])
    for (const more of [{}, { email: "ceo@corp.test" }])
      assert.equal((await signUp(username, more)).status, 400, username);
  const by = { kind: "operator", id: null, via: "command" } as const;
  const input = { username: "ceo", email: "ceo@corp.test", email_verified: true };
  const rest = { password: PASSWORD, is_admin: false, only_as_first: false };
  assert.notEqual(await createPerson({ ...input, ...rest }, by, server.server), "taken");
  assert.equal((await guess(elsewhere(), "ceo@corp.test", PASSWORD)).url.pathname, "/account");
});

test("L11 concurrent sign-ups under one name create one account", async () => {
  const before = server.count("account");
  const names = ["Zoë", "zoë", "ZOË", "zoe\u0308", "Ｚoë"];
  const answers = await Promise.all(names.map((name) => signUp(name)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  assert.equal(answers.filter(({ status }) => status === 409).length, 4);
  assert.equal(server.count("account"), before + 1);
});

test("L11 sign-ups from one network are limited", async () => {
  const browser = elsewhere();
  const statuses = new Map<number, number>();
  const before = server.count("account");
  const page = await browser.get("/sign-up");
  for (let i = 0; i < 24; i += 1) {
    // A taken name counts too; otherwise names could be probed without limit.
    const username = i % 6 === 0 ? `flood-${i}` : "ada";
    const fields = { username, password: "a long enough password" };
    const { status } = await browser.submit(page, fields, "/sign-up");
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  assert.ok(server.count("account") - before <= 4);
  assert.ok((statuses.get(429) ?? 0) >= 3, JSON.stringify([...statuses]));
});

test("L11 common and short passwords are refused", async () => {
  for (const password of [
    "short",
    "123456789",
    "1234567890",
    "password123",
    "qwertyuiop",
    "🦑".repeat(9),
  ]) {
    const { status } = await signUp("weak", { password });
    assert.equal(status, 400, password);
  }
});

test("L12 the setup link creates one administrator, even when used ten times at once", async () => {
  const empty = await watchedServer();
  const link = await empty.setupLink();
  assert.ok(link);
  const browsers = Array.from({ length: 10 }, () => testBrowser(empty));
  const pages = await Promise.all(browsers.map((browser) => browser.get(link)));
  const answers = await Promise.all(
    browsers.map(async (browser, i) => {
      const page = pages[i];
      assert.ok(page);
      const fields = { username: `admin-${i}`, password: "a long enough password" };
      return browser.submit(page, fields, "/setup");
    }),
  );
  assert.equal(answers.filter(({ url }) => url.pathname === "/account/apps").length, 1);
  assert.equal(empty.count("account"), 1);
  assert.equal((await testBrowser(empty).get(link)).status, 410);
  assert.equal(await empty.setupLink(), null);
  await empty.close();
});

test("L12 a forged, altered, expired or foreign setup link creates no administrator", async () => {
  const empty = await watchedServer();
  const link = new URL((await empty.setupLink()) ?? "").searchParams.get("link") ?? "";
  await empty.addClient(WEB, { client_id: "app" });
  const pending = (await testBrowser(empty).get(authorizationUrl({ client_id: "app" }))).url;
  const other = pending.searchParams.get("continue") ?? "";
  for (const text of [
    "",
    "x",
    link.slice(1),
    `${link}A`,
    link.toLowerCase(),
    other,
    "A".repeat(200),
  ])
    await refusedOnPage(empty, `/setup?${new URLSearchParams({ link: text })}`);
  empty.advance(86_400);
  await refusedOnPage(empty, `/setup?${new URLSearchParams({ link })}`);
  await empty.close();
});

test("L14 a person disabled during a flow gets no tokens and keeps no session", async () => {
  const { store } = server.server;
  const sub = await server.addUser("linus");
  const native = await server.addClient({ ...NATIVE, redirect_uris: WEB.redirect_uris });
  const browser = elsewhere();
  const scope = "openid offline_access photos.read";
  const tokens = await tokensFor(server, web, {
    username: "linus",
    browser,
    parameters: { scope },
  });
  const rotated = await tokensFor(server, native, { username: "linus", browser });
  const { code } = await authorize(server, web, { username: "linus", browser });
  const waiting = await browser.get(authorizationUrl(web, { scope: `${scope} notes.read` }));
  assert.equal(waiting.url.pathname, "/consent");
  const account = await store.findAccount(sub);
  assert.ok(account);
  await store.updateAccount({ ...account, disabled_at: server.now() }, ["linus"]);

  await refusedAs(server, () => redeem(server, web, code), INVALID_GRANT);
  await refusedAs(server, () => refresh(server, web, tokens.refresh_token), INVALID_GRANT);
  await refusedAs(server, () => refresh(server, native, rotated.refresh_token), INVALID_GRANT);
  for (const token of [tokens.access_token, tokens.refresh_token])
    assert.deepEqual(await introspect(server, web, token), { active: false });
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const userinfo = await server.fetch(new Request(`${ISSUER}/userinfo`, { headers }));
  assert.equal(userinfo.status, 401);
  assert.equal((await browser.get("/account")).url.pathname, "/sign-in");
  await errorSent(server, authorizationUrl(web, { prompt: "none" }), "login_required", { browser });
  const answered = await browser.submit(waiting, { decision: "allow" }, "/consent");
  assert.equal(answered.url.pathname, "/sign-in");
  assert.equal((await guess(elsewhere(), "linus", PASSWORD)).status, 401);

  await store.updateAccount(account, ["linus"]);
  assert.equal(
    (await refresh(server, web, tokens.refresh_token)).status,
    200,
    "the refresh token was not revoked",
  );
  await store.removeAccount(sub, server.now());
  await refusedAs(server, () => refresh(server, web, tokens.refresh_token), INVALID_GRANT);
  const again = await server.addUser("linus");
  assert.notEqual(again, sub);
  await refusedAs(server, () => refresh(server, web, tokens.refresh_token), INVALID_GRANT);
  assert.equal((await browser.get("/account")).url.pathname, "/sign-in");
});

test("L14 disabling a person in another process takes effect within a second", async () => {
  const sub = await server.addUser("edsger");
  const { access_token, browser } = await tokensFor(server, web, {
    username: "edsger",
    browser: elsewhere(),
  });
  assert.equal((await introspect(server, web, access_token)).active, true);
  const command = await testServer({ database: `sqlite:${server.path}` });
  const account = await command.server.store.findAccount(sub);
  assert.ok(account);
  await command.server.store.updateAccount({ ...account, disabled_at: server.now() }, ["edsger"]);
  await command.close();
  await sleep(1000);
  assert.deepEqual(await introspect(server, web, access_token), { active: false });
  assert.equal((await browser.get("/account")).url.pathname, "/sign-in");
});

test("changing the password ends other sessions; wrong guesses count as at sign-in", async () => {
  await server.addUser("barbara");
  const browser = await signedIn("barbara");
  const phone = await signedIn("barbara");
  const change = async (current_password: string, new_password: string) =>
    browser.submit(
      await browser.get("/account/security"),
      { intent: "change_password", current_password, new_password },
      "/account/security",
    );
  const statuses: number[] = [];
  for (let i = 0; i < 6; i += 1)
    statuses.push((await change("wrong password", "another long one")).status);
  assert.deepEqual(statuses, [400, 400, 400, 400, 400, 429]);
  server.advance(2);
  assert.equal((await change(PASSWORD, "short")).status, 400);
  const before = sessionCookie(browser).value;
  assert.match((await change(PASSWORD, "another long one")).html, /Your password is changed/);
  assert.notEqual(sessionCookie(browser).value, before, "the session cookie is new");
  assert.equal((await phone.get("/account")).url.pathname, "/sign-in");
  assert.equal((await guess(elsewhere(), "barbara", PASSWORD)).status, 401);
  assert.equal((await guess(elsewhere(), "barbara", "another long one")).url.pathname, "/account");
  assertNoSecrets(server.lines, ["another long one"]);
});

/** A server whose only person, Ida, is kept by the app, and a function that changes her password in her browser. */
async function idaElsewhere(given: Partial<Users> = {}) {
  const ida = { sub: "ida", username: "ida", claims: {}, is_admin: false, disabled: false };
  const kept = { password: PASSWORD };
  const users: Users = {
    find: async (sub) => (sub === ida.sub ? ida : null),
    findByLogin: async (login) => (login === ida.username ? ida : null),
    verifyPassword: async (person, typed) => person !== null && typed === kept.password,
    async changePassword(_, wanted) {
      kept.password = wanted;
      return true;
    },
    ...given,
  };
  const own = await testServer({ users });
  const browser = testBrowser(own);
  await browser.signIn(await browser.get("/sign-in"), "ida");
  const change = async (current_password: string) =>
    browser.submit(
      await browser.get("/account/security"),
      { intent: "change_password", current_password, new_password: "another long one" },
      "/account/security",
    );
  return { own, kept, change };
}

test("changing the password replaces the old one for people that the app keeps", async () => {
  const { own, kept, change } = await idaElsewhere();
  assert.equal((await change("wrong password")).status, 400);
  assert.equal(kept.password, PASSWORD);
  assert.match((await change(PASSWORD)).html, /Your password is changed/);
  assert.equal(kept.password, "another long one");
  await own.close();
});

test("a password that the app replaces right after a person's change leaves no session", async () => {
  let mark = "old";
  const { own, change } = await idaElsewhere({
    async changePassword() {
      mark = "hers";
      return true;
    },
    async passwordMark() {
      const now = mark;
      if (now === "hers") mark = "the app's";
      return now;
    },
  });
  assert.equal((await change(PASSWORD)).url.pathname, "/sign-in");
  assert.deepEqual(await own.server.store.listSessions("ida", { limit: 10 }), []);
  await own.close();
});

test("changing the password keeps the apps' access unless the person chooses to end it", async () => {
  await server.addUser("frances");
  const browser = elsewhere();
  const native = await server.addClient({ ...NATIVE, redirect_uris: WEB.redirect_uris });
  const parameters = { scope: "openid offline_access photos.read" };
  const given = { username: "frances", browser, parameters };
  const held = await tokensFor(server, native, given);
  const change = async (from: string, to: string, more: Record<string, string> = {}) => {
    const page = await browser.get("/account/security");
    assert.match(page.html, /name="revoke" value="yes"/);
    const fields = { current_password: from, new_password: to, ...more };
    const form = { action: "/account/security", having: { intent: "change_password" } };
    return (await browser.submit(page, fields, form)).html;
  };
  assert.match(await change(PASSWORD, "another long one"), /browsers are signed out\./);
  const { body } = await refresh(server, native, held.refresh_token);
  assert.ok(body.access_token, "apps keep their access");
  const revoke = { revoke: "yes" };
  const all = await change("another long one", "yet another long one", revoke);
  assert.match(all, /browsers are signed out, and the access of all apps has ended/);
  await refusedAs(server, () => refresh(server, native, body.refresh_token), INVALID_GRANT);
  assert.equal((await introspect(server, web, body.access_token)).active, false);
  server.advance(1);
  assert.equal(
    (await browser.get("/account")).url.pathname,
    "/account",
    "this browser stays signed in",
  );
  assert.ok(await server.server.store.findConsent(await subOf("frances"), native.client_id));
  const silent = await browser.get(authorizationUrl(native, parameters));
  assert.ok(silent.url.searchParams.get("code"), "the consent stays");
});

const subOf = async (username: string): Promise<string> =>
  (await server.server.store.findAccountByLogin(username))?.sub ?? assert.fail(username);

/** The fields of every form on the account pages of this browser: `csrf` and `account`. */
async function ownFields(browser: TestBrowser): Promise<Record<string, string>> {
  return Object.fromEntries(formBody((await browser.get("/sign-out")).html, "/sign-out"));
}

test("M4 removing a connection that never existed writes nothing, however long its id", async () => {
  const browser = await signedIn("ada");
  const own = await ownFields(browser);
  const before = server.snapshot();
  for (const client_id of ["nobody", "x".repeat(60_000), web.client_id]) {
    const body = new URLSearchParams({ ...own, intent: "remove", client_id });
    const answer = await browser.request("/account", { method: "POST", body });
    assert.equal(answer.status, 303);
    assert.ok((answer.headers.get("location") ?? "").length < 1000);
  }
  assert.deepEqual(server.snapshot(), before);
});

test("M4 one person's changes are limited per minute", async () => {
  await server.addUser("flood");
  await server.addUser("other");
  const browser = await signedIn("flood");
  const newForm = (from: TestBrowser) => from.get("/account/apps?view=register");
  const app = { name: "App", site: "", redirect_uris: "https://app.test/cb", kind: "web" };
  const save = async (from: TestBrowser, name: string) =>
    from.submit(
      await newForm(from),
      { ...app, name },
      { action: "/account/apps", having: { intent: "register" } },
    );
  const before = server.count("client");
  let statuses: number[] = [];
  for (let i = 0; i < 70; i += 1) statuses.push((await save(browser, `App ${i}`)).status);
  assert.equal(statuses.filter((status) => status === 201).length, 60);
  const last = await save(browser, "One more");
  assert.equal(last.status, 429);
  assert.match(last.headers.get("retry-after") ?? "", /^\d+$/);
  assert.equal(server.count("client"), before + 60);
  const neighbour = await signedIn("other");
  assert.equal((await save(neighbour, "Mine")).status, 201, "other people are not limited");
  assert.equal((await browser.get("/account")).status, 200, "reading is not limited");
  server.advance(61);
  statuses = [(await save(browser, "Later")).status];
  assert.deepEqual(statuses, [201]);
});

test("H17 a person cannot reach sessions, apps or consents of others", async () => {
  const grace = await signedIn("grace");
  const browser = await signedIn("ada");
  const { store } = server.server;
  const owner = await store.findAccountByLogin("grace");
  const [session] = await store.listSessions(owner?.sub ?? "", { limit: 200 });
  const registered = await grace.submit(
    await grace.get("/account/apps?view=register"),
    { name: "Grace's app", redirect_uris: "https://grace.test/cb", kind: "web" },
    "/account/apps",
  );
  assert.equal(registered.status, 201);
  const [app] = await store.listClients({ owner_sub: owner?.sub ?? "", limit: 1000 });
  assert.ok(session && app);
  await tokensFor(server, web, { username: "grace", browser: grace });
  const own = await ownFields(browser);
  const send = (path: string, fields: Record<string, string>): Promise<Response> =>
    browser.request(path, { method: "POST", body: new URLSearchParams({ ...own, ...fields }) });

  const before = server.snapshot();
  await send("/account/security", { intent: "end_session", session: session.session_id });
  for (const intent of ["update", "new_secret", "remove"])
    for (const id of [app.client_id, web.client_id, "nobody"]) {
      const fields: Record<string, string> = {
        intent,
        app: id,
        name: "Mine",
        redirect_uris: "https://evil.test/cb",
      };
      assert.equal((await send("/account/apps", fields)).status, 404);
    }
  for (const view of ["", "remove", "register", "edit"])
    for (const id of [app.client_id, web.client_id])
      assert.equal((await browser.get(`/account/apps?app=${id}&view=${view}`)).status, 404);
  assert.deepEqual(server.snapshot(), before);
  await send("/account", { intent: "remove", client_id: web.client_id });
  assert.ok(
    await store.findConsent(owner?.sub ?? "", web.client_id),
    "the other person's consent stays",
  );
});

test("H17 only administrators may register apps unless the operator opens it to everyone", async () => {
  const closed = await watchedServer();
  await closed.addUser("ada");
  await closed.addUser("root", { is_admin: true });
  const browser = testBrowser(closed);
  await browser.signIn(await browser.get("/sign-in"), "ada");
  await refusedOnPage(closed, "/account/apps", { browser });
  await refusedOnPage(closed, "/account/apps?view=register", { browser });
  const own = await ownFields(browser);
  const fields = { ...own, intent: "register", name: "x", redirect_uris: "https://evil.test/cb" };
  const init = { method: "POST", body: new URLSearchParams(fields) };
  const { status } = await refusedOnPage(closed, "/account/apps", { browser, init });
  assert.equal(status, 403);
  const admin = testBrowser(closed);
  const page = await admin.signIn(await admin.get("/sign-in?to=/account/apps"), "root");
  assert.equal(page.status, 200);
  await closed.close();
});

test("H17 an app that a person registers gets no operator-only settings", async () => {
  const browser = await signedIn("ada");
  const page = await browser.get("/account/apps?view=register");
  const fields = {
    name: "Sly",
    redirect_uris: "https://sly.test/cb",
    kind: "web",
    trusted: "true",
    created_by: "operator",
    grant_types: "client_credentials",
    scope: "photos.read photos.write",
    resource: "https://snaps.test/api",
    require_pkce: "false",
    client_id: "client-1",
    owner_sub: "x",
    logo_uri: "https://evil.test/x.png",
  };
  assert.equal((await browser.submit(page, fields, "/account/apps")).status, 201);
  const sly = (await server.server.store.listClients({ owner_sub: ada, limit: 1000 })).find(
    ({ metadata }) => metadata.client_name === "Sly",
  );
  assert.ok(sly);
  const { created_by, trusted, resource, require_pkce, metadata } = sly;
  assert.deepEqual([created_by, trusted, resource, require_pkce], ["user", false, null, true]);
  assert.deepEqual(metadata.grant_types, ["authorization_code", "refresh_token"]);
  assert.equal(metadata.scope, undefined);
  assert.equal(metadata.logo_uri, undefined);
  const path = authorizationUrl(sly, { redirect_uri: "https://sly.test/cb", scope: "photos.read" });
  await errorSent(server, path, "invalid_scope", { redirect_uri: "https://sly.test/cb", browser });
  for (const site of [
    "javascript:alert(1)",
    "data:text/html,x",
    "http://sly.test",
    "//sly.test",
    "x",
  ]) {
    const answer = await browser.submit(page, { ...fields, site }, "/account/apps");
    assert.equal(answer.status, 400, site);
  }
});
