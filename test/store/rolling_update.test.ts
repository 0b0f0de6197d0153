/**
 * While nodes are replaced one by one, the previous version works on the newest schema. Its statements are recorded and
 * replayed here; where the history of the repository is available, its own code runs too. Until there is a second
 * schema, the recording is of the first one itself.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import type * as Conformance from "../../src/store/conformance/conformance.ts";
import { POSTGRES, postgresDriver } from "../../src/store/postgres/driver.ts";
import type { Dialect, SqlDriver } from "../../src/store/sql/driver.ts";
import { migrate, NEWEST_SCHEMA, pendingStatements } from "../../src/store/sql/schema.ts";
import { SQLITE, sqliteDriver } from "../../src/store/sqlite/driver.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { fixtureOf, type Origin, type RecordedStep, replay } from "./recording.ts";

/** Null: there is no schema before the newest one. */
const BEFORE = NEWEST_SCHEMA > 1 ? NEWEST_SCHEMA - 1 : null;
const RECORDED = BEFORE ?? NEWEST_SCHEMA;
const RECORD =
  BEFORE === null
    ? "the schema is not what was recorded: node tools/record_statements.ts records it anew"
    : "node tools/record_statements.ts COMMIT, for the last commit before the migration";
const folder = mkdtempSync(join(tmpdir(), "valetkey-rolling-update-"));
let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

const [first = "", ...lines] = existsSync(fixtureOf(RECORDED))
  ? readFileSync(fixtureOf(RECORDED), "utf8").trimEnd().split("\n")
  : [];
const steps = lines.map((line): RecordedStep => JSON.parse(line));

test(`the statements of the code of schema ${RECORDED} are recorded`, () => {
  assert.notEqual(first, "", RECORD);
  const origin: Origin = JSON.parse(first);
  assert.equal(origin.schema, RECORDED);
  // The recording of a schema that later ones build on must come from a commit that stays.
  assert.equal(BEFORE !== null && origin.commit === null, false, RECORD);
  assert.deepEqual([...new Set(steps.map(({ database }) => database))], Object.keys(databases));
});

const databases: Record<string, () => Promise<SqlDriver>> = {
  SQLite: async () => sqliteDriver(":memory:"),
  PostgreSQL: async () => postgresDriver(await postgres.newDatabase()),
  "PostgreSQL, spread": async () => postgresDriver(await postgres.newDatabase()),
};

for (const [name, open] of Object.entries(databases))
  test(`the recorded statements give the same results on ${name} with the newest schema`, async () => {
    const driver = await open();
    await migrate(driver);
    const own = steps.filter(({ database }) => database === name);
    assert.ok(own.length > 50, `${own.length} steps`);
    await replay(driver, own).catch((cause: unknown) => {
      throw new Error(`${RECORD}\n${cause instanceof Error ? cause.message : cause}`);
    });
    await driver.close();
  });

