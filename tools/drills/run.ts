/** `npm run drill -- NAME`: breaks something on purpose, and compares the outcome with limits that were set before. */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { parseArgs } from "node:util";
import {
  bound,
  CannotRun,
  type Drill,
  type Figures,
  judge,
  type PassLine,
  type Scale,
} from "./drill.ts";
import { DRILLS } from "./list.ts";
import { openPlace, type Place } from "./place.ts";

const HELP = `npm run drill -- NAME [options]
npm run drill -- --list

${DRILLS.map(({ name, title }) => `  ${name.padEnd(18)}${title}`).join("\n")}
  ${"all".padEnd(18)}one after the other

  --quick              a short form of it
  --database KIND      sqlite or postgres only
  --rounds N           instead of the drill's own number
  --seconds N          how long, where it is a matter of time
  --json FILE          writes lines, figures and verdicts
  --list               their names, one a line

  Each says first what has to hold, and ends with 0 when all of it held.

  Example: npm run drill -- kill --quick --database sqlite`;

const { values, positionals } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    database: { type: "string" },
    rounds: { type: "string" },
    seconds: { type: "string" },
    json: { type: "string" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const [name] = positionals;
const chosen = name === "all" ? DRILLS : DRILLS.filter((drill) => drill.name === name);
const scale: Scale = {
  quick: values.quick,
  rounds: number(values.rounds),
  seconds: number(values.seconds),
};

/** An interrupted drill leaves no server, database or file behind. */
let open: Place | null = null;
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    const closed = open?.close() ?? Promise.resolve();
    closed.catch(() => {}).finally(() => process.exit(130));
  });

if (values.help) console.log(HELP);
else if (values.list) console.log(DRILLS.map((drill) => drill.name).join("\n"));
else if (chosen.length === 0) {
  console.error(name === undefined ? "which drill?" : `no drill ${name}`);
  console.error(HELP);
  process.exitCode = 2;
} else await drillAll();

interface Result {
  drill: string;
  database: Place["kind"];
  seconds: number;
  figures: Figures;
  verdicts: ReturnType<typeof judge>;
  passed: boolean;
  failure: string | null;
}

async function drillAll(): Promise<void> {
  const machine = `${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} cores, ${Math.round(totalmem() / 1e9)} GB, ${type()} ${release()}, Node ${process.version}`;
  console.log(machine);
  const results: Result[] = [];
  for (const drill of chosen)
    for (const kind of drill.databases)
      if (values.database === undefined || values.database === kind)
        results.push(await perform(drill, kind));
  if (values.json) {
    const all = { date: new Date().toISOString(), machine, scale, results };
    writeFileSync(values.json, `${JSON.stringify(all, null, 2)}\n`);
  }
  if (results.length === 0) console.error("nothing was run: no such drill on that database");
  const passed = results.length > 0 && results.every((result) => result.passed);
  process.exitCode = passed ? 0 : 1;
}

async function perform(drill: Drill, kind: Place["kind"]): Promise<Result> {
  const lines = drill.lines(scale, kind);
  console.log(`\n${drill.name}, ${kind}: ${drill.title}`);
  for (const line of lines) console.log(`  must be  ${nameOf(line)}${line.says}`);
  const began = performance.now();
  let figures: Figures = {};
  let failure: string | null = null;
  let not_run: string | null = null;
  const tell = (line: string): void => {
    process.stderr.write(`  ${line}\n`);
  };
  try {
    const place = await openPlace(kind);
    open = place;
    try {
      figures = await drill.run({ ...scale, place, tell });
    } finally {
      open = null;
      await place.close();
    }
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    not_run = error instanceof CannotRun ? error.message : null;
  }
  const verdicts = judge(lines, figures);
  const passed = failure === null && verdicts.every((verdict) => verdict.passed);
  const seconds = Math.round((performance.now() - began) / 1000);
  if (not_run === null) report({ figures, lines, verdicts, failure });
  const outcome = passed ? "PASS" : "FAIL";
  if (not_run === null) console.log(`${outcome}  ${drill.name}, ${kind}, ${seconds} s`);
  else console.log(`NOT RUN, which is no pass  ${drill.name}, ${kind}: ${not_run}`);
  return { drill: drill.name, database: kind, seconds, figures, verdicts, passed, failure };
}

function report({
  figures,
  lines,
  verdicts,
  failure,
}: Pick<Result, "figures" | "verdicts" | "failure"> & { lines: readonly PassLine[] }): void {
  for (const verdict of verdicts)
    console.log(
      `  ${verdict.passed ? "held   " : "BROKEN "}  ${nameOf(verdict)}is ${verdict.value ?? "missing"}`,
    );
  const judged = new Set(lines.map(({ figure }) => figure));
  const others = Object.entries(figures).filter(([figure]) => !judged.has(figure));
  if (others.length > 0)
    console.log(`  besides  ${others.map(([figure, value]) => `${figure} ${value}`).join(", ")}`);
  if (failure !== null) console.log(`  it ended by ${failure}`);
}

function nameOf(line: PassLine): string {
  return `${line.figure} ${bound(line)}`.padEnd(36);
}

function number(text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (value > 0) return value;
  console.error(`${text} is no number`);
  process.exit(2);
}
