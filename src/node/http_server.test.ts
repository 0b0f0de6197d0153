/** A server that is handed its connections keeps to the same limits as one that listens. */
import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { parseConfig } from "../config.ts";
import { silentLog } from "../http/log.ts";
import { httpServer } from "./http_server.ts";
import { boundTo, listenOn } from "./listen.ts";

const HERE = { host: "127.0.0.1", port: 0 };

async function handing() {
  const http = httpServer(parseConfig({}), silentLog);
  http.answerWith((_, response) => response.end("here"));
  const door = createServer(http.take);
  await listenOn(door, HERE);
  const { port } = boundTo(door, HERE);
  /** Sends bytes, and gives all that comes back until it is hung up. */
  const exchange = (bytes: string, ends = false): Promise<string> =>
    new Promise((resolve) => {
      let answer = "";
      const socket = connect({ port, host: HERE.host, allowHalfOpen: true }, () =>
        ends ? socket.end(bytes) : socket.write(bytes),
      );
      socket.on("data", (chunk) => (answer += chunk));
      socket.on("error", () => {});
      socket.on("end", () => socket.end());
      socket.on("close", () => resolve(answer));
    });
  return { http, door, exchange };
}

test("requests that come too slowly are refused, and too long ones", async () => {
  const { http, door, exchange } = await handing();
  http.server.headersTimeout = 300;
  const began = performance.now();
  assert.match(await exchange("GET / HTTP/1.1\r\nhost: x\r\n"), /^HTTP\/1\.1 408 /);
  assert.ok(performance.now() - began < 5000);
  const long = `GET / HTTP/1.1\r\nhost: x\r\nx: ${"a".repeat(20_000)}\r\n\r\n`;
  assert.match(await exchange(long), /^HTTP\/1\.1 431 /);
  door.close();
  await http.drain();
});

test("it drains: what is idle is hung up on, what is under way is answered", async () => {
  const { http, door, exchange } = await handing();
  const answers: (() => void)[] = [];
  http.answerWith((_, response) => answers.push(() => response.end("late")));
  const request = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
  const [silent, slow] = [exchange(""), exchange(request)];
  while (answers.length < 1) await new Promise(setImmediate);
  door.close();
  const drained = http.drain();
  assert.equal(await silent, "");
  for (const answer of answers) answer();
  assert.match(await slow, /late/);
  await drained;
});