/** Allowed changes of an existing table: it keeps all its data and accepts rows of the previous version. */
const ADDS = [
  /^ALTER TABLE \w+ ADD COLUMN \w+ (TEXT|INTEGER|BIGINT)( (NOT NULL )?DEFAULT ('[^']*'|-?\d+))?$/,
  /^CREATE INDEX \w+ ON \w+ \([\w, ]+\)$/,
];
const STEP = "UPDATE schema_version SET version = ? WHERE id = 1 AND version = ?";

function wrongWith(statements: readonly string[], { migration_start }: Dialect): string[] {
  // A new table may have any shape.
  const made = statements.flatMap((sql) => /^CREATE TABLE (\w+)/.exec(sql)?.[1] ?? []);
  const OF = /^(?:CREATE TABLE|CREATE (?:UNIQUE )?INDEX \w+ ON|INSERT INTO) (\w+)/;
  return statements.filter((sql) => {
    const of_new = made.includes(OF.exec(sql)?.[1] ?? "");
    return (
      !of_new && ![...migration_start, STEP].includes(sql) && !ADDS.some((add) => add.test(sql))
    );
  });
}

describe("a migration only adds", () => {
  for (const [name, dialect] of Object.entries({ SQLite: SQLITE, PostgreSQL: POSTGRES }))
    test(`on ${name}, every migration after the first`, () => {
      const later = pendingStatements(1, dialect).map(({ sql }) => sql);
      assert.deepEqual(wrongWith(later, dialect), []);
    });

  test("a migration that removes something or requires more of rows is detected", () => {
    const good = [
      "ALTER TABLE session ADD COLUMN country TEXT",
      "ALTER TABLE session ADD COLUMN uses BIGINT NOT NULL DEFAULT 0",
      "CREATE INDEX session_by_country ON session (country, sub)",
      "CREATE TABLE thing (id TEXT PRIMARY KEY)",
      "CREATE UNIQUE INDEX thing_once ON thing (id)",
      "INSERT INTO thing (id) VALUES ('a')",
    ];
    const bad = [
      "ALTER TABLE session DROP COLUMN country",
      "ALTER TABLE session RENAME COLUMN country TO land",
      "ALTER TABLE session RENAME TO sessions",
      "ALTER TABLE session ADD COLUMN country TEXT NOT NULL",
      "ALTER TABLE session ADD COLUMN country TEXT UNIQUE",
      "ALTER TABLE session ADD COLUMN sub TEXT REFERENCES account (sub)",
      "ALTER TABLE session ALTER COLUMN country SET NOT NULL",
      "ALTER TABLE session ADD CONSTRAINT short CHECK (length(country) = 2)",
      "CREATE UNIQUE INDEX session_once ON session (sub)",
      "DROP INDEX session_by_sub",
      "DROP TABLE session",
      "UPDATE session SET country = 'GB'",
      "DELETE FROM session",
      "INSERT INTO account (sub) VALUES ('a')",
    ];
    assert.deepEqual(wrongWith([...good, ...bad], POSTGRES), bad);
  });
});

/** Null: this checkout is shallow, or an archive. */
function codeOfBefore(): string | null {
  if (BEFORE === null || first === "") return null;
  const { commit }: Origin = JSON.parse(first);
  if (commit === null) return null;
  try {
    const flags = ["archive", commit, "src", "package.json"];
    const archive = execFileSync("git", flags, { maxBuffer: 2 ** 28, stdio: "pipe" });
    execFileSync("tar", ["-x", "-C", folder], { input: archive });
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    return folder;
  } catch {
    return null;
  }
}

const tree = codeOfBefore();
if (tree === null)
  test("the previous version's own code runs if the history is available", (t) => {
    t.diagnostic(
      BEFORE === null
        ? "no schema came before this one"
        : "the history is not at hand: only what was recorded was tried",
    );
  });
else {
  const load = (path: string) => import(join(tree, "src/store", path));
  const { testStore, CONFORMANCE_LIFETIMES }: typeof Conformance = await load(
    "conformance/conformance.ts",
  );
  const { sqlStore } = await load("sql/store.ts");
  const old: Record<string, (address: string) => SqlDriver> = {
    SQLite: (await load("sqlite/driver.ts")).sqliteDriver,
    PostgreSQL: (await load("postgres/driver.ts")).postgresDriver,
  };
  const places: Record<string, () => Promise<string>> = {
    SQLite: async () => join(mkdtempSync(join(folder, "database-")), "database.sqlite"),
    PostgreSQL: () => postgres.newDatabase(),
  };
  const migrated = { SQLite: sqliteDriver, PostgreSQL: postgresDriver };
  for (const [name, newDriver] of Object.entries(migrated))
    testStore(`the code of schema ${BEFORE} on the newest, ${name}`, async () => {
      const address = (await places[name]?.()) ?? "";
      const driver = newDriver(address);
      await migrate(driver);
      await driver.close();
      return sqlStore(old[name]?.(address), CONFORMANCE_LIFETIMES);
    });
}
