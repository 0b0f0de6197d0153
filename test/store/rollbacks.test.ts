/**
 * Every operation of several statements is atomic: each kind of transaction is broken at each of its statements, in
 * each way in which a statement can fail. On SQLite with the whole conformance suite, which also lists the kinds; on
 * PostgreSQL, where setup is slower, with one call of each operation.
 */
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { after, before, describe, type TestContext, test } from "node:test";
import {
  CONFORMANCE_LIFETIMES,
  type Store,
  testStore,
} from "../../src/store/conformance/conformance.ts";
import * as samples from "../../src/store/conformance/samples.ts";
import { POSTGRES, postgresDriver } from "../../src/store/postgres/driver.ts";
import { POOL_LIMITS } from "../../src/store/postgres/limits.ts";
import type { SqlDriver } from "../../src/store/sql/driver.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { SQLITE, sqliteDriver } from "../../src/store/sqlite/driver.ts";
import { breakingDriver } from "../support/breaking_driver.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { spreadingDriver } from "../support/spreading.ts";
import { life } from "./life.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

/** Operations with several writes that may each stand alone: the next call continues from there. */
const SEVERAL_WRITES = ["migrate", "sweep", "leaseJobs"];

/** Stores whose transactions are broken, and a record of the breakages. */
function breaking(open: () => Promise<SqlDriver>) {
  const places = new Map<string, number>();
  /** The highest number of writes that one call of an operation made. */
  const writes = new Map<string, number>();
  const running = new AsyncLocalStorage<{ operation: string; writes: number }>();

  function wrote(): void {
    const call = running.getStore();
    if (!call) return;
    call.writes += 1;
    writes.set(call.operation, Math.max(call.writes, writes.get(call.operation) ?? 0));
  }

  const watched = (store: Store): Store =>
    new Proxy(store, {
      get(target, property) {
        const operation = String(property);
        const run: unknown = Reflect.get(target, property);
        if (typeof run !== "function") return run;
        return (...args: unknown[]) => {
          if (!writes.has(operation)) writes.set(operation, 0);
          return running.run({ operation, writes: 0 }, () => Reflect.apply(run, target, args));
        };
      },
    });

  const openBroken = async (): Promise<Store> => {
    const driver = breakingDriver(await open(), { places, wrote });
    return watched(sqlStore(driver, CONFORMANCE_LIFETIMES));
  };
  return { openBroken, places, writes };
}

const sqlite = breaking(async () => sqliteDriver(":memory:"));
testStore("SQLite, broken at each statement", sqlite.openBroken);

describe("SQLite, after the whole suite", () => {
  test("every kind of transaction was broken at each statement", (t) =>
    assertBroken(t, sqlite.places));

  test("every operation was called, and none makes two writes that are not atomic", async () => {
    const { writes } = sqlite;
    const store = sqlStore(sqliteDriver(":memory:"), CONFORMANCE_LIFETIMES);
    await store.close();
    assert.deepEqual([...writes.keys()].sort(), Object.keys(store).sort());
    const several = [...writes].filter(([, count]) => count > 1).map(([operation]) => operation);
    assert.deepEqual(
      several.filter((operation) => !SEVERAL_WRITES.includes(operation)),
      [],
    );
  });
});

/** Long time limits, so that machine load breaks no transaction here. */
const PATIENT = { ...POOL_LIMITS, wait_timeout: 60_000, statement_timeout: 60_000 };
const others: Record<string, { at: (url: string) => SqlDriver; own?: RegExp }> = {
  PostgreSQL: { at: (url) => postgresDriver(url, PATIENT) },
  "statements that keep to one place": {
    at: (url) => spreadingDriver(url, PATIENT),
    // A change to the directory ends people's rows by a job; the session of the change is checked before it.
    own: /^(DELETE FROM (session|consent)|UPDATE (authorization_grant|session)|INSERT INTO person_end) .*$/,
  },
};

for (const [name, { at: driverAt, own }] of Object.entries(others))
  test(`${name}: every kind of transaction is broken at each statement, and the store works on`, async (t) => {
    const { openBroken, places } = breaking(async () => driverAt(await postgres.newDatabase()));
    const store = await openBroken();
    await store.migrate();
    await life(store, samples);
    await store.close();
    assertBroken(t, places);
    // Every kind that the whole suite makes on SQLite occurs here too, apart from the differences below.
    const common = (kind: string) => inCommon(kind, own);
    const known = [...places.keys()].map(common);
    const missing = [...sqlite.places.keys()].map(common).filter((kind) => !known.includes(kind));
    assert.deepEqual(missing, []);
  });

/** Events and jobs may accompany each change; migrations and new grants differ between the databases. */
function inCommon(kind: string, own: RegExp | undefined): string {
  if (/CREATE TABLE/.test(kind)) return "migration";
  if (/INSERT INTO authorization_grant/.test(kind)) return "grant";
  const statements = kind.split("; ");
  const changes_directory = /^(UPDATE server_state|INSERT INTO client) /.test(kind);
  return statements
    .map((sql) => sql.replace(SQLITE.now, "NOW").replace(POSTGRES.now, "NOW"))
    .filter((sql) => !/^INSERT INTO (person|directory)_(event|job) /.test(sql))
    .filter((sql) => !changes_directory || !own?.test(sql))
    .join("; ");
}

function assertBroken(t: TestContext, places: ReadonlyMap<string, number>): void {
  const unbroken = [...places].filter(([, broken]) => broken === 0).map(([kind]) => kind);
  assert.deepEqual(unbroken, []);
  const sum = [...places.values()].reduce((total, broken) => total + broken, 0);
  t.diagnostic(`${places.size} kinds of transactions, broken in ${sum} ways`);
  assert.ok(sum > places.size);
}
