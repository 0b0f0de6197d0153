/** A server in operation: its own TLS, and metrics for Prometheus. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import type { Config } from "../../src/config.ts";
import type { LogFields } from "../../src/context.ts";
import { listenForMetrics } from "../../src/node/metrics_listener.ts";
import { type Running, serve } from "../../src/node/serve.ts";
import { readTls, watchTls } from "../../src/node/tls.ts";
import { createMetrics } from "../../src/observe/metrics.ts";
import { clientOf } from "../security/sockets.ts";
import { basic } from "../support/flow.ts";
import { CONFIG, SERVICE, testServer, WEB } from "../support/server.ts";

const folder = mkdtempSync(join(tmpdir(), "valetkey-tls-"));
after(() => rmSync(folder, { recursive: true }));
const secret = Buffer.alloc(32, 7).toString("base64url");
const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };

function install(name: "one" | "two"): void {
  copyFileSync(`test/vectors/tls/${name}.key`, files.key);
  copyFileSync(`test/vectors/tls/${name}.crt`, files.cert);
}

const run = (config: Config): Promise<Running> =>
  serve({ port: 0, database: "sqlite::memory:", ...config }, { secret });

/** A new connection, and the name in its certificate. */
async function secure({ address }: Running): Promise<{ socket: TLSSocket; name: string }> {
  const { port, hostname } = new URL(address);
  const socket = connect({ port: Number(port), host: hostname, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const name = socket.getPeerX509Certificate()?.subject ?? "";
  return { socket, name };
}

test("with certificate and key the server speaks https itself and sends HSTS", async () => {
  install("one");
  const running = await run({ tls: files });
  try {
    assert.match(running.server.issuer, /^https:\/\/localhost:\d+$/);
    assert.equal(running.address, running.server.issuer);
    const ca = readFileSync(files.cert);
    const asked = get(`${running.address}/sign-in`, { ca, agent: false });
    const [response] = await once(asked, "response");
    response.resume();
    assert.equal(response.statusCode, 200);
    assert.match(response.headers["strict-transport-security"], /max-age=31536000/);
    assert.match(String(response.headers["set-cookie"]), /__Host-.*Secure/);
  } finally {
    await running.stop();
  }
});

test("with TLS, stopping finishes requests in progress and closes silent connections", async () => {
  install("one");
  const running = await run({ tls: files });
  const { socket: silent } = await secure(running);
  silent.on("error", () => {});
  const body = "grant_type=client_credentials";
  const slow = request(`${running.address}/token`, {
    method: "POST",
    rejectUnauthorized: false,
    agent: false,
    headers: { "content-type": "application/x-www-form-urlencoded", "content-length": body.length },
  });
  slow.write(body.slice(0, 5));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const stopped = running.stop();
  await once(silent, "close");
  slow.end(body.slice(5));
  const [response] = await once(slow, "response");
  response.resume();
  assert.equal(response.statusCode, 401);
  await stopped;
});

test("a renewed certificate is used without a restart; a broken one is ignored", async () => {
  install("one");
  const lines: { event: string; fields: LogFields }[] = [];
  const note = (event: string, fields: LogFields = {}) => void lines.push({ event, fields });
  const log = { info: note, warn: note, error: note };
  const used: string[] = [];
  const stop = watchTls(files, { log, every: 20 }, ({ cert }) => used.push(cert.toString()));
  const until = async (event: string): Promise<void> => {
    while (!lines.some((line) => line.event === event))
      await new Promise((resolve) => setTimeout(resolve, 10));
  };
  try {
    // In between, the key is the new one and the certificate the old one.
    writeFileSync(files.cert, "-----BEGIN CERTIFICATE-----\nhalf");
    await until("certificate not reloaded");
    assert.deepEqual(used, []);
    install("two");
    await until("certificate reloaded");
    assert.deepEqual(used, [readFileSync("test/vectors/tls/two.crt", "utf8")]);
  } finally {
    stop();
  }
});

test("a running server presents a renewed certificate to new connections", async () => {
  install("one");
  const running = await run({ tls: files });
  try {
    const first = await secure(running);
    install("two");
    let next = await secure(running);
    // The server checks the files every 5 s.
    for (let i = 0; i < 100 && next.name === first.name; i += 1) {
      next.socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 100));
      next = await secure(running);
    }
    for (const { socket } of [first, next]) socket.destroy();
    assert.notEqual(next.name, first.name);
  } finally {
    await running.stop();
  }
});

