/**
 * The load generator, in a process of its own: plain sockets with one request in flight on each, so that it
 * never is the slower side. Any answer but the expected one ends the benchmark.
 */
import { connect } from "node:net";
import { type Material, SCENARIOS, type Scenario } from "./scenarios.ts";

export interface Order {
  scenario: string;
  material: Material;
  connections: number;
  seconds: number;
}
export type Outcome = { requests: number; seconds: number } | { failure: string };

process.on("message", async (order: Order) => {
  try {
    process.send?.(await run(order));
  } catch (error) {
    process.send?.({ failure: String(error) } satisfies Outcome);
  }
});
process.on("disconnect", () => process.exit());

async function run({ scenario: name, material, connections, seconds }: Order): Promise<Outcome> {
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (!scenario) return { failure: `no scenario ${name}` };
  // Each connection has tokens of its own, so that none is in use twice at once.
  const shares = Array.from({ length: connections }, (): string[] => []);
  for (const [i, token] of material.tokens.entries())
    shares[i % connections]?.push(scenario.request(material, token));
  if (scenario.token_use === "none")
    for (const share of shares) share.push(scenario.request(material, ""));
  const begin = performance.now();
  const end = begin + seconds * 1000;
  const awake = stayAwake();
  const counts = await Promise.all(
    shares.map((requests) => drive(scenario, material, { requests, end })),
  );
  awake.end();
  return {
    requests: counts.reduce((sum, count) => sum + count, 0),
    seconds: (performance.now() - begin) / 1000,
  };
}

/**
 * Never waits for the next answer asleep. Waking another process up is work of the one that writes to it (30 us on a
 * virtual machine), and a client on a machine of its own would not cost the server that.
 */
function stayAwake(): { end(): void } {
  let running = true;
  const turn = (): void => {
    if (running) setImmediate(turn);
  };
  turn();
  return {
    end() {
      running = false;
    },
  };
}

/** One connection: the next request leaves when the answer is complete. Gives the number of answers. */
function drive(
  { token_use, status, request }: Scenario,
  material: Material,
  { requests, end }: { requests: string[]; end: number },
): Promise<number> {
  let sent = 0;
  let text = "";
  return new Promise((resolve, reject) => {
    const { port } = material;
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }).setEncoding("latin1");
    const next = (): void => {
      const usedUp = token_use === "once" && sent === requests.length;
      if (performance.now() >= end || usedUp) {
        socket.destroy();
        resolve(sent);
        return;
      }
      text = "";
      socket.write(requests[sent % requests.length] ?? "", "latin1");
      sent += 1;
    };
    socket.on("connect", next);
    socket.on("error", reject);
    socket.on("end", () => reject(new Error("the server closed the connection")));
    socket.on("data", (chunk) => {
      text += chunk;
      if (!isComplete(text)) return;
      if (token_use === "replaced")
        requests[(sent - 1) % requests.length] = request(material, refreshTokenIn(text));
      if (Number(text.slice(9, 12)) === status) next();
      else reject(new Error(`an answer that was not expected:\n${text}`));
    });
  });
}

function isComplete(text: string): boolean {
  const head = text.indexOf("\r\n\r\n");
  const [, length] = /content-length: (\d+)/i.exec(text) ?? [];
  return head > 0 && text.length >= head + 4 + Number(length ?? 0);
}

const refreshTokenIn = (text: string): string => /"refresh_token":"([^"]+)"/.exec(text)?.[1] ?? "";
