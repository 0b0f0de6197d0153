/** The tables of the single requests. */
import {
  type Aim,
  judged,
  OF_FLOOR,
  OF_FLOOR_OPAQUE,
  OF_POSTGRES_FLOOR,
  TIMES,
  WITH_MANY_GRANTS,
} from "./aims.ts";
import { count, megabytes, milliseconds, NOTHING, percent, table, times } from "./markdown.ts";
import type { Measurement } from "./requests.ts";
import { SCENARIOS, type ScenarioName } from "./scenarios.ts";
import type { ServerName } from "./servers.ts";
import { median, type Spread, spread } from "./statistics.ts";

interface Summary {
  rate: Spread;
  cpu_us: number;
  share: number;
  p50: number;
  p99: number;
  rss: number;
}
type Summaries = (scenario: ScenarioName, server: ServerName) => Summary | null;

export function requestTables(measurements: readonly Measurement[], grants: number): string[] {
  if (measurements.length === 0) return [];
  const find = summaries(measurements);
  return [
    compared(find),
    manyGrants(find, grants),
    inDetail(find),
    memoryOfEach(measurements),
  ].filter((text) => text !== "");
}

function summaries(measurements: readonly Measurement[]): Summaries {
  return (scenario, server) => {
    const runs = measurements.filter((one) => one.scenario === scenario && one.server === server);
    if (runs.length === 0) return null;
    return {
      rate: spread(runs.map((run) => run.requests_per_second)),
      cpu_us: median(runs.map((run) => run.cpu_us)),
      share: median(runs.map((run) => run.cpu_share)),
      p50: median(runs.map((run) => run.p50)),
      p99: median(runs.map((run) => run.p99)),
      rss: Math.max(...runs.map((run) => run.rss)),
    };
  };
}

/** The flow from a session and a request to tokens: both steps in sequence. */
function flow(find: Summaries): Summaries {
  return (_, server) => {
    const [first, second] = [find("authorize", server), find("code", server)];
    if (!first || !second) return null;
    const together = (one: number, other: number): number => 1 / (1 / one + 1 / other);
    return {
      ...first,
      rate: {
        min: together(first.rate.min, second.rate.min),
        median: together(first.rate.median, second.rate.median),
        max: together(first.rate.max, second.rate.max),
      },
      cpu_us: first.cpu_us + second.cpu_us,
    };
  };
}

function compared(find: Summaries): string {
  const rows = SCENARIOS.flatMap(({ name, title }) => {
    const of_floor = name.endsWith("_opaque") ? OF_FLOOR_OPAQUE : OF_FLOOR;
    const aims = { of_floor, times: TIMES[name] };
    const row = [title, ...comparison((server) => find(name, server), aims)];
    const both = [
      "whole flow: session to tokens",
      ...comparison((server) => flow(find)(name, server), { of_floor, times: TIMES.flow }),
    ];
    return name === "code" ? [row, both] : [row];
  });
  const head = [
    "requests a second (CPU each)",
    "floor",
    "Valetkey, SQLite",
    "of the floor",
    "floor, PostgreSQL",
    "Valetkey, PostgreSQL",
    "of its floor",
    "oidc-provider",
    "SQLite, against it",
  ];
  const measured = rows.filter((row) => row.some((cell, i) => i > 0 && cell !== NOTHING));
  const isUsed = (_: string, i: number): boolean => measured.some((row) => row[i] !== NOTHING);
  const shown = measured.map((row) => row.filter(isUsed));
  return `### Requests\n\n${table(head.filter(isUsed), shown)}`;
}

function comparison(
  of: (server: ServerName) => Summary | null,
  { of_floor, times: aim }: { of_floor: Aim; times: Aim | undefined },
): string[] {
  const cell = (server: ServerName): string => {
    const summary = of(server);
    return summary ? `${count(summary.rate.median)} (${count(summary.cpu_us)} µs)` : NOTHING;
  };
  /** Compares answers a second, and the CPU cost of each, which is more reliable on a shared machine. */
  const against = (
    own: ServerName,
    other: ServerName,
    { aim, shown }: { aim: Aim | undefined; shown: (ratio: number) => string },
  ): string => {
    const [one, two] = [of(own), of(other)];
    if (!one || !two) return NOTHING;
    const by_rate = judged(one.rate.median / two.rate.median, aim, shown);
    return `${by_rate}, by CPU ${shown(two.cpu_us / one.cpu_us)}`;
  };
  return [
    cell("floor"),
    cell("valetkey"),
    against("valetkey", "floor", { aim: of_floor, shown: percent }),
    cell("floor_postgres"),
    cell("valetkey_postgres"),
    against("valetkey_postgres", "floor_postgres", { aim: OF_POSTGRES_FLOOR, shown: percent }),
    cell("oidc_provider"),
    against("valetkey", "oidc_provider", { aim, shown: times }),
  ];
}

function manyGrants(find: Summaries, grants: number): string {
  const rows = (["valetkey", "valetkey_postgres"] as const).flatMap((server) =>
    SCENARIOS.flatMap(({ name, title }) => {
      const [few, many] = [find(name, server), find(name, `${server}_many`)];
      if (!few || !many) return [];
      const place = server === "valetkey" ? "SQLite" : "PostgreSQL";
      const ratio = many.rate.median / few.rate.median;
      const rates = [few, many].map(
        (each) => `${count(each.rate.median)} (${count(each.cpu_us)} µs)`,
      );
      return [[`${title}; ${place}`, ...rates, judged(ratio, WITH_MANY_GRANTS, percent)]];
    }),
  );
  if (rows.length === 0) return "";
  const head = ["requests a second (CPU each)", "few grants", `${grants} grants`, "of the speed"];
  return `### Many live grants\n\n${table(head, rows)}`;
}

const SHOWN: Readonly<Record<ServerName, string>> = {
  floor: "floor",
  valetkey: "Valetkey, SQLite",
  valetkey_many: "Valetkey, SQLite, many grants",
  oidc_provider: "oidc-provider",
  floor_postgres: "floor, PostgreSQL",
  valetkey_postgres: "Valetkey, PostgreSQL",
  valetkey_postgres_many: "Valetkey, PostgreSQL, many grants",
};

function inDetail(find: Summaries): string {
  const names = Object.entries(SHOWN);
  const rows = SCENARIOS.flatMap(({ name, title }) =>
    names.flatMap(([server, shown]) => {
      const summary = isServer(server) ? find(name, server) : null;
      return summary ? [[`${title}: ${shown}`, ...details(summary)]] : [];
    }),
  );
  const head = ["", "min", "median", "max", "CPU each", "busy", "p50", "p99", "memory"];
  return `### In detail\n\n${table(head, rows)}`;
}

const isServer = (name: string): name is ServerName => name in SHOWN;

/** Each server is one process, which answered all scenarios above in turn. */
function memoryOfEach(measurements: readonly Measurement[]): string {
  const rows = Object.entries(SHOWN).flatMap(([server, shown]) => {
    const runs = measurements.filter((one) => one.server === server);
    return runs.length > 0 ? [[shown, megabytes(Math.max(...runs.map(({ rss }) => rss)))]] : [];
  });
  return `### Memory of the processes above, at most\n\n${table(["", "resident"], rows)}`;
}

const details = ({ rate, cpu_us, share, p50, p99, rss }: Summary): string[] => [
  count(rate.min),
  count(rate.median),
  count(rate.max),
  `${count(cpu_us)} µs`,
  percent(share),
  milliseconds(p50),
  milliseconds(p99),
  megabytes(rss),
];
