/**
 * The schema and the statements fit a distributed PostgreSQL; shown on a plain one, since none is at hand here.
 * Everything about one person goes to one node, and each statement that goes elsewhere has a reason.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { parseConfig } from "../../src/config.ts";
import { CONFORMANCE_LIFETIMES, testStore } from "../../src/store/conformance/conformance.ts";
import * as samples from "../../src/store/conformance/samples.ts";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import type { SqlDriver, Statement } from "../../src/store/sql/driver.ts";
import { migrate } from "../../src/store/sql/schema.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { TABLES } from "../../src/store/sql/tables.ts";
import { life } from "../store/life.ts";
import { recordingDriver } from "../store/recording.ts";
import { problemsOf, REASONS, reasonFor } from "../support/one_place.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { testServer } from "../support/server.ts";
import { spreadingDriver } from "../support/spreading.ts";
import { stories } from "../support/stories.ts";
import { SECRET } from "../support/two_nodes.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

/** Every transaction and every single statement of these tests. */
const sent: Statement[][] = [];

async function recorded(url?: string): Promise<SqlDriver> {
  const { driver, steps } = recordingDriver(spreadingDriver(url ?? (await postgres.newDatabase())));
  return {
    ...driver,
    async close() {
      for (const step of steps)
        if (!/CREATE TABLE|schema_version/.test(step.sent[0]?.sql ?? "")) sent.push(step.sent);
      await driver.close();
    },
  };
}

const openAt = async (url?: string) => sqlStore(await recorded(url), CONFORMANCE_LIFETIMES);

testStore("statements that keep to one place", () => openAt(), {
  openTwice: async () => {
    const url = await postgres.newDatabase();
    return [await openAt(url), await openAt(url)];
  },
});

describe("a server whose statements keep to one place", () => {
  for (const [sentence, story] of Object.entries(stories))
    test(sentence, async () => {
      const store = sqlStore(await recorded(), parseConfig({}).lifetimes);
      const server = await testServer({ your_apps: "everyone" }, { secret: SECRET, store });
      await story(server);
      await server.close();
    });

  test("one call of each operation of a store", async () => {
    const store = await openAt();
    await store.migrate();
    await life(store, samples);
    await store.close();
  });
});

describe("of all these statements", () => {
  test("each statement about one person names one place; no transaction mixes places or the directory", () => {
    assert.ok(new Set(sent.flat().map(({ sql }) => sql)).size > 60);
    const problems = new Set(sent.flatMap(problemsOf));
    assert.deepEqual([...problems], []);
  });

  test("each listed reason to go to all nodes is used by some statement", () => {
    const reasons = sent.flat().map(({ sql }) => reasonFor(sql));
    assert.deepEqual(
      REASONS.filter((reason) => !reasons.includes(reason)),
      [],
    );
  });

  test("a statement that would go to several nodes is detected", () => {
    const one = "UPDATE session SET seen_at = ? WHERE session_id = ? AND place = ?";
    const [here, there] = [
      { sql: one, args: [1, "a", 5] },
      { sql: one, args: [1, "b", 6] },
    ];
    const raise = { sql: "UPDATE server_state SET value = value + 1 WHERE name = ?", args: ["a"] };
    const wrong: Statement[][] = [
      [{ sql: "DELETE FROM session WHERE sub = ?", args: ["ada"] }],
      [{ sql: "SELECT sub FROM consent WHERE sub = ? AND client_id = ?", args: ["ada", "a"] }],
      [
        {
          sql: "SELECT 1 FROM session s JOIN account a ON a.sub = s.sub WHERE s.place = ?",
          args: [5],
        },
      ],
      [{ sql: "INSERT INTO claimed_id (id, expires_at) VALUES (?, ?)", args: ["a", 1] }],
      [
        {
          sql: "SELECT audit_id FROM person_event WHERE sub = ? ORDER BY audit_id DESC LIMIT ?",
          args: ["ada", 9],
        },
      ],
      [{ sql: one, args: [1, "a", 40_000] }],
      [here, there],
      [raise, here],
      [here, { sql: "DELETE FROM consent WHERE client_id = ?", args: ["a"] }],
    ];
    for (const statements of wrong)
      assert.notDeepEqual(problemsOf(statements), [], statements[0]?.sql ?? "");
    assert.deepEqual(problemsOf([here, here]), []);
    const join = "SELECT 1 FROM consent c JOIN session s ON s.place = c.place WHERE c.place = ?";
    assert.deepEqual(problemsOf([{ sql: join, args: [5] }]), []);
  });
});

test("each table has its key; unique indexes of spread tables contain the place; no foreign keys exist", async () => {
  const driver = postgresDriver(await postgres.newDatabase());
  await migrate(driver);
  const keys = await driver.read(
    `SELECT c.relname AS name, string_agg(a.attname, ',' ORDER BY a.attname) AS columns
     FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
     WHERE i.indisunique AND c.relnamespace = current_schema()::regnamespace
     GROUP BY c.relname, i.indexrelid`,
    [],
  );
  const foreign = await driver.read("SELECT conname FROM pg_constraint WHERE contype = 'f'", []);
  const tables = await driver.read(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
    [],
  );
  await driver.close();
  assert.deepEqual(foreign, []);
  const names = TABLES.map(({ name }) => name);
  assert.deepEqual([...names, "schema_version"].sort(), tables.map(({ name }) => name).sort());
  for (const { name, key, is_spread } of TABLES) {
    const own = keys.filter((each) => each.name === name).map(({ columns }) => String(columns));
    assert.ok(own.includes([...key].sort().join(",")), `${name}: ${own}`);
    for (const columns of own)
      assert.ok(!is_spread || columns.split(",").includes("place"), `${name}: ${columns}`);
  }
});
