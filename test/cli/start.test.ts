import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { inUrl, LOOPBACK } from "../support/loopback.ts";
import { assertRefused, type Running, workplace } from "./cli.ts";

const place = workplace();
let server: Running;

before(async () => {
  place.write(
    "valetkey.config.ts",
    'import { defineConfig } from "valetkey";\nexport default defineConfig({ port: 0, limits: { header: 8192 } });\n',
  );
  server = await place.start(["--config", "valetkey.config.ts"]);
});
after(() => place.remove());

const port = (): number => Number(new URL(server.issuer).port);

/** The order of a process's two streams is not defined. */
async function heard({ said }: Running, text: RegExp): Promise<void> {
  const end = performance.now() + 5000;
  while (!text.test(said.stderr) && performance.now() < end) await pause(20);
  assert.match(said.stderr, text);
}

/** Sends raw bytes and returns everything that comes back. */
function exchange(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port(), "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => (answer += chunk));
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
  });
}

test("the first start prints its address and, once, the setup link", async () => {
  await heard(server, /setup\?link=\S+\s/);
  const { stdout, stderr } = server.said;
  const line = JSON.parse(stdout.split("\n")[0] ?? "");
  assert.equal(line.event, "listening");
  assert.equal(line.issuer, server.issuer);
  assert.match(stderr, /There is no account yet/);
  const [link = ""] = /http:\S+\/setup\?link=\S+/.exec(stderr) ?? [];
  const page = await fetch(link);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<form/);
  assert.doesNotMatch(
    stdout,
    /setup\?link/,
    "the setup link makes an administrator, so no log may contain it",
  );
});

test("both loopback addresses answer, and their pages redirect to localhost", async () => {
  assert.match(server.issuer, /^http:\/\/localhost:\d+$/);
  for (const address of LOOPBACK) {
    const origin = `http://${inUrl(address)}:${port()}`;
    const metadata = await fetch(`${origin}/.well-known/openid-configuration`);
    assert.equal(JSON.parse(await metadata.text()).issuer, server.issuer);
    const page = await fetch(`${origin}/sign-in?x=1`, { redirect: "manual" });
    assert.equal(page.status, 303);
    assert.equal(page.headers.get("location"), `${server.issuer}/sign-in?x=1`);
  }
});

test("a malformed or oversized request gets a status and nothing else", async () => {
  const long = "a".repeat(9000);
  const sent: [string, number][] = [
    ["hello\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nhost: x\r\nhost : y\r\n\r\n", 400],
    [`GET / HTTP/1.1\r\nhost: x\r\nx: ${long}\r\n\r\n`, 431],
    [`GET /${long} HTTP/1.1\r\nhost: x\r\n\r\n`, 414],
    ["POST /token HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400],
  ];
  for (const [bytes, status] of sent) {
    const answer = await exchange(bytes);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), bytes.slice(0, 40));
    assert.doesNotMatch(answer, /HPE_|at .*\.js|Error/);
  }
  assert.equal((await fetch(`${server.issuer}/healthz`)).status, 200);
  const hinted = server.said.stdout.split("\n").filter((line) => line.includes("limits.header of"));
  assert.equal(hinted.length, 2, "the log names the setting for both that are too long");
});

test("a port in use is reported before anything is created", async () => {
  const args = ["start", "--port", `${port()}`, "--database", "sqlite:second.sqlite"];
  const result = await place.run(args);
  assertRefused(result, 1, new RegExp(`port ${port()} on 127\\.0\\.0\\.1 is in use`));
  assert.ok(!existsSync(join(place.folder, "second.sqlite")));
  assert.ok(!existsSync(join(place.folder, "second.sqlite.key")));
  const nowhere = await place.run([
    "start",
    "--host",
    "203.0.113.1",
    "--issuer",
    "https://id.example",
  ]);
  assertRefused(nowhere, 1, /203\.0\.113\.1 is not an address of this computer/);
});

test("each request is logged as a line of JSON with an id and without its query", async () => {
  await fetch(`${server.issuer}/authorize?client_id=quiet&code=hush-hush`);
  const marked = await fetch(`${server.issuer}/vkr_${"abcDEF123-_z".repeat(6)}`);
  assert.equal(marked.status, 404);
  await pause(50);
  const lines = server.said.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const requests = lines.filter(({ event }) => event === "request");
  assert.ok(requests.length >= 2);
  for (const { event_id, method, route, path, status, ms, time } of requests) {
    assert.match(event_id, /^[\w-]{8,}$/);
    assert.ok(method && status && ms >= 0 && time);
    assert.equal(route === undefined, status === 404);
    assert.doesNotMatch(route ?? path, /\?/);
  }
  assert.doesNotMatch(server.said.stdout, /hush-hush|abcDEF123/);
});

test("SIGTERM refuses new connections, finishes requests in progress and exits with 0", async () => {
  const body = "grant_type=client_credentials";
  const head = `POST /token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\n\r\n`;
  let answer = "";
  const slow = connect(port(), "127.0.0.1", () => slow.write(head + body.slice(0, 5)));
  const closed = new Promise((resolve) => slow.on("close", resolve));
  slow.on("data", (chunk) => (answer += chunk));
  // Two silent connections: one never sent a byte, one is kept alive after its answer.
  const silent = connect(port(), "127.0.0.1");
  silent.on("error", () => {});
  const idle = connect(port(), "127.0.0.1", () =>
    idle.write("GET /jwks HTTP/1.1\r\nhost: x\r\n\r\n"),
  );
  await new Promise((resolve) => idle.once("data", resolve));
  await pause(100);

  const quiet = Promise.all([silent, idle].map((socket) => once(socket, "close")));
  const ending = server.stop("SIGTERM");
  while (!server.said.stdout.includes('"stopping"')) await pause(20);
  await pause(50);
  const refused = await new Promise((resolve) => {
    const late = connect(port(), "127.0.0.1");
    late.on("error", () => resolve(true));
    late.on("connect", () => resolve(false));
  });
  assert.ok(refused, "a new connection was accepted");
  await quiet;
  slow.write(body.slice(5));
  const { code, stdout } = await ending;
  await closed;
  assert.equal(code, 0);
  assert.match(answer, /^HTTP\/1\.1 401 /);
  assert.match(answer, /"error":"invalid_client"/);
  assert.equal(JSON.parse(stdout.trim().split("\n").at(-1) ?? "").event, "stopped");
});

test("a restart keeps keys and data, and SIGINT stops the server too", async () => {
  const jwks = async ({ issuer }: Running) => (await fetch(`${issuer}/jwks`)).text();
  const first = await place.start(["--config", "valetkey.config.ts"]);
  const keys = await jwks(first);
  const { code, stderr } = await first.stop("SIGINT");
  assert.equal(code, 0);
  assert.doesNotMatch(stderr, /made the database/);
  const second = await place.start(["--config", "valetkey.config.ts"]);
  assert.equal(await jwks(second), keys);
  assert.equal((await second.stop()).code, 0);
});

test("an https issuer without trust_proxy causes a warning", async () => {
  const args = ["--port", "0", "--issuer", "https://id.example"];
  const running = await place.start(args);
  await heard(running, /valetkey\.config\.ts is here, and is not used without --config/);
  await heard(running, /warning: issuer is https, and trust_proxy is empty/);
  assert.equal(running.issuer, "https://id.example");
  assert.equal((await running.stop()).code, 0);
});
