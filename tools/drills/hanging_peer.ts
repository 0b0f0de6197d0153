/** Hundreds of peers that hang, on every side on which the server has peers. Other clients must not notice. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../../test/support/postgres.ts";
import { type Wire, wire } from "./ask.ts";
import { beginChain, insisting, introspectAsk, refreshAsk, serviceAsk } from "./client.ts";
import type { Drill, DrillRun, Figures } from "./drill.ts";
import { type Fault, type Hanging, hang } from "./hanging.ts";
import { newLedger } from "./ledger.ts";
import { startNode } from "./node.ts";
import { config, type Seed, seed } from "./seed.ts";

/** The number of peers of each kind. */
const CLIENTS: readonly [Fault, number][] = [
  ["silent", 100],
  ["half_head", 100],
  ["slow_body", 100],
  ["never_reads", 100],
];
const SCRAPERS = 50;
/** Peers of a wave that send everything ahead; twelve waves come within ten seconds. */
const AHEAD = 50;
const WAVES = 12;
/** Seconds of each measurement, before and during the fault. */
const MEASURED = 10;
const QUICK = 3;
/**
 * Seconds after which every peer is cut off: 30 for a head, 60 for a request, 65 for a peer that reads or sends
 * nothing.
 */
const PATIENCE = 75;
/** Milliseconds of noise, on a shared machine. */
const NOISE = 25;

export const hangingPeer: Drill = {
  name: "hanging-peer",
  title: "500 clients and scrapers that hang, and a collector of traces that never answers",
  databases: ["sqlite"],
  lines: ({ quick }) => [
    { figure: "outbound", says: "the server itself calls nobody", at_most: 0 },
    { figure: "hanging", says: "as many as said", at_least: 500 },
    { figure: "failed", says: "everybody else is answered", at_most: 0 },
    { figure: "slower_ms", says: "p99 is at most twice what it was, and 25 ms", at_most: NOISE },
    {
      figure: "most_mb",
      says: "what they send is not kept: memory stays below 1 GB",
      at_most: 1000,
    },
    ...(quick
      ? []
      : [{ figure: "still_open", says: "all of them were sent away after 75 s", at_most: 0 }]),
    { figure: "stop_ms", says: "and the server still stops within 10 s", at_most: 10_000 },
    { figure: "exit_code", says: "in order", at_most: 0 },
  ],
  run,
};

async function run({ place, quick, seconds, tell }: DrillRun): Promise<Figures> {
  const measured = 1000 * (seconds ?? (quick ? QUICK : MEASURED));
  const [port, metrics_port] = [await freePort(), await freePort()];
  const settings = config(`http://127.0.0.1:${port}`);
  const seeded = await seed({ database: place.database, config: settings });
  const preload = [new URL("hanging_exporter.ts", import.meta.url).href];
  const node = await startNode({ place, port, metrics_port, config: settings, preload });
  const line = wire(seeded.origin);
  const peers: Hanging[] = [];
  try {
    await probe(seeded, line, measured); // to warm up
    const before = await probe(seeded, line, measured);
    const [quiet_mb, quiet_fds] = [memoryOf(node.pid), openFiles(node.pid)];
    for (const [fault, count] of CLIENTS)
      for (let i = 0; i < count; i += 1) peers.push(hang(port, fault));
    for (let i = 0; i < SCRAPERS; i += 1) peers.push(hang(metrics_port, "never_reads", "/metrics"));
    const ahead = (): void => {
      for (let i = 0; i < AHEAD; i += 1) peers.push(hang(port, "sends_ahead"));
    };
    ahead();
    await sleep(2000);
    const cut = quiet_fds + peers.length - openFiles(node.pid);
    tell(`${peers.length} peers hang, and ${cut} have been sent away at once`);
    const hanging = peers.length;
    const during = await probe(seeded, line, measured);
    const memory: number[] = [];
    for (let wave = 0; wave < WAVES; wave += 1) {
      ahead();
      await sleep(700);
      memory.push(memoryOf(node.pid));
    }
    if (!quick) await sleep(PATIENCE * 1000 - measured);
    const still_open = Math.max(0, openFiles(node.pid) - quiet_fds);
    tell(`${still_open} are still there`);
    const at_rest_mb = memoryOf(node.pid);
    const began = performance.now();
    const exit_code = await node.stop();
    return {
      outbound: outboundCalls(),
      hanging,
      cut_at_once: cut,
      failed: before.failed + during.failed,
      asked: before.asked + during.asked,
      p99_before_ms: Math.round(before.p99),
      p99_during_ms: Math.round(during.p99),
      slower_ms: Math.round(during.p99 - 2 * before.p99),
      quiet_mb,
      most_mb: Math.max(...memory),
      at_rest_mb,
      still_open,
      stop_ms: Math.round(performance.now() - began),
      exit_code,
    };
  } finally {
    line.close();
    for (const peer of peers) peer.destroy();
    if (node.isUp()) await node.kill();
  }
}

interface Probe {
  asked: number;
  failed: number;
  p99: number;
}

/** A few honest clients, one request after the other. */
async function probe(seeded: Seed, line: Wire, ms: number): Promise<Probe> {
  const ledger = newLedger();
  const insist = insisting(line, ledger, { pause: 20, gaveUp: () => false });
  const [cookie = ""] = seeded.cookies;
  const chain = await beginChain({ app: seeded.web, cookie }, insist, ledger);
  if (!chain) throw new Error("could not sign in");
  const asks = [
    serviceAsk(seeded),
    introspectAsk(seeded, chain.access_token),
    refreshAsk(chain.app, chain.refresh_token),
  ];
  const times: number[] = [];
  let failed = 0;
  for (const end = performance.now() + ms; performance.now() < end; await sleep(2))
    for (const ask of asks) {
      const answer = await line.ask(ask).catch(() => null);
      if (answer?.status === 200) times.push(answer.ms);
      else failed += 1;
    }
  times.sort((a, b) => a - b);
  const p99 = times[Math.floor(times.length * 0.99)] ?? Number.NaN;
  return { asked: times.length + failed, failed, p99 };
}

/** Counted at the server: a peer that reads nothing does not see that it was cut off. */
const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** Memory of the process, in megabytes. */
function memoryOf(pid: number): number {
  const [, kb = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kb) / 1024);
}

/**
 * Places in the server's code that send requests: none, since it takes key sets only as they are registered. The
 * commands and the demo do not belong to the server.
 */
function outboundCalls(): number {
  const root = fileURLToPath(new URL("../../src/", import.meta.url));
  const server = globSync("**/*.ts", { cwd: root, exclude: ["cli/**", "demo/**", "**/*.test.ts"] });
  const CALLS =
    /(?:await|return|=>?|\() ?fetch\(|\b(?:request|get|connect)\b[^;]*from "node:(?:https?|net|tls)"/;
  return server.filter((file) => CALLS.test(readFileSync(root + file, "utf8"))).length;
}
