import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { boundedPipelines, endUnread } from "./pipelining.ts";

const GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

/** @returns the number of requests that got through, the number of answers, and whether the connection was cut */
async function ask(count: number, most?: number) {
  let let_through = 0;
  const server = createServer(
    boundedPipelines((_, response) => {
      let_through += 1;
      setTimeout(() => response.end("ok"), 5);
    }, most),
  );
  endUnread(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const socket = connect({ port, host: "127.0.0.1" });
  let text = "";
  let cut = false;
  socket.setEncoding("latin1");
  socket.on("error", () => {});
  socket.write(GET.repeat(count));
  await new Promise<void>((resolve) => {
    socket.on("close", () => {
      cut = true;
      resolve();
    });
    socket.on("data", (chunk) => {
      text += chunk;
      if (text.split("HTTP/1.1 200").length > count) resolve();
    });
  });
  socket.destroy();
  server.close();
  return { let_through, answers: text.split("HTTP/1.1 200").length - 1, cut };
}

test("a few pipelined requests are answered in order", async () => {
  for (const count of [1, 2, 17])
    assert.deepEqual(await ask(count), { let_through: count, answers: count, cut: false });
});

test("a client that pipelines too many requests is cut off before they cost anything", async () => {
  const { let_through, cut } = await ask(1000);
  assert.deepEqual({ let_through, cut }, { let_through: 17, cut: true });
  assert.deepEqual(await ask(2, 0), { let_through: 1, answers: 0, cut: true });
});

test("an idle connection ends by itself", () => {
  const server = createServer();
  endUnread(server);
  assert.ok(server.timeout > 60_000 && server.timeout < 70_000);
});
