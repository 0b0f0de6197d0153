/** The options of `npm run bench`. */
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { FLOWS } from "./flows.ts";
import { SCENARIOS } from "./scenarios.ts";

/** Measurements besides single requests. */
export const PARTS = [
  "names",
  "sign_in",
  "sign_in_load",
  "start",
  "test_issuer",
  "verify",
  "workers",
] as const;
export const SIDES = ["floor", "valetkey", "postgres", "oidc-provider"] as const;

export interface Options {
  /** Scenarios and parts. */
  only: ReadonlySet<string>;
  sides: ReadonlySet<string>;
  runs: number;
  seconds: number;
  connections: number;
  /** Live grants of the large database; 0: none is made. */
  grants: number;
  dir: string;
  json: string | null;
  chart: string | null;
  profile: string | null;
  quick: boolean;
}

const NAMES: readonly string[] = [...[...SCENARIOS, ...FLOWS].map(({ name }) => name), ...PARTS];

function inLines(names: readonly string[]): string {
  const indent = " ".repeat(22);
  const lines = [];
  for (let i = 0; i < names.length; i += 4) lines.push(names.slice(i, i + 4).join(", "));
  return indent + lines.join(`,\n${indent}`);
}

export const HELP = `npm run bench -- [options]

  --quick             one short run of each, in two minutes: to see that it works
  --only NAME         this one; may be repeated:
${inLines(NAMES)}
  --with NAMES        beside each other: ${SIDES.join(",")} (all);
                      postgres: floor and valetkey on PostgreSQL too
  --runs N            runs that count, after one to warm up (3)
  --seconds N         length of a run (2)
  --connections N     requests in flight (32)
  --grants N          live grants of the large database; 0: without it (1000000)
  --dir FOLDER        where the databases go, since a commit is as fast as its disk (the system's)
  --json FILE         writes every measurement
  --chart FILE        draws the requests a second as an SVG
  --profile FOLDER    writes a CPU profile of Valetkey, for the developer tools of Chromium

  Example: npm run bench -- --only refresh --with floor,valetkey --runs 5 --json refresh.json`;

/** @throws Error that names the wrong option @returns null: help is asked for */
export function readOptions(args: string[]): Options | null {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      with: { type: "string", default: SIDES.join(",") },
      runs: { type: "string" },
      seconds: { type: "string" },
      connections: { type: "string", default: "32" },
      grants: { type: "string" },
      dir: { type: "string", default: tmpdir() },
      json: { type: "string" },
      chart: { type: "string" },
      profile: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const { quick, dir, json = null, chart = null, profile = null } = values;
  return {
    only: new Set(oneOf("--only", values.only.length > 0 ? values.only : NAMES, NAMES)),
    sides: new Set(oneOf("--with", values.with.split(","), SIDES)),
    runs: number("--runs", values.runs ?? (quick ? "1" : "3"), 1),
    seconds: number("--seconds", values.seconds ?? (quick ? "0.3" : "2"), 0.01),
    connections: number("--connections", values.connections, 1),
    grants: number("--grants", values.grants ?? (quick ? "10000" : "1000000"), 0),
    dir,
    json,
    chart,
    profile,
    quick,
  };
}

function oneOf(option: string, given: readonly string[], known: readonly string[]): string[] {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`${option}: there is no ${unknown}, but ${known.join(", ")}`);
  return [...given];
}

function number(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!(value >= least)) throw new Error(`${option} needs a number from ${least} on, not ${text}`);
  return value;
}
