import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { acceptConnections, type Connections, type Taker } from "./connections.ts";

const HERE = { host: "127.0.0.1", port: 0 };

/** Records the connections that it receives, by the port of the visitor. */
function noting(): { taker: Taker; ids: number[]; from: (number | undefined)[] } {
  const ids: number[] = [];
  const from: (number | undefined)[] = [];
  const taker: Taker = {
    take(id, { remotePort }) {
      ids.push(id);
      from.push(remotePort);
    },
  };
  return { taker, ids, from };
}

async function open(
  run: (connections: Connections, visit: () => Promise<Socket>) => Promise<void>,
) {
  const connections = acceptConnections();
  const { port } = await connections.listen(HERE);
  const visitors: Socket[] = [];
  const visit = () =>
    new Promise<Socket>((resolve) => {
      const socket = connect(port, HERE.host, () => resolve(socket)).on("error", () => {});
      visitors.push(socket);
    });
  try {
    await run(connections, visit);
  } finally {
    connections.close();
    for (const socket of visitors) socket.destroy();
  }
}

/** Connections are accepted after the visitor's side is open. */
async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!holds() && performance.now() < end) await pause(5);
  assert.ok(holds());
}

const times = (count: number, work: () => Promise<unknown>) =>
  Promise.all(Array.from({ length: count }, work));

test("connections are spread evenly over the processes", () =>
  open(async (connections, visit) => {
    const takers = [noting(), noting(), noting()];
    for (const { taker } of takers) connections.join(taker);
    await times(12, visit);
    await until(() => takers.flatMap(({ ids }) => ids).length === 12);
    assert.deepEqual(
      takers.map(({ ids }) => ids.length),
      [4, 4, 4],
    );
  }));

test("connections that arrive before a process is ready are queued", () =>
  open(async (connections, visit) => {
    await times(3, visit);
    await pause(50);
    const late = noting();
    connections.join(late.taker);
    assert.equal(late.ids.length, 3);
  }));

test("connections in transit to a process that ended go to another; accepted ones do not", () =>
  open(async (connections, visit) => {
    const [one, two] = [noting(), noting()];
    connections.join(one.taker);
    const taken = await visit();
    await until(() => one.ids.length === 1);
    connections.taken(one.taker, one.ids[0] ?? 0);
    await times(2, visit);
    await until(() => one.ids.length === 3);
    connections.leave(one.taker);
    connections.join(two.taker);
    assert.deepEqual(two.from, one.from.slice(1));
    assert.ok(!two.from.includes(taken.localPort));
  }));

test("a process that accepts none gets no more than its limit in transit", () =>
  open(async (connections, visit) => {
    const [busy, idle] = [noting(), noting()];
    connections.join(busy.taker);
    await times(100, visit);
    await until(() => busy.ids.length === 64);
    await pause(100);
    assert.equal(busy.ids.length, 64);
    connections.join(idle.taker);
    assert.equal(idle.ids.length, 36);
  }));
