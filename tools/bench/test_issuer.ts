/** `startIssuer` of `valetkey/testing`: how long a test waits for it. */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Aim, judged, TEST_ISSUER } from "./aims.ts";
import { milliseconds, table } from "./markdown.ts";
import type { Options } from "./options.ts";
import { type Spread, spread } from "./statistics.ts";

/** Milliseconds. */
export interface TestIssuers {
  /** The import of `valetkey/testing`, once in each process. */
  load: Spread;
  /** The first issuer of a process, and the ones after it. */
  first: Spread;
  next: Spread;
}

const TRIES = 10;
const NEXT = 20;

/** @param main the built command, beside which the rest of the package is */
export function measureTestIssuer(main: string, { quick }: Options): TestIssuers {
  const entry = pathToFileURL(join(dirname(main), "../testing/testing.js")).href;
  const runs = Array.from({ length: quick ? 2 : TRIES }, () => startInProcess(entry));
  return {
    load: spread(runs.map(({ load }) => load)),
    first: spread(runs.map(({ first }) => first)),
    next: spread(runs.flatMap(({ next }) => next)),
  };
}

const PROGRAM = (entry: string): string => `
  const begun = performance.now();
  const { startIssuer } = await import("${entry}");
  const load = performance.now() - begun;
  const times = [];
  for (let i = 0; i <= ${NEXT}; i += 1) {
    const before = performance.now();
    const issuer = await startIssuer();
    times.push(performance.now() - before);
    await issuer.close();
  }
  const [first, ...next] = times;
  console.log(JSON.stringify({ load, first, next }));`;

function startInProcess(entry: string): { load: number; first: number; next: number[] } {
  const program = ["--input-type=module", "-e", PROGRAM(entry)];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, { encoding: "utf8" });
  if (status !== 0) throw new Error(`startIssuer: ${stderr}`);
  return JSON.parse(stdout);
}

export function testIssuerTable(issuers: TestIssuers | null): string[] {
  if (!issuers) return [];
  const row = (title: string, { min, median, max }: Spread, aim?: Aim) => [
    title,
    milliseconds(min),
    judged(median, aim, milliseconds),
    milliseconds(max),
  ];
  const { load, first, next } = issuers;
  const rows = [
    row("import, once in a process", load),
    row("first issuer", first, TEST_ISSUER),
    row("each further one", next),
  ];
  const head = ["", "min", "median", "max"];
  return [`### \`startIssuer\` of \`valetkey/testing\`\n\n${table(head, rows)}`];
}
