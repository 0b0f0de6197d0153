/** people 20: copies, backups and distributions tell how far they are, in each kind of database. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { CONFORMANCE_LIFETIMES } from "../../src/store/conformance/conformance.ts";
import { sampleClient, sampleSession } from "../../src/store/conformance/samples.ts";
import { type CopiedTable, copyRows } from "../../src/store/copy/copy_rows.ts";
import { openSnapshot } from "../../src/store/copy/snapshot.ts";
import { backupPostgres, copyDatabase, restoreDatabase } from "../../src/store/copy/transfer.ts";
import { openExistingDriver } from "../../src/store/open_store.ts";
import { distributeOverCitus } from "../../src/store/postgres/distribute.ts";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import type { Progress } from "../../src/store/progress.ts";
import type { SqlDriver } from "../../src/store/sql/driver.ts";
import { migrate } from "../../src/store/sql/schema.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { backupSqlite } from "../../src/store/sqlite/backup.ts";
import { sqliteDriver } from "../../src/store/sqlite/driver.ts";
import { fakeCitus } from "../support/fake_citus.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

const folder = mkdtempSync(join(tmpdir(), "valetkey-progress-"));
let files = 0;
const newFile = (): string => {
  files += 1;
  return join(folder, `${files}.sqlite`);
};
let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A client, and more ids than fit into one batch. */
async function fill(driver: SqlDriver): Promise<void> {
  const store = sqlStore(driver, CONFORMANCE_LIFETIMES);
  await store.migrate();
  await store.createClient(sampleClient({ client_id: "printly" }));
  await store.createSession(sampleSession());
  for (let i = 0; i < 1200; i += 100)
    await driver.writeAll(
      Array.from({ length: 100 }, (_, k) => ({
        sql: "INSERT INTO claimed_id (id, place, expires_at) VALUES (?, ?, ?)",
        args: [`id ${i + k}`, k, 2_000_000_000],
      })),
    );
  await driver.close();
}

const kinds: Record<string, () => Promise<string>> = {
  SQLite: async () => `sqlite:${newFile()}`,
  PostgreSQL: () => postgres.newDatabase(),
};

async function filled(kind: string): Promise<string> {
  const database = (await kinds[kind]?.()) ?? "";
  const path = database.replace("sqlite:", "");
  await fill(kind === "SQLite" ? sqliteDriver(path) : postgresDriver(database));
  return database;
}

function assertComplete(seen: readonly Progress[], copied: readonly CopiedTable[]): void {
  const rows = copied.reduce((sum, table) => sum + table.rows, 0);
  const counted = seen.filter(({ total }) => total !== null);
  assert.ok(counted.length > 0 && counted.every(({ total }) => total === rows));
  assertRises(seen, rows);
  for (const part of ["counting rows", "copying claimed_id", "comparing claimed_id"])
    assert.ok(seen.some(({ what, unit }) => what === part && unit === "rows"));
}

function assertRises(seen: readonly Progress[], end: number): void {
  const done = seen.map((progress) => progress.done);
  assert.deepEqual(
    done,
    done.toSorted((a, b) => a - b),
  );
  assert.ok(Math.abs((done.at(-1) ?? 0) - end) < 0.001, `${done.at(-1)} of ${end}`);
}

for (const from of Object.keys(kinds))
  for (const to of Object.keys(kinds))
    test(`people 20: a copy from ${from} to ${to} tells each step, up to the last row`, async () => {
      const transfer = { from: await filled(from), to: (await kinds[to]?.()) ?? "" };
      const seen: Progress[] = [];
      assertComplete(seen, await copyDatabase(transfer, (progress) => seen.push(progress)));
    });

test("people 20: backup and restore tell each step, of SQLite in megabytes", async () => {
  const [sqlite, file, seen] = [await filled("SQLite"), newFile(), [] as Progress[]];
  const path = sqlite.replace("sqlite:", "");
  const db = new DatabaseSync(path);
  db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
    INSERT INTO claimed_id (id, place, expires_at) SELECT hex(zeroblob(2000)) || i, i, 1 FROM n`);
  db.close();
  const bytes = await backupSqlite(path, file, (progress) => seen.push(progress));
  assertRises(seen, seen.at(-1)?.done ?? 0);
  assert.ok(
    seen.length > 5 && (seen.at(-1)?.done ?? 0) > 3,
    "four megabytes, a hundred pages each",
  );
  assert.ok(seen.every(({ unit, total }) => unit === "MB" && total === bytes / 1_000_000));

  const restored: Progress[] = [];
  const watch = (progress: Progress) => restored.push(progress);
  const transfer = { from: `sqlite:${file}`, to: `sqlite:${newFile()}` };
  const copied = await restoreDatabase(transfer, { keep_grants: false, now: 2_000_000_000, watch });
  assertComplete(restored, copied);
  assert.ok(!restored.some(({ what }) => what.endsWith(" session")), "sessions are not restored");

  const backed: Progress[] = [];
  await backupPostgres(await filled("PostgreSQL"), newFile(), (progress) => backed.push(progress));
  assert.equal(Math.round(backed.at(-1)?.done ?? 0), backed.at(-1)?.total);
});

test("people 20: rows that can't be counted in time on PostgreSQL do not end the copy", async () => {
  const snapshot = await openSnapshot(await filled("PostgreSQL"));
  assert.equal(await snapshot.count("no_such_table"), null);
  assert.equal(await snapshot.count("claimed_id"), 1200);
  const path = newFile();
  const target = sqliteDriver(path);
  await migrate(target);
  const seen: Progress[] = [];
  const uncounted = { ...snapshot, count: async () => null };
  await copyRows(uncounted, target, { watch: (progress) => seen.push(progress) });
  assert.ok(seen.length > 0 && seen.every(({ total }) => total === null));
  await snapshot.close();
  await target.close();
  const copy = await openExistingDriver(`sqlite:${path}`);
  const [row] = await copy.read("SELECT count(*) AS rows FROM claimed_id", []);
  assert.equal(row?.rows, 1200);
  await copy.close();
});

test("people 20: a distribution tells the table that it is at", async () => {
  const citus = await fakeCitus(postgres, { nodes: 2 });
  await fill(postgresDriver(citus.url));
  const seen: Progress[] = [];
  const tables = await distributeOverCitus(citus.url, (progress) => seen.push(progress));
  assert.deepEqual(
    seen.map(({ what, unit, done, total }) => [what, unit, done, total]),
    tables.map((table, i) => [`distributing ${table}`, "tables", i, tables.length]),
  );
});
