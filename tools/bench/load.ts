/**
 * The load generator, in a process of its own: plain sockets with one request in flight on each, so that it
 * never is the slower side. Any answer but the expected one ends the benchmark.
 */
import { type Connection, openConnection } from "./connection.ts";
import { ANY, type Flow, findFlow, type Way } from "./flows.ts";
import { findScenario, type Material, type Scenario, type ScenarioName } from "./scenarios.ts";
import { type Latency, latency } from "./statistics.ts";

export interface Order {
  scenario: ScenarioName;
  material: Material;
  connections: number;
  seconds: number;
  /** Waits for answers without sleeping: for a process with a core of its own. */
  awake: boolean;
  /** Requests a second, independent of the answers. Left out: each answer starts the next request. */
  rate?: number;
}
export type Outcome = { requests: number; seconds: number; latency: Latency } | { failure: string };

process.on("message", async (order: Order) => {
  try {
    process.send?.(await run(order));
  } catch (error) {
    process.send?.({ failure: String(error) } satisfies Outcome);
  }
});
process.on("disconnect", () => process.exit());

async function run(order: Order): Promise<Outcome> {
  const { scenario: name, material, connections, seconds, awake, rate } = order;
  const [scenario, flow] = [findScenario(name), findFlow(name)];
  const opened = await Promise.all(
    Array.from({ length: connections }, () => openConnection(material.port)),
  );
  const stop = awake ? stayAwake() : () => {};
  const begin = performance.now();
  const end = begin + seconds * 1000;
  const times = flow
    ? await inFlows(flow, { material, end }, opened)
    : await inRequests(scenario, { material, end, rate }, opened);
  const took = (performance.now() - begin) / 1000;
  stop();
  for (const connection of opened) connection.close();
  return { requests: times.length, seconds: took, latency: latency(times) };
}

function inRequests(
  scenario: Scenario | undefined,
  { rate, ...task }: Omit<Task, "scenario"> & { rate: number | undefined },
  opened: Connection[],
): Promise<number[]> {
  if (!scenario) throw new Error("there is no such scenario");
  return rate ? inTime({ scenario, ...task }, opened, rate) : inTurn({ scenario, ...task }, opened);
}

/** Addresses that flows have come from, in this process: each has one of its own. */
let addresses = 0;

/** Begins the next flow of each connection when the one before is complete. */
async function inFlows(
  { run }: Flow,
  { material, end }: Omit<Task, "scenario">,
  all: Connection[],
): Promise<number[]> {
  const times: number[] = [];
  const on = (connection: Connection): Way["exchange"] =>
    async function exchange(request, status) {
      const text = await connection.exchange(request);
      if (status !== ANY && Number(text.slice(9, 12)) !== status)
        throw new Error(`an answer that was not expected:\n${text.slice(0, 1000)}`);
      return text;
    };
  const elsewhere: Way["elsewhere"] = async () => {
    addresses += 1;
    const [high, middle, low] = [addresses >> 16, (addresses >> 8) & 255, addresses & 255];
    const connection = await openConnection(material.port, `127.${high + 1}.${middle}.${low}`);
    return { exchange: on(connection), close: connection.close };
  };
  const drive = async (connection: Connection): Promise<void> => {
    do {
      const begin = performance.now();
      await run({ exchange: on(connection), elsewhere }, material);
      times.push(performance.now() - begin);
    } while (performance.now() < end);
  };
  await Promise.all(all.map(drive));
  return times;
}

interface Task {
  scenario: Scenario;
  material: Material;
  end: number;
}

/** Sends the next request of each connection when the answer is complete. Returns the time of each. */
async function inTurn({ scenario, material, end }: Task, all: Connection[]): Promise<number[]> {
  // Each connection has tokens of its own, so that none is in use twice at once.
  const shares = all.map((): string[] => []);
  for (const [i, token] of material.tokens.entries())
    shares[i % all.length]?.push(scenario.request(material, token));
  if (scenario.token_use === "none")
    for (const share of shares) share.push(scenario.request(material, ""));
  const times: number[] = [];
  const drive = async (connection: Connection, requests: string[]): Promise<void> => {
    if (requests.length === 0) return;
    const most = scenario.token_use === "once" ? requests.length : Number.POSITIVE_INFINITY;
    for (let sent = 0; sent < most; sent += 1) {
      const begin = performance.now();
      // At least one, even if the system starts this process late.
      if (begin >= end && sent > 0) return;
      const i = sent % requests.length;
      const text = await connection.exchange(requests[i] ?? "");
      times.push(performance.now() - begin);
      check(text, scenario);
      if (scenario.token_use === "replaced")
        requests[i] = scenario.request(material, refreshTokenIn(text));
    }
  };
  await Promise.all(all.map((connection, i) => drive(connection, shares[i] ?? [])));
  return times;
}

/** Each request has a due time, from which its time counts, even while no connection is free. */
async function inTime(
  { scenario, material, end }: Task,
  all: Connection[],
  rate: number,
): Promise<number[]> {
  const request = scenario.request(material, "");
  const times: number[] = [];
  let due = performance.now();
  const drive = async (connection: Connection): Promise<void> => {
    while (due < end) {
      let begin = due;
      due += 1000 / rate;
      const early = begin - performance.now();
      if (early > 0) {
        await new Promise((resolve) => setTimeout(resolve, early));
        // A late timer is a delay of the load, and not of the server.
        begin = performance.now();
      }
      check(await connection.exchange(request), scenario);
      times.push(performance.now() - begin);
    }
  };
  await Promise.all(all.map(drive));
  return times;
}

function check(answer: string, { status, says = "" }: Scenario): void {
  if (Number(answer.slice(9, 12)) !== status || !answer.includes(says))
    throw new Error(`an answer that was not expected:\n${answer.slice(0, 1000)}`);
}

/**
 * Waits for answers without sleeping. A process that writes to a sleeping one pays for waking it (30 us on a virtual
 * machine), and a client on another machine would not cost the server that.
 */
function stayAwake(): () => void {
  let running = true;
  const turn = (): void => {
    if (running) setImmediate(turn);
  };
  turn();
  return () => {
    running = false;
  };
}

const refreshTokenIn = (text: string): string => /"refresh_token":"([^"]+)"/.exec(text)?.[1] ?? "";
