import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { asker, describeReply, headerOf, isAnswer, type Reply } from "./ask.ts";

const HEAD = "HTTP/1.1 200 OK\r\nX-One: a\r\nX-One: b\r\n";

/** Asks a server that handles each connection as told. */
async function askOf(serve: (socket: Socket) => void, patience = 300): Promise<Reply> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => serve(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const { ask, close } = asker(patience);
  try {
    return await ask(`http://127.0.0.1:${port}/`, { method: "POST", body: "ä=1" });
  } finally {
    close();
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

test("a reply has its status, every header and its body", async () => {
  const before = Date.now();
  const reply = await askOf((socket) => socket.end(`${HEAD}Content-Type: text/html\r\n\r\nbody`));
  assert.ok(isAnswer(reply));
  assert.deepEqual([reply.status, reply.body, headerOf(reply, "x-one")], [200, "body", "a, b"]);
  assert.equal(describeReply(reply), "200 with text/html");
  assert.ok(before <= reply.at && reply.at <= Date.now());
});

test("a silent, interrupted or endless response is described briefly, in time", async () => {
  const cases: [(socket: Socket) => void, RegExp][] = [
    [() => {}, /^no answer within 0\.3 s$/],
    [(socket) => socket.write(`${HEAD}Content-Length: 9\r\n\r\nhalf`), /^no answer within 0\.3 s$/],
    [(socket) => socket.destroy(), /^the connection was cut$/],
    [(socket) => socket.end("hello\r\n\r\n"), /^it does not speak HTTP there$/],
    [(socket) => socket.end(`${HEAD}\r\n${"x".repeat(1_100_000)}`), /^the answer does not end$/],
  ];
  for (const [serve, expected] of cases) {
    const reply = await askOf(serve, expected.source.includes("end$") ? 5000 : 300);
    assert.match(describeReply(reply), expected);
    assert.ok(!isAnswer(reply));
  }
});

test("an unknown host and a closed port are reported", async () => {
  const { ask, close } = asker();
  const nobody = createServer().listen(0, "127.0.0.1");
  await once(nobody, "listening");
  const address = nobody.address();
  const port = typeof address === "object" && address ? address.port : 0;
  nobody.close();
  await once(nobody, "close");
  const refused = await ask(`http://127.0.0.1:${port}/`);
  assert.equal(describeReply(refused), "nothing listens there (connection refused)");
  assert.match(describeReply(await ask("https://nobody.invalid/")), /\(DNS\)$/);
  close();
});
