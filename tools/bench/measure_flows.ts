/** Whole flows a second, at Valetkey alone: other servers would not get the same bytes. */
import { FLOWS } from "./flows.ts";
import { milliseconds, table } from "./markdown.ts";
import { measure } from "./measure.ts";
import type { Options } from "./options.ts";
import type { ScenarioName } from "./scenarios.ts";
import { isOnPostgres, type ServerName, type Servers } from "./servers.ts";
import { median } from "./statistics.ts";

export interface FlowRun {
  flow: ScenarioName;
  server: ServerName;
  per_second: number;
  cpu_us: number;
  p50: number;
  p99: number;
}

/** Fewer than for requests: one person types the codes of all devices, and may type ten at once. */
const CONNECTIONS = 8;

const chosen = ({ only }: Options) => FLOWS.filter(({ name }) => only.has(name));

export const flowServers = (options: Options): ServerName[] => {
  const { sides } = options;
  if (chosen(options).length === 0 || !sides.has("valetkey")) return [];
  return sides.has("postgres") ? ["valetkey", "valetkey_postgres"] : ["valetkey"];
};

export async function measureFlows(servers: Servers, options: Options): Promise<FlowRun[]> {
  const all: FlowRun[] = [];
  const { runs, seconds } = options;
  const names = flowServers(options);
  // The first run warms up.
  for (let run = 0; run <= runs && names.length > 0; run += 1)
    for (const { name: flow } of chosen(options))
      for (const server of names) {
        process.stderr.write(`${flow} at ${server}, run ${run} of ${runs}\n`);
        const measured = await measure({
          scenario: flow,
          server: servers.of(server),
          load: servers.load,
          seconds,
          connections: CONNECTIONS,
          awake: !isOnPostgres(server),
        });
        if (!measured || run === 0) continue;
        const { requests_per_second: per_second, cpu_us, p50, p99 } = measured;
        all.push({ flow, server, per_second, cpu_us, p50, p99 });
      }
  return all;
}

const SHOWN = [
  ["valetkey", "SQLite"],
  ["valetkey_postgres", "PostgreSQL"],
] as const;

export function flowTable(all: readonly FlowRun[]): string[] {
  const rows = FLOWS.flatMap(({ name, title }) =>
    SHOWN.flatMap(([server, database]) => {
      const runs = all.filter((one) => one.flow === name && one.server === server);
      if (runs.length === 0) return [];
      const of = (key: "per_second" | "cpu_us" | "p50" | "p99") =>
        median(runs.map((one) => one[key]));
      return [
        [
          title,
          database,
          of("per_second").toFixed(0),
          `${(of("cpu_us") / 1000).toFixed(2)} ms`,
          milliseconds(of("p50")),
          milliseconds(of("p99")),
        ],
      ];
    }),
  );
  if (rows.length === 0) return [];
  const head = ["flow", "database", "a second", "CPU each", `p50, ${CONNECTIONS} at once`, "p99"];
  return [`### Whole flows\n\n${table(head, rows)}`];
}
