/** Two servers on one database, behind a fetch that alternates between them. */
import type { Config } from "../../src/config.ts";
import { START, type TestServer, testServer } from "./server.ts";

/** A secret for tests only, shared by the nodes. */
export const SECRET = Buffer.alloc(32, 3).toString("base64url");

export interface TwoNodes extends TestServer {
  nodes: readonly [TestServer, TestServer];
}

/** The pair's own additions and changes go through the first node. */
export async function twoNodes(database: string, config: Config = {}): Promise<TwoNodes> {
  let time = START;
  const runtime = { secret: SECRET, clock: () => time * 1000 };
  // Started at the same moment: both migrate, and both would make the keys.
  const nodes = await Promise.all([
    testServer({ database, rate_limits: { changes: 0 }, ...config }, runtime),
    testServer({ database, rate_limits: { changes: 0 }, ...config }, runtime),
  ]);
  let turn = 0;
  const close = async () => {
    await Promise.all(nodes.map((node) => node.close()));
  };
  return {
    ...nodes[0],
    nodes,
    advance(seconds) {
      time += seconds;
    },
    fetch(request, peer) {
      turn = 1 - turn;
      return nodes[turn === 0 ? 0 : 1].fetch(request, peer);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
