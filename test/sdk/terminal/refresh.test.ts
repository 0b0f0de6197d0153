/** Refreshes of a stored session: each thing that can go wrong, and what it may cost. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { createClient } from "../../../src/sdk/client/client.ts";
import { openSession } from "../../../src/sdk/client/terminal/terminal.ts";
import { startIssuer } from "../../../src/testing/testing.ts";
import { strictProvider } from "../../support/strict_provider.ts";
import { failure } from "../failure.ts";
import {
  APP,
  CLIENT,
  environment,
  fileOf,
  folderOf,
  fullDisk,
  stateHome,
  storageIn,
  stored,
} from "./scene.ts";

async function scene(t: TestContext) {
  const provider = await strictProvider();
  t.after(() => provider[Symbol.asyncDispose]());
  const home = stateHome();
  environment(t, { XDG_STATE_HOME: home });
  const { issuer } = provider;
  await storageIn(home).change(({ add }) => add(stored(issuer, provider.begin())));
  const open = async (more = {}) => {
    const options = { app: APP, issuer, clientId: "app", storage: "file", ...more } as const;
    const session = await openSession(options);
    assert.ok(session);
    return session;
  };
  return { provider, home, open, name: `${issuer} app ada` };
}

const entry = (home: string) =>
  Object.values<Record<string, unknown>>(
    JSON.parse(readFileSync(fileOf(home), "utf8")).sessions,
  )[0];

test("the token is refreshed when it is needed, and used by all processes until then", async (t) => {
  const { provider, open } = await scene(t);
  const [one, other] = [await open(), await open()];
  const tokens = await Promise.all([one.token(), one.token(), other.token(), other.token()]);
  assert.deepEqual(new Set(tokens), new Set(["access 1"]));
  assert.equal(await (await open()).token(), "access 1");
  assert.deepEqual(
    [one.account, one.user?.name, one.issuer],
    ["ada", "Ada Lovelace", provider.issuer],
  );
  assert.equal(await one.token({ minimumLife: 3590 }), "access 1");
  assert.equal(await one.token({ minimumLife: 3700 }), "access 2");
  assert.deepEqual([provider.count(), provider.replays()], [2, 0]);
});

test("tokens for other resources and scopes are kept apart, and their refreshes follow each other", async (t) => {
  const { provider, home, open } = await scene(t);
  const session = await open({ resource: "https://api.test" });
  const asks = [
    {},
    { resource: "https://api.test" },
    { resource: "https://b.test" },
    { scope: "read" },
  ];
  const tokens = await Promise.all(asks.map((each) => session.token(each)));
  assert.equal(new Set(tokens).size, 3);
  assert.equal(tokens[0], tokens[1]);
  assert.equal(provider.replays(), 0);
  const { plain } = entry(home) as { plain: { tokens: object } };
  assert.deepEqual(Object.keys(plain.tokens).toSorted(), ["", " read", "https://b.test"]);
});

test("the lock is held for the refresh alone, and not while the provider is looked up", async (t) => {
  const { home, open } = await scene(t);
  const session = await open();
  const asked: [string, boolean][] = [];
  const real = globalThis.fetch;
  t.mock.method(globalThis, "fetch", (...args: Parameters<typeof fetch>) => {
    const isLocked = existsSync(join(folderOf(home), "sessions.lock"));
    asked.push([new URL(String(args[0])).pathname, isLocked]);
    return real(...args);
  });
  assert.equal(await session.token(), "access 1");
  assert.deepEqual(asked, [
    ["/.well-known/openid-configuration", false],
    ["/token", true],
  ]);
});

test("a session that the provider has ended says so from then on, and is kept", async (t) => {
  const { provider, home, open } = await scene(t);
  const [session, later] = [await open(), await open()];
  // Somebody else uses the token.
  const { plain } = entry(home) as { plain: { refresh_token: string } };
  const body = new URLSearchParams({ refresh_token: plain.refresh_token });
  await fetch(`${provider.issuer}/token`, { method: "POST", body });
  await assert.rejects(session.token(), failure("session_over", /answered invalid_grant/));
  assert.ok(Number(entry(home)?.ended_at) > Date.now() / 1000 - 5);
  await assert.rejects(
    later.token(),
    failure("session_over", /has ended this session of snaps.*run snaps login/),
  );
  const { issuer } = provider;
  const options = { app: APP, issuer, clientId: "app", storage: "file" } as const;
  assert.equal(await openSession(options), null);
  assert.equal(provider.replays(), 1, "it is not asked again");
});

test("a refusal of a token that another process has replaced meanwhile ends nothing", async (t) => {
  const { provider, home, open, name } = await scene(t);
  const session = await open();
  const real = globalThis.fetch;
  let refused = 0;
  t.mock.method(globalThis, "fetch", async (...asked: Parameters<typeof fetch>) => {
    if (!String(asked[0]).endsWith("/token") || refused > 0) return real(...asked);
    refused += 1;
    // As after a pause of this process, in which its lock was broken.
    const old = readFileSync(fileOf(home), "utf8");
    writeFileSync(fileOf(home), old.replace('"refresh 1"', JSON.stringify(provider.begin())));
    return Response.json({ error: "invalid_grant" }, { status: 400 });
  });
  assert.equal(await session.token(), "access 1");
  assert.equal(entry(home)?.ended_at, undefined);
  assert.equal((await storageIn(home).read(name))?.secrets.refresh_token, "refresh 3");
  assert.deepEqual([refused, provider.replays()], [1, 0]);
});

test("a lost answer: the same token once more; a strict provider ends the session then", async (t) => {
  const { provider, open } = await scene(t);
  provider.loseAnswer();
  await assert.rejects((await open()).token(), failure("session_over", /invalid_grant/));
  assert.deepEqual([provider.count(), provider.replays()], [1, 1]);
});

test("a lost answer at Valetkey costs nothing", async (t) => {
  await using issuer = await startIssuer({ clients: [CLIENT] });
  const app = createClient({ issuer: issuer.issuer, clientId: "app" });
  const redirectUri = "http://127.0.0.1/callback";
  const begun = await app.begin({ redirectUri, scope: "openid offline_access" });
  const answer = await fetch(begun.url, { redirect: "manual" });
  const tokens = await app.finish(new URL(answer.headers.get("location") ?? ""), begun);
  const home = stateHome();
  environment(t, { XDG_STATE_HOME: home });
  await storageIn(home).change(({ add }) => add(stored(issuer.issuer, tokens.refreshToken ?? "")));
  const options = { app: APP, issuer: issuer.issuer, clientId: "app", storage: "file" } as const;
  const session = await openSession(options);
  issuer.fault.loseAnswer("/token");
  await session?.token();
  await session?.token({ minimumLife: 100_000 });
  assert.equal(entry(home)?.ended_at, undefined);
  assert.equal(issuer.requests.filter(({ path }) => path === "/token").length, 4);
});

test("a network that is down ends nothing", async (t) => {
  const { provider, home, open } = await scene(t);
  const session = await open();
  const before = readFileSync(fileOf(home), "utf8");
  const real = globalThis.fetch;
  // At first altogether; then after the provider was looked up.
  for (const part of ["/", "/token"]) {
    const down = t.mock.method(globalThis, "fetch", (...asked: Parameters<typeof fetch>) =>
      String(asked[0]).includes(part) ? Promise.reject(new TypeError("down")) : real(...asked),
    );
    const unreachable = failure("issuer_unreachable", /down/, { retryable: true });
    await assert.rejects(session.token(), unreachable);
    down.mock.restore();
  }
  assert.equal(readFileSync(fileOf(home), "utf8"), before);
  assert.equal(await session.token(), "access 1");
  assert.equal(provider.replays(), 0);
});

test("a full disk is known before the refresh token is spent", async (t) => {
  const { provider, home, open, name } = await scene(t);
  const session = await open();
  const disk = await fullDisk(t, home);
  await assert.rejects(
    session.token(),
    failure("storage_unreadable", /can't be written \(ENOSPC\).*free some space/, {
      retryable: true,
    }),
  );
  disk.restore();
  assert.equal(provider.count(), 0);
  assert.equal(await session.token(), "access 1");
  assert.equal((await storageIn(home).read(name))?.rev, 2);
});

test("a real disk that is full, where this user may mount one: nothing is spent, nothing lost", async (t) => {
  const { provider, home } = await scene(t);
  const { issuer } = provider;
  const options = { app: APP, issuer, clientId: "app", storage: "file", times: 1 };
  const run = `mount -t tmpfs -o size=24k none "$1/full" && mkdir -m 700 "$1/full/snaps" &&
    cp "$1/snaps/sessions.json" "$1/full/snaps/" && (cat /dev/zero > "$1/full/filler" 2>/dev/null; true) &&
    XDG_STATE_HOME="$1/full" "$2" --conditions=valetkey-source test/sdk/terminal/refreshing.ts "$3";
    cat "$1/full/snaps/sessions.json"; ls "$1/full/snaps"`;
  mkdirSync(join(home, "full"));
  const child = spawn(
    "unshare",
    ["-rm", "sh", "-c", run, "sh", home, process.execPath, JSON.stringify(options)],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  child.on("error", () => {});
  const [said, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (said === "" || /unshare|mount/.test(complaint))
    return t.skip("this user may mount no disk (#14)");
  assert.match(said, /storage_unreadable: .*can't be written \(ENOSPC\)/);
  assert.ok(said.includes('"rev": 1') && said.endsWith("}\nsessions.json\n"), said);
  assert.equal(provider.count(), 0);
});

test("a clock that was set back makes no dead token live", async (t) => {
  const { provider, open } = await scene(t);
  const session = await open();
  assert.equal(await session.token(), "access 1");
  const real = Date.now;
  let moved = 0;
  t.mock.method(Date, "now", () => real() + moved);
  moved = 3000 * 1000;
  assert.equal(await session.token(), "access 1");
  moved = 3590 * 1000;
  assert.equal(await session.token(), "access 2");
  moved = -10 * 3600 * 1000;
  assert.equal(await session.token(), "access 3", "the token is from the future");
  assert.equal(await session.token(), "access 3");
  assert.equal(provider.replays(), 0);
});

test("after a sign-out, no process revives the session", async (t) => {
  const { home, open } = await scene(t);
  const [one, other] = [await open(), await open()];
  await other.token();
  await one.signOut();
  assert.equal(entry(home), undefined);
  await assert.rejects(
    other.token({ minimumLife: 10_000 }),
    failure("no_session", /was signed out.*run snaps login/),
  );
  assert.equal(entry(home), undefined);
});

test("a session whose file was changed by hand during a refresh is not written over", async (t) => {
  const { provider, home, open, name } = await scene(t);
  const session = await open();
  const old = readFileSync(fileOf(home), "utf8");
  const real = globalThis.fetch;
  t.mock.method(globalThis, "fetch", async (...asked: Parameters<typeof fetch>) => {
    const answer = await real(...asked);
    if (String(asked[0]).endsWith("/token"))
      writeFileSync(fileOf(home), old.replace('"rev": 1', '"rev": 7'));
    return answer;
  });
  assert.equal(await session.token(), "access 1", "the token is good all the same");
  assert.equal((await storageIn(home).read(name))?.rev, 7);
  assert.equal(provider.count(), 1);
});

/** An API that takes one token only. */
async function api(t: TestContext, taken: string) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { authorization = "" } = request.headers;
    asked.push(`${authorization} ${body}`.trim());
    response.writeHead(authorization === `Bearer ${taken}` ? 200 : 401).end("photos");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
}

test("fetch sends the token, and a new one when the API refuses it", async (t) => {
  const { provider, open } = await scene(t);
  const session = await open();
  const { url, asked } = await api(t, "access 2");
  const answer = await session.fetch(url, { method: "POST", body: "photo" });
  assert.deepEqual([answer.status, await answer.text()], [200, "photos"]);
  assert.deepEqual(asked, ["Bearer access 1 photo", "Bearer access 2 photo"]);
  const { url: never } = await api(t, "none");
  assert.equal((await session.fetch(new Request(never))).status, 401);
  assert.equal(provider.count(), 3);
  await assert.rejects(
    session.fetch("http://api.test/"),
    failure("configuration", /http:\/\/api.test is not https/),
  );
});

test("mcp() gives the token, and another one after it was refused", async (t) => {
  const { open } = await scene(t);
  const auth = (await open()).mcp();
  assert.equal(await auth.token(), "access 1");
  await auth.onUnauthorized();
  assert.equal(await auth.token(), "access 2");
});
