import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { test } from "node:test";
import type { TLSSocket } from "node:tls";
import type { OutboundRequest } from "../context.ts";
import { createOutbound, OutboundError, type OutboundOptions } from "./outbound.ts";

const NAMES = "test/vectors/tls/names";
const read = (file: string) => readFileSync(`${NAMES}/${file}`, "utf8");
const ca = read("ca.crt");

interface Listening extends AsyncDisposable {
  port: number;
  /** Requests that arrived: method, address and headers. */
  asked: { url: string; host: string; headers: NodeJS.Dict<string | string[]> }[];
  server: Server;
}

type Closing = Server | ReturnType<typeof createTcpServer>;
async function listen(server: Closing, host: string, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) =>
    server.once("error", reject).listen(port, host, resolve),
  );
  return (server.address() as AddressInfo).port;
}

/** A real server; https with the certificate of that name. */
async function listening(
  answer: RequestListener,
  {
    certificate = "good",
    plain = false,
    host = "127.0.0.1",
    port = 0,
  }: { certificate?: string; plain?: boolean; host?: string; port?: number } = {},
): Promise<Listening> {
  const asked: Listening["asked"] = [];
  const listener: RequestListener = (request, response) => {
    const { url = "", headers } = request;
    asked.push({ url, host: headers.host ?? "", headers });
    answer(request, response);
  };
  const keys = { cert: read(`${certificate}.crt`), key: read("leaf.key") };
  const server = plain ? createServer(listener) : createTlsServer(keys, listener);
  return {
    port: await listen(server, host, port),
    asked,
    server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const answering =
  (body: string, headers: Record<string, string> = {}, status = 200): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

/** Asks for keys, unless a test says otherwise. */
const asking = (options: OutboundOptions) => {
  const outbound = createOutbound(options);
  return {
    request: (url: string, request: Partial<OutboundRequest> = {}) =>
      outbound.request(url, { purpose: "operator_keys", ...request }),
  };
};
/** For servers of this test: loopback may be reached, and their authority is trusted. */
const local = (options: Partial<OutboundOptions> = {}) =>
  asking({ allow_private_fetch: true, ca, ...options });
/** As in production; the name has these addresses. */
const strict = (addresses: readonly string[], options: Partial<OutboundOptions> = {}) =>
  asking({ allow_private_fetch: false, lookup: async () => addresses, ...options });
const failure = (kind: string) => (error: unknown) => {
  assert.ok(error instanceof OutboundError, String(error));
  assert.equal(error.kind, kind, error.message);
  return true;
};

test("a response has its status, headers and bytes", async () => {
  await using server = await listening((_, response) => {
    response.setHeader("content-type", "application/json");
    response.setHeader("set-cookie", ["a=1", "b=2"]);
    response.end('{"a":"\u00e9"}');
  });
  const url = `https://localhost:${server.port}/client.json?a=b#part`;
  const { status, header, body } = await local().request(url, { headers: { accept: "x/y" } });
  assert.deepEqual([status, body.toString()], [200, '{"a":"\u00e9"}']);
  assert.equal(header("content-type"), "application/json");
  assert.equal(header("set-cookie"), "a=1, b=2");
  assert.equal(header("x-none"), undefined);
  const [asked] = server.asked;
  assert.equal(asked?.url, "/client.json?a=b", "without the fragment");
  assert.equal(asked?.host, `localhost:${server.port}`);
  assert.equal(asked?.headers.accept, "x/y");
  assert.equal(asked?.headers["accept-encoding"], "identity");
  assert.equal(asked?.headers.authorization, undefined);
  assert.equal(asked?.headers.cookie, undefined);
});

test("a status other than 2xx is a response too, and a body can be posted", async () => {
  const bodies: string[] = [];
  await using server = await listening((request, response) => {
    request.on("data", (chunk) => bodies.push(String(chunk)));
    request.on("end", () => response.writeHead(404).end("no"));
  });
  const { status, body } = await local().request(`https://localhost:${server.port}/`, {
    method: "POST",
    body: "logout_token=x",
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  assert.deepEqual([status, body.toString()], [404, "no"]);
  assert.deepEqual(bodies, ["logout_token=x"]);
  await using unchanged = await listening(answering("", {}, 304));
  assert.equal((await local().request(`https://localhost:${unchanged.port}/`)).status, 304);
});

test("a name is resolved once; the connection goes to the checked address, with the name for TLS", async () => {
  await using right = await listening(answering("right"));
  await using wrong = await listening(answering("wrong"), { host: "127.0.0.2", port: right.port });
  const names: (string | false | null)[] = [];
  right.server.on("secureConnection", (socket: TLSSocket) => names.push(socket.servername));
  let count = 0;
  const lookup = async (hostname: string) => {
    assert.equal(hostname, "localhost");
    count += 1;
    // A resolver that evades a check: its second answer differs from the first.
    return count === 1 ? ["127.0.0.1"] : ["127.0.0.2"];
  };
  const outbound = local({ lookup });
  const url = `https://localhost:${right.port}/`;
  assert.equal((await outbound.request(url)).body.toString(), "right");
  assert.equal(count, 1);
  assert.deepEqual(names, ["localhost"]);
  assert.equal(wrong.asked.length, 0);
  // The next request resolves again and reuses no connection.
  assert.equal((await outbound.request(url)).body.toString(), "wrong");
  assert.equal(count, 2);
});

test("a name that resolves to a private address after the check is not resolved again", async () => {
  await using server = await listening(answering("secret"), { plain: true });
  let count = 0;
  const lookup = async () => {
    count += 1;
    return count === 1 ? ["203.0.113.1"] : ["127.0.0.1"];
  };
  const outbound = asking({ allow_private_fetch: false, lookup });
  await assert.rejects(outbound.request(`https://rebind.test:${server.port}/`), failure("address"));
  await assert.rejects(outbound.request(`https://rebind.test:${server.port}/`), failure("address"));
  assert.deepEqual([count, server.asked.length], [2, 0]);
});

test("a name with any non-public address is refused without a connection", async () => {
  await using server = await listening(answering("secret"));
  for (const addresses of [
    ["127.0.0.1"],
    ["::1"],
    ["10.0.0.1"],
    ["169.254.169.254"],
    ["::ffff:127.0.0.1"],
    ["64:ff9b::7f00:1"],
    ["fd00::1"],
    ["8.8.8.8", "127.0.0.1"],
    ["2606:4700::1111", "192.168.1.1"],
    ["no address"],
  ]) {
    const url = `https://name.test:${server.port}/`;
    await assert.rejects(strict(addresses).request(url), failure("address"), addresses.join());
  }
  await assert.rejects(strict([]).request("https://name.test/"), failure("name"));
  assert.equal(server.asked.length, 0);
});

test("a private address in the URL is refused in every spelling", async () => {
  const never = asking({
    allow_private_fetch: false,
    lookup: () => assert.fail("an address is not looked up"),
  });
  for (const host of [
    "127.0.0.1",
    "127.1",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "2130706433",
    "0x7f000001",
    "127.0.0.1.",
    "\u2460\u2461\u2466.0.0.1",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "10.1.2.3",
    "192.168.0.1",
    "169.254.169.254",
    "0.0.0.0",
    "0",
    "255.255.255.255",
  ])
    await assert.rejects(never.request(`https://${host}/`), failure("address"), host);
});

test("localhost is loopback, whatever DNS says", async () => {
  const outbound = asking({ allow_private_fetch: false });
  for (const host of ["localhost", "LOCALHOST", "a.localhost", "a.b.localhost"])
    await assert.rejects(outbound.request(`https://${host}/`), failure("address"), host);
});

test("only https is allowed, and no password in the URL", async () => {
  const outbound = strict(["8.8.8.8"]);
  for (const url of [
    "http://name.test/",
    "ftp://name.test/",
    "file:///etc/passwd",
    "data:application/json,{}",
    "gopher://name.test/",
    "https://user:password@name.test/",
    "https://user@name.test/",
    "https://name.test./",
    "https://name.test.:8443/",
    "https://a.localhost./",
    "//name.test/",
    "name.test",
    "",
    `https://name.test/${"x".repeat(2048)}`,
    `https://${"a.".repeat(200)}test/`,
  ])
    await assert.rejects(outbound.request(url), failure("url"), url.slice(0, 40));
});

test("in development loopback is allowed, over http too, but no other private network", async () => {
  await using server = await listening(answering("plain"), { plain: true });
  const { body } = await local().request(`http://127.0.0.1:${server.port}/`);
  assert.equal(body.toString(), "plain");
  const named = await local().request(`http://localhost:${server.port}/`);
  assert.equal(named.body.toString(), "plain");
  for (const [address, kind] of [
    ["10.0.0.1", "address"],
    ["192.168.1.1", "address"],
    ["169.254.169.254", "address"],
    ["0.0.0.0", "address"],
    ["::", "address"],
    ["::ffff:127.0.0.1", "address"],
  ] as const)
    for (const addresses of [[address], ["127.0.0.1", address]]) {
      const outbound = local({ lookup: async () => addresses });
      await assert.rejects(outbound.request("https://name.test/"), failure(kind));
      await assert.rejects(outbound.request("http://name.test/"), failure("url"));
    }
  const mixed = local({ lookup: async () => ["127.0.0.1", "8.8.8.8"] });
  await assert.rejects(mixed.request("http://name.test/"), failure("url"));
  await assert.rejects(mixed.request("https://name.test/"), failure("address"));
});

test("over IPv6 as well", async (t) => {
  const server = await listening(answering("six"), { plain: true, host: "::1" }).catch(() => null);
  if (!server) return t.skip("this computer has no IPv6");
  await using _ = server;
  const { port } = server;
  assert.equal((await local().request(`http://[::1]:${port}/`)).body.toString(), "six");
  // If one of several addresses fails, the next is tried.
  const both = local({ lookup: async () => ["127.0.0.3", "::1"] });
  assert.equal((await both.request(`http://name.test:${port}/`)).body.toString(), "six");
});

test("an invalid certificate fails the connection before any request", async () => {
  for (const certificate of ["expired", "other", "alone"]) {
    await using server = await listening(answering("x"), { certificate });
    const url = `https://localhost:${server.port}/`;
    await assert.rejects(local().request(url), failure("connection"), certificate);
    assert.equal(server.asked.length, 0, certificate);
  }
  await using good = await listening(answering("x"));
  const untrusted = asking({ allow_private_fetch: true });
  await assert.rejects(untrusted.request(`https://localhost:${good.port}/`), failure("connection"));
  await using plain = await listening(answering("x"), { plain: true });
  await assert.rejects(local().request(`https://localhost:${plain.port}/`), failure("connection"));
});

test("a redirect is an error and is not followed", async () => {
  await using target = await listening(answering("secret"), { plain: true });
  for (const status of [300, 301, 302, 303, 305, 307, 308]) {
    const location = `http://127.0.0.1:${target.port}/`;
    await using server = await listening(answering("", { location }, status));
    const url = `https://localhost:${server.port}/`;
    await assert.rejects(local().request(url), failure("redirect"), String(status));
  }
  assert.equal(target.asked.length, 0);
});

test("an oversized response is cut off, whatever its Content-Length", async () => {
  await using exact = await listening(answering("x".repeat(1000)));
  const most_bytes = 1000;
  const url = ({ port }: Listening) => `https://localhost:${port}/`;
  assert.equal((await local().request(url(exact), { most_bytes })).body.length, 1000);
  await using more = await listening(answering("x".repeat(1001)));
  await assert.rejects(local().request(url(more), { most_bytes }), failure("too_large"));

  let sent = 0;
  let closed: (() => void) | undefined;
  const ended = new Promise<void>((resolve) => (closed = resolve));
  await using endless = await listening((_, response) => {
    const chunk = "x".repeat(10_000);
    response.on("close", () => closed?.());
    const send = () => {
      if (response.destroyed) return;
      sent += chunk.length;
      response.write(chunk, () => setImmediate(send));
    };
    send();
  });
  await assert.rejects(local().request(url(endless)), failure("too_large"));
  await ended;
  assert.ok(sent < 20_000_000, `${sent} bytes were sent`);
});

test("endless headers are refused", async () => {
  await using server = await listening((_, response) => {
    response.writeHead(200, { "x-long": "x".repeat(20_000) }).end("x");
  });
  const url = `https://localhost:${server.port}/`;
  await assert.rejects(local().request(url), failure("connection"));
});

test("an encoded response is refused, since decompression could make it huge", async () => {
  await using server = await listening(answering("x", { "content-encoding": "gzip" }));
  await assert.rejects(local().request(`https://localhost:${server.port}/`), failure("encoding"));
  await using identity = await listening(answering("x", { "content-encoding": "identity" }));
  assert.equal((await local().request(`https://localhost:${identity.port}/`)).status, 200);
});

test("one time-out covers name, connection, TLS, headers and a slow body", async () => {
  const timeout = 300;
  const sockets = new Set<Socket>();
  const mute = createTcpServer((socket) => sockets.add(socket));
  const mute_port = await listen(mute, "127.0.0.1");
  await using no_headers = await listening(() => {});
  await using drops = await listening((_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(timer));
  });
  const stuck = local({ timeout, lookup: () => new Promise(() => {}) });
  for (const [what, outbound, port] of [
    ["name", stuck, 1],
    ["TLS", local({ timeout }), mute_port],
    ["headers", local({ timeout }), no_headers.port],
    ["body", local({ timeout }), drops.port],
  ] as const) {
    await assert.rejects(outbound.request(`https://localhost:${port}/`), failure("timeout"), what);
  }
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => mute.close(resolve));
});

test("an unreachable server and an interrupted response are connection errors", async () => {
  await using server = await listening((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half");
    setTimeout(() => response.destroy(), 20);
  });
  const url = `https://localhost:${server.port}/`;
  await assert.rejects(local().request(url), failure("connection"));
  await using gone = await listening(answering(""));
  const { port } = gone;
  await gone[Symbol.asyncDispose]();
  await assert.rejects(local().request(`https://localhost:${port}/`), failure("connection"));
  const failing = local({ lookup: () => Promise.reject(new Error("ENOTFOUND")) });
  await assert.rejects(failing.request("https://name.test/"), failure("name"));
});

test("each origin has a budget and all share another; both refill with time", async () => {
  await using server = await listening(answering("x"), { plain: true });
  let time = 0;
  const rates = { per_origin: { limit: 3, window: 60 }, in_all: { limit: 5, window: 60 } };
  const outbound = local({ ...rates, now: () => time, lookup: async () => ["127.0.0.1"] });
  const ask = (name: string) => outbound.request(`http://${name}.test:${server.port}/`);
  for (let i = 0; i < 3; i += 1) await ask("one");
  await assert.rejects(ask("one"), failure("budget"));
  await ask("two");
  await ask("two");
  await assert.rejects(
    ask("three"),
    failure("budget"),
    "all of them have used up the shared budget",
  );
  assert.equal(server.asked.length, 5);
  time = 60_000;
  await ask("one");
  await ask("three");
  assert.equal(server.asked.length, 7);
});

test("a refused request uses up the budget too, so it cannot be used to scan", async () => {
  const outbound = strict(["10.0.0.1"], { per_origin: { limit: 2, window: 60 } });
  for (const kind of ["address", "address", "budget"])
    await assert.rejects(outbound.request("https://name.test/"), failure(kind));
});

test("the number of concurrent requests is limited", async () => {
  const waiting: (() => void)[] = [];
  const lookup = () =>
    new Promise<string[]>((resolve) => waiting.push(() => resolve(["10.0.0.1"])));
  const wide = { limit: 1000, window: 60 };
  const outbound = asking({ allow_private_fetch: false, lookup, per_origin: wide });
  const all = Array.from({ length: 64 }, () => outbound.request("https://name.test/"));
  const outcomes = Promise.allSettled(all);
  await assert.rejects(outbound.request("https://name.test/"), failure("budget"));
  for (const answer of waiting) answer();
  await outcomes;
  const next = outbound.request("https://name.test/");
  waiting.at(-1)?.();
  await assert.rejects(next, failure("address"), "a slot is free again");
});
