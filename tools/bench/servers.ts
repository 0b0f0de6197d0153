/** The compared servers, each a process of its own on one core; the load has another. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Child, startChild } from "./child.ts";
import type { Options } from "./options.ts";
import { SCENARIOS, type Scenario, type ScenarioName } from "./scenarios.ts";

export type ServerName =
  | "floor"
  | "valetkey"
  | "valetkey_many"
  | "oidc_provider"
  | "floor_postgres"
  | "valetkey_postgres"
  | "valetkey_postgres_many";

export interface Servers {
  load: Child;
  of(name: ServerName): Child;
  stop(): Promise<void>;
}

/** Scenarios that are measured on the large database too. */
const WITH_MANY: readonly ScenarioName[] = [
  "code",
  "refresh",
  "refresh_public",
  "introspect",
  "introspect_opaque",
];

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** PostgreSQL shares the core of the load, which must sleep then. */
export const isOnPostgres = (name: ServerName): boolean => name.includes("postgres");

export function serversFor(scenario: Scenario, { sides, grants }: Options): ServerName[] {
  const { name, uses_database, not_by_oidc_provider } = scenario;
  const floor = sides.has("floor");
  const valetkey = sides.has("valetkey");
  const many = grants > 0 && WITH_MANY.includes(name);
  const postgres = uses_database && sides.has("postgres");
  const wanted: [ServerName, boolean][] = [
    ["floor", floor],
    ["valetkey", valetkey],
    ["valetkey_many", valetkey && many],
    ["oidc_provider", sides.has("oidc-provider") && not_by_oidc_provider === undefined],
    ["floor_postgres", postgres && floor],
    ["valetkey_postgres", postgres && valetkey],
    ["valetkey_postgres_many", postgres && valetkey && many],
  ];
  return wanted.filter(([, is]) => is).map(([server]) => server);
}

export async function startServers(
  names: readonly ServerName[],
  folder: string,
  { grants, profile, dir }: Options,
): Promise<Servers> {
  const wanted = [...new Set(names)];
  const load = startChild("load.ts", { core: LOAD_CORE });
  const env = { TMPDIR: dir };
  const postgres = wanted.some(isOnPostgres)
    ? startChild("servers/postgres.ts", { core: LOAD_CORE, env })
    : null;
  const children = new Map<ServerName, Child>();
  for (const name of wanted) {
    const place = postgres && isOnPostgres(name) ? await postgres.ask<string>({}) : folderOf(name);
    const many = name.endsWith("many") ? grants : 0;
    if (many > 0) process.stderr.write(`${name}: making ${many} grants\n`);
    const child = startChild(`servers/${fileOf(name)}`, {
      core: SERVER_CORE,
      args: [place, String(many)],
      options: profile && name === "valetkey" ? ["--cpu-prof", "--cpu-prof-dir", profile] : [],
    });
    children.set(name, child);
    // Resolves when the server is ready, so that no other one starts while it fills its database.
    if (many > 0) await child.ask({ ask: "usage" });
  }
  return {
    load,
    of(name) {
      const child = children.get(name);
      if (!child) throw new Error(`${name} was not started`);
      return child;
    },
    async stop() {
      await Promise.all([...children.values(), load].map((child) => child.stop()));
      await postgres?.stop();
    },
  };

  function folderOf(name: ServerName): string {
    const own = join(folder, name);
    mkdirSync(own, { recursive: true });
    return name === "floor" ? own : `sqlite:${join(own, "valetkey.sqlite")}`;
  }
}

const fileOf = (name: ServerName): string =>
  name === "oidc_provider" ? "oidc_provider.ts" : `${name.split("_")[0]}.ts`;

export const chosenScenarios = ({ only }: Options): Scenario[] =>
  SCENARIOS.filter(({ name }) => only.has(name));
