/** Sign-ins by password a core, beside the bare hash. */
import { judged, SIGN_INS_PER_CORE } from "./aims.ts";
import { type Child, startChild } from "./child.ts";
import { milliseconds, percent, table } from "./markdown.ts";
import { measure } from "./measure.ts";
import type { Options } from "./options.ts";
import type { HashLoop } from "./servers/argon2.ts";
import { isOnPostgres, SERVER_CORE, type ServerName, type Servers } from "./servers.ts";
import { median } from "./statistics.ts";

export interface SignIns {
  server: ServerName;
  per_second: number;
  /** CPU time of all threads for one sign-in. */
  cpu_us: number;
  p50: number;
  p99: number;
}

/** More connections would only wait. */
const CONNECTIONS = 8;

export const signInServers = ({ sides, only }: Options): ServerName[] => {
  if (!only.has("sign_in") || !sides.has("valetkey")) return [];
  return sides.has("postgres") ? ["valetkey", "valetkey_postgres"] : ["valetkey"];
};

export async function measureSignIns(servers: Servers, options: Options): Promise<SignIns[]> {
  const names = signInServers(options);
  if (names.length === 0) return [];
  const { runs, seconds } = options;
  const loop = startChild("servers/argon2.ts", { core: SERVER_CORE });
  const all: SignIns[] = [];
  try {
    for (let run = 1; run <= runs; run += 1) {
      process.stderr.write(`sign-ins, run ${run} of ${runs}\n`);
      all.push(await bareHash(loop, seconds));
      for (const name of names) all.push(await signIns(name, servers, options));
    }
  } finally {
    await loop.stop();
  }
  return all;
}

async function bareHash(loop: Child, wanted: number): Promise<SignIns> {
  const { hashes, seconds, cpu_us } = await loop.ask<HashLoop>({ seconds: wanted });
  const each_ms = (seconds * 1000) / hashes;
  const rest = { cpu_us: cpu_us / hashes, p50: each_ms, p99: each_ms };
  return { server: "floor", per_second: hashes / seconds, ...rest };
}

async function signIns(
  server: ServerName,
  { of, load }: Servers,
  { seconds }: Options,
): Promise<SignIns> {
  const run = await measure({
    scenario: "sign_in",
    server: of(server),
    load,
    seconds,
    connections: CONNECTIONS,
    awake: !isOnPostgres(server),
  });
  if (!run) throw new Error("nobody could sign in");
  const { requests_per_second: per_second, cpu_us, p50, p99 } = run;
  return { server, per_second, cpu_us, p50, p99 };
}

const SHOWN: Partial<Record<ServerName, string>> = {
  floor: "floor: only the hash, one after the other",
  valetkey: "Valetkey, SQLite",
  valetkey_postgres: "Valetkey, PostgreSQL",
};

export function signInTable(all: readonly SignIns[]): string[] {
  if (all.length === 0) return [];
  const of = (server: string, key: "per_second" | "cpu_us" | "p50" | "p99"): number =>
    median(all.filter((one) => one.server === server).map((one) => one[key]));
  const rows = Object.entries(SHOWN)
    .filter(([server]) => all.some((one) => one.server === server))
    .map(([server, shown]) => {
      const per_core = 1e6 / of(server, "cpu_us");
      const aim = server === "floor" ? undefined : SIGN_INS_PER_CORE;
      return [
        shown,
        of(server, "per_second").toFixed(1),
        judged(per_core, aim, (value) => value.toFixed(0)),
        percent(of(server, "per_second") / of("floor", "per_second")),
        milliseconds(of(server, "p50")),
        milliseconds(of(server, "p99")),
      ];
    });
  const head = [
    "sign-in by password (Argon2id)",
    "a second, on one core",
    "a second and core, by CPU",
    "of the floor",
    `p50, ${CONNECTIONS} at once`,
    "p99",
  ];
  return [`### Sign-ins\n\n${table(head, rows)}`];
}