test("an invalid TLS or metrics setting is reported with its key before anything is created", async () => {
  install("one");
  copyFileSync("test/vectors/tls/two.key", files.key);
  assert.throws(() => readTls(files), /tls: .*tls\.crt and .*tls\.key are not a certificate/);
  const missing = { ...files, key: join(folder, "nowhere.key") };
  assert.throws(() => readTls(missing), /tls\.key: .*nowhere\.key can't be read \(ENOENT\)/);
  await assert.rejects(run({ tls: missing }), { name: "ConfigError" });
  await assert.rejects(run({ metrics: "9464" }), /metrics: 9464 is not an address and a port/);
});

test("metrics have a port of their own, and only if configured", async () => {
  const plain = await run({});
  const counted = await run({ metrics: "127.0.0.1:0" });
  try {
    assert.equal(plain.metrics_address, null);
    assert.equal((await fetch(`${plain.address}/metrics`)).status, 404);
    assert.equal((await fetch(`${counted.address}/metrics`)).status, 404);
    const url = counted.metrics_address ?? "";
    const answer = await fetch(url);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    const text = await answer.text();
    assert.match(text, /valetkey_requests_total\{route="none",method="GET",status="404"\} 1/);
    assert.match(text, /valetkey_database_duration_seconds_count\{operation="readState"\} [1-9]/);
    assert.match(text, /valetkey_signing_key_age_seconds\{kid="[\w-]+",alg="ES256"\} \d/);
    assert.match(text, /valetkey_password_queue\{state="waiting"\} 0/);
    assert.match(text, /valetkey_process_resident_memory_bytes \d+/);
    assert.equal((await fetch(new URL("/token", url))).status, 404);
  } finally {
    await Promise.all([plain.stop(), counted.stop()]);
  }
  await assert.rejects(fetch(counted.metrics_address ?? ""));
});

test("metrics count tokens by grant and client, refusals by error; input never becomes a label", async () => {
  const metrics = createMetrics();
  const observers = [metrics.observer];
  await using server = await testServer({}, { observers, store_watches: [metrics.store_watch] });
  const client = await server.addClient(SERVICE);
  const web = await server.addClient(WEB);
  const ask = (path: string, init?: RequestInit) =>
    server.fetch(new Request(`${CONFIG.issuer}${path}`, init));
  const token = (who: typeof client) =>
    ask("/token", {
      method: "POST",
      headers: { authorization: basic(who) },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
  await token(client);
  await token(client);
  await token(web);
  for (let i = 0; i < 50; i += 1) await ask(`/nothing/${i}`, { method: `ODD${i}` });
  const { text } = await metrics.render();
  assert.match(
    text,
    /tokens_issued_total\{grant_type="client_credentials",client_id="client-1"\} 2/,
  );
  assert.match(text, /refusals_total\{error="unauthorized_client"\} 1/);
  assert.match(text, /refusals_total\{error="not_found"\} 50/);
  assert.match(text, /requests_total\{route="none",method="other",status="404"\} 50/);
  assert.doesNotMatch(text, /nothing|ODD/);
  assert.match(text, /request_duration_seconds_count\{route="\/token"\} 3/);
  assert.match(text, /database_pending 0/);
  for (let i = 0; i < 600; i += 1) metrics.observer.issued("refresh_token", `app-${i}`);
  const { text: many } = await metrics.render();
  assert.match(many, /grant_type="refresh_token",client_id="other"\} 101/);
});

test("L11 metrics on a loopback address are not for pages that another name leads here (DNS rebinding)", async (t) => {
  const render = async () => ({ type: "text/plain", text: "counted" });
  const loopback = await listenForMetrics({ host: "127.0.0.1", port: 0 }, render);
  t.after(() => loopback.close());
  const { port } = new URL(loopback.address);
  const statusFor = async (host: string, at = port) =>
    (await clientOf(Number(at)).request("/metrics", { headers: { host } })).status;
  for (const host of ["127.0.0.1", `127.0.0.1:${port}`, `localhost:${port}`, "[::1]:9464"])
    assert.equal(await statusFor(host), 200, host);
  for (const host of [
    "rebound.example",
    `rebound.example:${port}`,
    "127.0.0.1.rebound.example",
    "x@127.0.0.1.e",
    "localhost.rebound.example",
    "*",
  ])
    assert.equal(await statusFor(host), 421, host);
  // Elsewhere, names of the network are used by scrapers.
  const inside = await listenForMetrics({ host: "0.0.0.0", port: 0 }, render);
  t.after(() => inside.close());
  assert.equal(await statusFor("node-1.internal:9464", new URL(inside.address).port), 200);
});
