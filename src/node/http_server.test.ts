import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { parseConfig } from "../config.ts";
import { silentLog } from "../context.ts";
import { httpServer } from "./http_server.ts";

const ASK = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

test("a stopping server answers on keep-alive connections with Connection: close", async () => {
  const config = parseConfig({ port: 0 });
  const http = httpServer(config, silentLog);
  http.answerWith((_, response) => response.end("here"));
  const { port } = await http.listen(config);
  const socket = connect(port, "127.0.0.1", () => socket.write(ASK));
  socket.setEncoding("latin1");
  const [first] = await once(socket, "data");
  assert.match(first, /connection: keep-alive/i);
  const stopped = http.drain();
  socket.write(ASK);
  const [last] = await once(socket, "data");
  assert.match(last, /^HTTP\/1\.1 200 .*connection: close\r\n/is);
  await Promise.all([once(socket, "close"), stopped]);
});
