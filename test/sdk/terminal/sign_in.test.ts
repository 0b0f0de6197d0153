/** `signIn` at Valetkey: each way, switching between them, and what others may try meanwhile. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { test } from "node:test";
import { openSession, signIn } from "../../../src/sdk/client/terminal/terminal.ts";
import { demoBrowser } from "../../support/demo_browser.ts";
import { failure } from "../failure.ts";
import { ADDRESS, endsAt, isClosed } from "./address.ts";
import { APP, AT_A_DESK, CLIENT, environment, fileOf, folderOf, OVER_SSH, until } from "./scene.ts";
import { scene, signedIn } from "./signing.ts";

const CALLBACK = "http://127.0.0.1";

async function appears(path: string): Promise<string> {
  await until(() => existsSync(path), `${path} does not appear`);
  return readFileSync(path, "utf8");
}

test("loopback: the browser opens, comes back, and its page tells the truth", async (t) => {
  const { home, issuer, ui, options, opened } = await scene(t, AT_A_DESK);
  const signing = signIn(options);
  const [, address = ""] = await ui.sees(ADDRESS);
  assert.equal(await appears(opened), address);
  const { searchParams } = new URL(address);
  assert.deepEqual(
    [searchParams.get("scope"), searchParams.get("prompt")],
    ["openid profile email offline_access", "consent"],
  );
  const page = await demoBrowser().get(address);
  assert.equal(page.status, 200);
  assert.match(page.text, /Signed in to snaps You are ada@example\.com\. You can close this page/);
  const session = await signing;
  assert.deepEqual([session.account, session.user?.name], ["ada@example.com", "Ada Lovelace"]);
  await ui.sees(/^Signed in to snaps as ada@example\.com\.$/m);
  assert.ok(!ui.isAsked() && (await isClosed(address)));
  assert.equal((await session.fetch(`${issuer.issuer}/userinfo`)).status, 200);
  // The next command: no question, and no request while the token is good.
  const before = issuer.requests.length;
  const again = await signIn({ ...options, interactive: "never" });
  assert.equal(await again.token(), await session.token());
  assert.equal(issuer.requests.length, before);
  assert.deepEqual(readdirSync(folderOf(home)), ["sessions.json"]);
});

test("a launcher that reports success and opens nothing, and one that fails, cost nothing", async (t) => {
  for (const launcher of ["exit 0", "exit 1", "echo noise; echo noise >&2; sleep 30"]) {
    const { ui, options } = await scene(t, AT_A_DESK, { launcher });
    const signing = signIn(options);
    const [, address = ""] = await ui.sees(ADDRESS);
    await demoBrowser().get(address);
    assert.equal((await signing).account, "ada@example.com");
  }
});

test("what is not the callback of this sign-in is refused, and waiting goes on", async (t) => {
  const { ui, options } = await scene(t, AT_A_DESK);
  const signing = signIn(options);
  const [, address = ""] = await ui.sees(ADDRESS);
  const query = new URL(address).searchParams;
  const callback = query.get("redirect_uri") ?? "";
  const state = query.get("state") ?? "";
  const { port } = new URL(callback);
  const ask = (
    path: string,
    init: { method?: string; host?: string; at?: string } = {},
  ): Promise<number> =>
    new Promise((resolve, reject) => {
      const { method = "GET", host = `127.0.0.1:${port}`, at = "127.0.0.1" } = init;
      const asked = request({ host: at, port, path, method, headers: { host } });
      asked.on("response", (response) => resolve(response.resume().statusCode ?? 0));
      asked.on("error", reject).end();
    });
  const good = `/callback?state=${state}&code=x`;
  assert.equal(await ask("/favicon.ico"), 404);
  assert.equal(await ask(good, { host: `evil.test:${port}` }), 421);
  assert.equal(await ask(good, { host: `localhost:${port}` }), 421);
  assert.equal(await ask(`http://evil.test${good}`), 421);
  assert.equal(await ask(good, { method: "POST" }), 405);
  assert.equal(await ask("/callback?state=another&code=x"), 400);
  assert.equal(await ask("/callback?error=access_denied"), 400);
  assert.equal(await ask("/callback"), 400);
  await assert.rejects(ask("/callback", { at: "127.0.0.2" }), /ECONNREFUSED|EADDRNOTAVAIL/);
  await demoBrowser().get(address);
  assert.equal((await signing).account, "ada@example.com");
});

test("a callback of another issuer ends the sign-in: the code is not sent", async (t) => {
  const { issuer, ui, options } = await scene(t, AT_A_DESK);
  const signing = signIn(options);
  const [, address = ""] = await ui.sees(ADDRESS);
  const callback = new URL(await endsAt(address));
  callback.searchParams.set("iss", "https://evil.test");
  const refused = assert.rejects(signing, failure("issuer_mismatch", /"https:\/\/evil\.test"/));
  const page = await (await fetch(callback)).text();
  await refused;
  assert.match(page, /Not signed in to snaps/);
  assert.ok(!issuer.requests.some(({ path }) => path === "/token"));
});

test("somebody who says no sees it in the browser, and the app learns it", async (t) => {
  const { home, ui, options } = await scene(t, AT_A_DESK, { people: "deny" });
  const signing = signIn(options);
  const refused = assert.rejects(
    signing,
    failure("access_denied", /answered access_denied.*hint: run snaps login$/),
  );
  const [, address = ""] = await ui.sees(ADDRESS);
  assert.match((await demoBrowser().get(address)).text, /Not signed in to snaps access_denied/);
  await refused;
  assert.ok(!existsSync(fileOf(home)) && (await isClosed(address)));
});

test("paste: the whole address, in one of several tries, from a browser elsewhere", async (t) => {
  const { issuer, ui, options } = await scene(t, OVER_SSH);
  const signing = signIn({ ...options, ways: ["loopback", "paste"] });
  const [, address = ""] = await ui.sees(ADDRESS);
  const callback = await endsAt(address);
  // The query of this sign-in, at other places.
  const { search, port } = new URL(callback);
  const others = ["code", search, `http://evil.test/callback${search}`].concat(
    [`http://127.0.0.1:${Number(port) - 1}/callback`, `https://127.0.0.1:${port}/callback`].map(
      (each) => `${each}${search}`,
    ),
    `http://127.0.0.1:${port}/callback/${search}`,
  );
  for (const [tries, other] of others.entries()) {
    ui.types(other);
    await ui.sees(new RegExp(`(?:That is not the address[\\s\\S]*){${tries + 1}}`));
  }
  const stale = new URL(callback);
  stale.searchParams.set("state", "another");
  ui.types(stale.href);
  await ui.sees(/That is the address of another sign-in/);
  assert.ok(!issuer.requests.some(({ path }) => path === "/token"));
  ui.types(` ${callback} `);
  assert.equal((await signing).account, "ada@example.com");
});

test("pasting works while a browser was opened here, too", async (t) => {
  const { ui, options } = await scene(t, AT_A_DESK, { launcher: "exit 0" });
  const signing = signIn(options);
  const [, address = ""] = await ui.sees(ADDRESS);
  ui.types(await endsAt(address));
  assert.equal((await signing).account, "ada@example.com");
  assert.ok(await isClosed(address));
});

test("device: a code and its address, for a browser elsewhere", async (t) => {
  const { issuer, ui, options, opened } = await scene(t, OVER_SSH);
  const signing = signIn(options);
  const [, address = "", code = ""] = await ui.sees(/^ {2}(http\S+)\n {2}(\S+)$/m);
  assert.deepEqual(ui.codes, [`${address}?user_code=${code}`]);
  assert.equal((await demoBrowser().get(ui.codes[0] ?? "")).status, 200);
  const session = await signing;
  assert.deepEqual([session.account, session.user?.name], ["ada@example.com", "Ada Lovelace"]);
  assert.equal((await session.fetch(`${issuer.issuer}/userinfo`)).status, 200);
  assert.ok(!existsSync(opened), "no browser opens over SSH");
});

test("device: no is no, and a network that fails meanwhile is forgiven", async (t) => {
  const { issuer, ui, options } = await scene(t, OVER_SSH, { people: "deny" });
  const signing = signIn(options);
  await ui.sees(ADDRESS);
  issuer.fault.fail("/token", 503);
  issuer.fault.loseAnswer("/token");
  const refused = assert.rejects(signing, failure("access_denied", /answered access_denied/));
  await new Promise((resolve) => setTimeout(resolve, 7000));
  await demoBrowser().get(ui.codes[0] ?? "");
  await refused;
});

test("`d` goes on with a code; the address that was shown first is closed", async (t) => {
  const { ui, options } = await scene(t, AT_A_DESK, { launcher: "exit 0" });
  const signing = signIn(options);
  const [, address = ""] = await ui.sees(ADDRESS);
  ui.types("d");
  await ui.sees(/enter the code/);
  assert.ok(await isClosed(address));
  await demoBrowser().get(ui.codes[0] ?? "");
  assert.equal((await signing).account, "ada@example.com");
});

test("a client that may not use codes goes on with pasting", async (t) => {
  const client = { ...CLIENT, grant_types: ["authorization_code", "refresh_token"] };
  const { ui, options } = await scene(t, OVER_SSH, { clients: [client] });
  const signing = signIn(options);
  await ui.sees(/^This provider gives this app no codes\. Sign in by the browser instead:$/m);
  const [, address = ""] = await ui.sees(ADDRESS);
  ui.types(await endsAt(address));
  assert.equal((await signing).account, "ada@example.com");
});

test("a wrong client id, scope or resource ends a sign-in by a code at once", async (t) => {
  const { issuer, ui, options } = await scene(t, OVER_SSH);
  const cases = [
    [{ clientId: "wrong" }, /invalid_client/],
    [{ scope: "nonsense" }, /invalid_scope/],
    [{ resource: "https://nowhere.test" }, /invalid_target/],
  ] as const;
  for (const [more, message] of cases)
    await assert.rejects(signIn({ ...options, ...more }), failure("configuration", message));
  assert.deepEqual(ui.lines, [], "nobody is sent anywhere");
  assert.ok(!issuer.requests.some(({ path }) => path === "/authorize"));
});

test("where the app allows codes alone, and the client may use none, it is an error at once", async (t) => {
  const client = { ...CLIENT, grant_types: ["authorization_code", "refresh_token"] };
  const { options } = await scene(t, OVER_SSH, { clients: [client] });
  await assert.rejects(
    signIn({ ...options, ways: ["device"] }),
    failure("no_way", /gives this app no codes.*tell the makers of snaps/),
  );
});

test("an app that allows this machine's browser alone gets it, also where none is expected", async (t) => {
  const { ui, options, opened } = await scene(t, OVER_SSH);
  const signing = signIn({ ...options, ways: ["loopback"] });
  const [, address = ""] = await ui.sees(ADDRESS);
  assert.equal(await appears(opened), address);
  await ui.sees(/If the page shows an error, press Ctrl-C/);
  await demoBrowser().get(address);
  await signing;
});

test("the ports of `ports` are tried in order", async (t) => {
  const { ui, options } = await scene(t, AT_A_DESK);
  const taken = createServer().listen(0, "127.0.0.1");
  const free = createServer().listen(0, "127.0.0.1");
  await Promise.all([once(taken, "listening"), once(free, "listening")]);
  t.after(() => taken.close());
  const portOf = (server: typeof taken): number => {
    const address = server.address();
    return typeof address === "object" ? (address?.port ?? 0) : 0;
  };
  const ports = [portOf(taken), portOf(free)];
  free.close();
  await once(free, "close");
  const signing = signIn({ ...options, ports });
  const [, address = ""] = await ui.sees(ADDRESS);
  assert.equal(
    new URL(address).searchParams.get("redirect_uri"),
    `${CALLBACK}:${ports[1]}/callback`,
  );
  await demoBrowser().get(address);
  await signing;
  await assert.rejects(
    signIn({ ...options, ports: [portOf(taken)], force: true }),
    failure("no_way", /the port \d+ is taken/, { retryable: true }),
  );
});

test("nobody is asked in CI, without a terminal, or if the app says so; no browser opens", async (t) => {
  const { issuer, options, opened } = await scene(t, AT_A_DESK);
  const needed = failure(
    "sign_in_needed",
    /nobody is signed in to snaps here. hint: run snaps login in a terminal, or set SNAPS_TOKEN, or SNAPS_CLIENT_ID with SNAPS_CLIENT_SECRET$/,
  );
  await assert.rejects(signIn({ ...options, interactive: "never" }), needed);
  const { ui: _, ...without } = options;
  Object.assign(process.stdin, { isTTY: false });
  await assert.rejects(signIn(without), needed);
  environment(t, { CI: "true" });
  await assert.rejects(signIn(options), needed);
  assert.equal(await openSession(options), null);
  assert.ok(!existsSync(opened));
  assert.deepEqual(issuer.requests, []);
});

test("the app, or time, stops the sign-in: the port is closed", async (t) => {
  const { home, ui, options } = await scene(t, AT_A_DESK);
  const stop = new AbortController();
  const signing = signIn({ ...options, signal: stop.signal });
  const [, address = ""] = await ui.sees(ADDRESS);
  stop.abort();
  await assert.rejects(signing, failure("cancelled", /was stopped/));
  assert.ok(await isClosed(address));
  await assert.rejects(
    signIn({ ...options, signal: stop.signal }),
    failure("cancelled", /stopped/),
  );
  await assert.rejects(
    signIn({ ...options, timeout: 0.2 }),
    failure("timed_out", /nobody signed in within 0.2 s/, { retryable: true }),
  );
  assert.deepEqual(readdirSync(folderOf(home)), []);
});

test("an issuer that is away is an error at once, and not a browser", async (t) => {
  const { issuer, options, opened } = await scene(t, AT_A_DESK);
  await issuer.close();
  await assert.rejects(
    signIn(options),
    failure("issuer_unreachable", /no connection to/, { retryable: true }),
  );
  assert.ok(!existsSync(opened));
});

test("a session that works is returned; force, more scope, a level and an age ask again", async (t) => {
  const { by } = await signedIn(t);
  assert.equal((await by()).address, null);
  assert.equal((await by({ scope: "openid email" })).address, null);
  assert.equal((await by({ maxAge: 3600 })).address, null);
  assert.ok((await by({ force: true })).address);
  assert.ok((await by({ maxAge: 0 })).address);
  await assert.rejects(
    by({ acr: ["urn:example:unheard"] }),
    failure("step_up_needed", /at the level .*ask for a level/),
  );
  assert.equal((await by()).address, null, "the session that was there is still there");
});

test("a session that the provider has ended leads to a new sign-in; an outage does not", async (t) => {
  const { issuer, by, options } = await signedIn(t);
  issuer.clock.advance(3600);
  issuer.fault.fail("/token", 503, 1);
  await assert.rejects(signIn(options), failure("issuer_unreachable", /503/, { retryable: true }));
  assert.equal((await by()).address, null);
  issuer.fault.revoke("ada");
  issuer.clock.advance(3600);
  assert.ok((await by()).address);
});

test("signOut ends the session at the provider, and here", async (t) => {
  const { issuer, by, options } = await signedIn(t);
  const { session } = await by();
  await session.signOut();
  assert.ok(issuer.requests.some(({ path }) => path === "/revoke"));
  assert.equal(await openSession(options), null);
  await assert.rejects(
    session.token({ minimumLife: 9999 }),
    failure("no_session", /was signed out/),
  );
});

test("signOut without a network forgets the session, and says that the provider does not know", async (t) => {
  const { issuer, by, options } = await signedIn(t);
  const { session } = await by();
  issuer.fault.fail("/revoke", 503);
  await assert.rejects(
    session.signOut(),
    failure(
      "issuer_unreachable",
      /forgotten here, and the provider could not be told: .*503.*hint: it ends there by itself/,
    ),
  );
  assert.equal(await openSession(options), null);
});

test("memory keeps a session as long as the process", async (t) => {
  const { home, ui, options } = await scene(t, AT_A_DESK);
  const signing = signIn({ ...options, storage: "memory" });
  const [, address = ""] = await ui.sees(ADDRESS);
  await demoBrowser().get(address);
  const session = await signing;
  const again = await openSession({ ...options, storage: "memory" });
  assert.equal(await again?.token(), await session.token());
  assert.ok(!existsSync(folderOf(home)));
});

test("a session that can't be kept is none, and the page says so", async (t) => {
  const { home, ui, options } = await scene(t, AT_A_DESK);
  const signing = signIn(options);
  const [, address = ""] = await ui.sees(ADDRESS);
  writeFileSync(fileOf(home), "not sessions");
  const refused = assert.rejects(signing, failure("storage_unreadable", /not a file of sessions/));
  assert.match(
    (await demoBrowser().get(address)).text,
    /Not signed in to snaps storage_unreadable/,
  );
  await refused;
});

test("an old Node.js is named", async (t) => {
  const { withResolvers } = Promise;
  t.after(() => Object.assign(Promise, { withResolvers }));
  Object.assign(Promise, { withResolvers: undefined });
  await assert.rejects(
    signIn({ app: APP, issuer: "https://as.test", clientId: "app" }),
    failure("configuration", /Node\.js [\d.]+ is too old.*22 or newer/),
  );
});

test("options that can't work are refused before anything happens", async () => {
  const options = { issuer: "https://as.test", clientId: "app" };
  for (const app of ["", "../snaps", "a b", ".snaps"])
    await assert.rejects(signIn({ ...options, app }), failure("configuration", /app is/));
  await assert.rejects(
    signIn({ app: APP, issuer: "http://as.test", clientId: "app" }),
    failure("configuration", /not https/),
  );
  await assert.rejects(
    signIn({ ...options, app: APP, clientSecret: "" }),
    failure("configuration", /clientSecret is empty/),
  );
});
