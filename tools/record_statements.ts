/**
 * `node tools/record_statements.ts [COMMIT]`: records the statements of that commit's store in a file of test/vectors/,
 * which is replayed on every later schema (test/store/rolling_update.test.ts). Without a commit it records the working
 * tree, which is right only while the first schema may still be edited. Later, run it with each migration for the last
 * commit before it.
 */
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { life } from "../test/store/life.ts";
import {
  fixtureOf,
  type Origin,
  type RecordedStep,
  recordingDriver,
} from "../test/store/recording.ts";
import { startOwnPostgres } from "../test/support/postgres.ts";

type Driver = import("../src/store/sql/driver.ts").SqlDriver;
type Recording = ReturnType<typeof recordingDriver>;
type Scenario = import("../src/store/conformance/scenario.ts").Scenarios[string];

const [given] = process.argv.slice(2);
const commit =
  given === undefined
    ? null
    : execFileSync("git", ["rev-parse", given], { encoding: "utf8" }).trim();
const tree = commit === null ? resolve(import.meta.dirname, "..") : checkout(commit);
const postgres = await startOwnPostgres();
try {
  await record();
} finally {
  await postgres.stop();
  if (commit !== null) rmSync(tree, { recursive: true });
}

function checkout(wanted: string): string {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-version-"));
  const archive = execFileSync("git", ["archive", wanted, "src", "package.json"], {
    maxBuffer: 2 ** 28,
  });
  execFileSync("tar", ["-x", "-C", folder], { input: archive });
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  return folder;
}

async function record(): Promise<void> {
  const load = (path: string) => import(join(tree, "src/store", path));
  const { sqlStore }: typeof import("../src/store/sql/store.ts") = await load("sql/store.ts");
  const { sqliteDriver } = await load("sqlite/driver.ts");
  const { postgresDriver, POSTGRES } = await load("postgres/driver.ts");
  const { NEWEST_SCHEMA } = await load("sql/schema.ts");
  const samples: typeof import("../src/store/conformance/samples.ts") =
    await load("conformance/samples.ts");
  const url = () => postgres.newDatabase();
  const spread = { ...POSTGRES, spread: "SELECT 1 AS found" };
  const databases: Record<string, () => Promise<Driver>> = {
    SQLite: async () => sqliteDriver(":memory:"),
    PostgreSQL: async () => postgresDriver(await url()),
    "PostgreSQL, spread": async () => ({ ...postgresDriver(await url()), dialect: spread }),
  };
  const open = async (driver: Driver) => {
    const recording: Recording = recordingDriver(driver);
    const store = sqlStore(recording.driver, samples.CONFORMANCE_LIFETIMES);
    await store.migrate();
    recording.steps.length = 0;
    return { store, steps: recording.steps };
  };
  const origin: Origin = { schema: NEWEST_SCHEMA, commit };
  const lines: (Origin | RecordedStep)[] = [origin];
  const said = new Set<string>();
  for (const [database, connect] of Object.entries(databases)) {
    const { store, steps } = await open(await connect());
    await life(store, samples);
    await store.close();
    lines.push(...steps.map((step) => ({ database, ...step })));
    for (const { sql } of steps.flatMap(({ sent }) => sent)) said.add(sql);
  }
  // The record has to contain all statements of the conformance suite.
  const missing = new Set<string>();
  const suite = { exclude: ["**/process_program.ts"] };
  for (const file of globSync(join(tree, "src/store/conformance/*.ts"), suite))
    for (const scenarios of Object.entries(await import(file)))
      if (/^(?!racing|process).*Scenarios$/.test(scenarios[0]))
        for (const scenario of Object.values(scenarios[1] as Record<string, Scenario>)) {
          const { store, steps } = await open(sqliteDriver(":memory:"));
          await scenario(store);
          await store.close();
          for (const { sql } of steps.flatMap(({ sent }) => sent))
            if (!said.has(sql) && !/schema_version|sqlite_master/.test(sql)) missing.add(sql);
        }
  if (missing.size > 0)
    throw new Error(`test/store/life.ts does not make the store say:\n${[...missing].join("\n")}`);
  writeFileSync(
    fixtureOf(NEWEST_SCHEMA),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  );
  console.log(`${lines.length - 1} steps of schema ${NEWEST_SCHEMA} at ${commit ?? "this tree"}`);
}
