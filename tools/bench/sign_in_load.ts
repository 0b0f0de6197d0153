/** Measures whether sign-ins slow down the token endpoint, at a rate that is no problem by itself. */
import { join } from "node:path";
import { judged, P99_WITH_SIGN_INS } from "./aims.ts";
import { type Child, type Question, startChild } from "./child.ts";
import type { Order, Outcome } from "./load.ts";
import { milliseconds, table, times } from "./markdown.ts";
import type { Options } from "./options.ts";
import type { Material, ScenarioName } from "./scenarios.ts";
import { median } from "./statistics.ts";

export interface SignInLoad {
  with_sign_ins: boolean;
  p50: number;
  p99: number;
  sign_ins_per_second: number;
}

/** Requests a second. */
const RATE = 500;
const CONNECTIONS = 64;
const SIGNING_IN = 16;

/** On all cores, as in production: the measurement shows that the hashes leave one core free. */
export async function measureSignInLoad(folder: string, options: Options): Promise<SignInLoad[]> {
  const { only, sides, runs, quick } = options;
  if (!only.has("sign_in_load") || !sides.has("valetkey")) return [];
  const database = `sqlite:${join(folder, "sign_in_load.sqlite")}`;
  const server = startChild("servers/valetkey.ts", { core: null, args: [database] });
  const clients = startChild("load.ts", { core: null });
  const people = startChild("load.ts", { core: null });
  const seconds = quick ? 1 : 5;
  const all: SignInLoad[] = [];
  try {
    const tokens = await orderFor("client_credentials", server, seconds);
    const sign_ins = await orderFor("sign_in", server, seconds);
    for (let run = 0; run <= runs; run += 1) {
      process.stderr.write(`tokens while people sign in, run ${run} of ${runs}\n`);
      for (const with_sign_ins of [false, true]) {
        const signing_in = with_sign_ins
          ? drive(people, { ...sign_ins, connections: SIGNING_IN })
          : null;
        const { latency } = await drive(clients, { ...tokens, rate: RATE });
        const signed_in = await signing_in;
        const sign_ins_per_second = signed_in ? signed_in.requests / signed_in.seconds : 0;
        if (run > 0) all.push({ with_sign_ins, ...latency, sign_ins_per_second });
      }
    }
  } finally {
    await Promise.all([server, clients, people].map((child) => child.stop()));
  }
  return all;
}

async function orderFor(scenario: ScenarioName, server: Child, seconds: number): Promise<Order> {
  const question: Question = { ask: "material", scenario, seconds };
  const material = await server.ask<Material>(question);
  return { scenario, material, seconds, connections: CONNECTIONS, awake: false };
}

async function drive(load: Child, order: Order) {
  const outcome = await load.ask<Outcome>(order);
  if ("failure" in outcome) throw new Error(`${order.scenario}: ${outcome.failure}`);
  return outcome;
}

export function signInLoadTable(all: readonly SignInLoad[]): string[] {
  if (all.length === 0) return [];
  const of = (with_sign_ins: boolean, key: "p50" | "p99" | "sign_ins_per_second"): number =>
    median(all.filter((one) => one.with_sign_ins === with_sign_ins).map((one) => one[key]));
  const ratio = of(true, "p99") / of(false, "p99");
  const rows = [
    ["nobody signs in", milliseconds(of(false, "p50")), milliseconds(of(false, "p99")), ""],
    [
      `${of(true, "sign_ins_per_second").toFixed(0)} people a second sign in, as many as can`,
      milliseconds(of(true, "p50")),
      milliseconds(of(true, "p99")),
      judged(ratio, P99_WITH_SIGN_INS, times),
    ],
  ];
  const head = [`client_credentials, ${RATE} a second`, "p50", "p99", "p99, against none"];
  return [`### The token endpoint while people sign in\n\n${table(head, rows)}`];
}
