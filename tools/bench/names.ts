/** Whether the time of a refusal tells known names from unknown ones: wrong passwords for both, one at a time. */
import { judged, KNOWN_TO_UNKNOWN } from "./aims.ts";
import { milliseconds, table } from "./markdown.ts";
import { measure } from "./measure.ts";
import type { Options } from "./options.ts";
import type { ScenarioName } from "./scenarios.ts";
import { isOnPostgres, type ServerName, type Servers } from "./servers.ts";
import { median } from "./statistics.ts";

export interface NameRun {
  server: ServerName;
  name: (typeof NAMES)[number];
  requests: number;
  p50: number;
  p99: number;
}

const NAMES = ["known", "unknown"] as const;
const SCENARIO_OF = {
  known: "sign_in_wrong",
  unknown: "sign_in_unknown",
} as const satisfies Record<NameRun["name"], ScenarioName>;

const SHOWN = [
  ["valetkey", "SQLite"],
  ["valetkey_postgres", "PostgreSQL"],
] as const;

export const nameServers = ({ sides, only }: Options): ServerName[] => {
  if (!only.has("names") || !sides.has("valetkey")) return [];
  return sides.has("postgres") ? ["valetkey", "valetkey_postgres"] : ["valetkey"];
};

/** Slices of a run, in the order known, unknown, unknown, known: a disturbance of the machine affects both. */
const SLICES = 8;
const ORDER = ["known", "unknown", "unknown", "known"] as const;

export async function measureNames(servers: Servers, options: Options): Promise<NameRun[]> {
  const { runs } = options;
  const all: NameRun[] = [];
  for (const server of nameServers(options)) {
    // The first run warms up.
    for (let run = 0; run <= runs; run += 1) {
      process.stderr.write(`wrong passwords at ${server}, run ${run} of ${runs}\n`);
      const slices = await oneRun(server, servers, options);
      if (run > 0) all.push(...slices);
    }
  }
  return all;
}

async function oneRun(
  server: ServerName,
  { of, load }: Servers,
  { seconds }: Options,
): Promise<NameRun[]> {
  const slices: NameRun[] = [];
  for (let i = 0; i < SLICES; i += 1) {
    const name = ORDER[i % ORDER.length] ?? "known";
    const measured = await measure({
      scenario: SCENARIO_OF[name],
      server: of(server),
      load,
      seconds: seconds / SLICES,
      connections: 1,
      awake: !isOnPostgres(server),
    });
    if (!measured) throw new Error("no password was judged");
    const { requests, p50, p99 } = measured;
    slices.push({ server, name, requests, p50, p99 });
  }
  return slices;
}

export function nameTable(all: readonly NameRun[]): string[] {
  const rows = SHOWN.flatMap(([server, database]) => {
    const of = (name: NameRun["name"], key: "p50" | "p99"): number =>
      median(
        all.filter((one) => one.server === server && one.name === name).map((one) => one[key]),
      );
    if (!all.some((one) => one.server === server)) return [];
    const [known, unknown] = [of("known", "p50"), of("unknown", "p50")];
    const ratio = judged(known / unknown, KNOWN_TO_UNKNOWN, (value) => value.toFixed(3));
    const times = [known, unknown, of("known", "p99"), of("unknown", "p99")].map(milliseconds);
    return [[database, ...times, ratio]];
  });
  if (rows.length === 0) return [];
  const head = [
    "wrong password",
    "known name, p50",
    "unknown name, p50",
    "p99",
    "p99",
    "known : unknown",
  ];
  return [`### Known and unknown names\n\n${table(head, rows)}`];
}
