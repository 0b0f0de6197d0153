import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, Server } from "node:net";
import { mock, test } from "node:test";
import { inUrl, LOOPBACK } from "../../test/support/loopback.ts";
import { HTTP_CONNECTIONS, ListenError, listenOn } from "./listen.ts";

async function isOpen(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Runs with a `listen` that fails on this address with these errors, one after the other. */
async function failing(host: string, codes: string[], work: () => Promise<void>): Promise<void> {
  const listen = Server.prototype.listen;
  const mocked = mock.method(
    Server.prototype,
    "listen",
    function (this: Server, ...args: unknown[]) {
      const code = args[1] === host ? codes.shift() : undefined;
      if (code === undefined) return Reflect.apply(listen, this, args);
      process.nextTick(() => this.emit("error", Object.assign(new Error(code), { code })));
      return this;
    },
  );
  try {
    await work();
  } finally {
    mocked.mock.restore();
  }
}

test("localhost listens on both loopback addresses, on one port", async () => {
  const server = createHttpServer((request, response) => response.end(request.headers.host));
  const { port, authority, stop } = await listenOn(
    server,
    { host: "localhost", port: 0 },
    HTTP_CONNECTIONS,
  );
  assert.equal(authority, `localhost:${port}`);
  for (const address of LOOPBACK) {
    const host = `${inUrl(address)}:${port}`;
    assert.equal(await (await fetch(`http://${host}/`)).text(), host);
  }
  stop();
  for (const address of LOOPBACK) assert.equal(await isOpen(address, port), false, address);
  server.closeAllConnections();
});

test("if one of the addresses is in use, the error names it and nothing listens", async () => {
  for (const taken of LOOPBACK) {
    const other = createServer().listen(0, taken);
    await once(other, "listening");
    const bound = other.address();
    const port = typeof bound === "object" && bound ? bound.port : 0;
    await assert.rejects(listenOn(createServer(), { host: "localhost", port }), {
      name: "ListenError",
      message: `port ${port} on ${taken} is in use`,
    });
    for (const host of LOOPBACK) assert.equal(await isOpen(host, port), host === taken, host);
    other.close();
    await once(other, "close");
  }
});

test("without IPv6, localhost is the IPv4 address alone", async () => {
  for (const code of ["EADDRNOTAVAIL", "EAFNOSUPPORT"])
    await failing("::1", [code], async () => {
      const { port, stop } = await listenOn(createServer(), { host: "localhost", port: 0 });
      assert.deepEqual(
        [await isOpen("127.0.0.1", port), await isOpen("::1", port)],
        [true, false],
        code,
      );
      stop();
    });
});

test("a free port must be free on both addresses; ten others are tried", async () => {
  const times = (count: number) => Array.from({ length: count }, () => "EADDRINUSE");
  await failing("::1", times(9), async () => {
    const { port, stop } = await listenOn(createServer(), { host: "localhost", port: 0 });
    assert.equal(await isOpen("127.0.0.1", port), true);
    stop();
  });
  await failing("::1", times(10), async () => {
    const listening = listenOn(createServer(), { host: "localhost", port: 0 });
    await assert.rejects(listening, ListenError);
  });
});

test("the authority of each address is written as in a URL", async () => {
  for (const host of LOOPBACK) {
    const { port, authority, stop } = await listenOn(createServer(), { host, port: 0 });
    assert.equal(authority, `${inUrl(host)}:${port}`);
    stop();
  }
});
