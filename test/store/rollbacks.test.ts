/**
 * Whatever takes several statements happens as a whole or not at all: each kind of transaction is broken at each of its
 * statements, in each way in which a statement can fail. On SQLite with the whole conformance suite, which says what
 * kinds there are; on PostgreSQL, which is slower to set up, with one of everything.
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
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { POOL_LIMITS } from "../../src/store/postgres/limits.ts";
import type { SqlDriver } from "../../src/store/sql/driver.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { sqliteDriver } from "../../src/store/sqlite/driver.ts";
import { breakingDriver } from "../support/breaking_driver.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { spreadingDriver } from "../support/spreading.ts";
import { life } from "./life.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

/** Operations of several writes, any of which may stay alone: the next call goes on from there. */
const SEVERAL_WRITES = ["migrate", "sweep", "leaseJobs", "endClient"];

/** Stores whose transactions are broken, and what has become of them. */
function breaking(open: () => Promise<SqlDriver>) {
  const places = new Map<string, number>();
  /** By operation, the most writes that one call of it made. */
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

describe("SQLite, after all of these", () => {
  test("every kind of transaction was broken at each statement", (t) =>
    assertBroken(t, sqlite.places));

  test("every operation was called, and none makes two writes of which one could stay alone", async () => {
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

/** Not the load of the machine is what breaks a transaction here. */
const PATIENT = { ...POOL_LIMITS, wait_timeout: 60_000, statement_timeout: 60_000 };
const others: Record<string, { at: (url: string) => SqlDriver; own?: RegExp }> = {
  PostgreSQL: { at: (url) => postgresDriver(url, PATIENT) },
  "statements that keep to one place": {
    at: (url) => spreadingDriver(url, PATIENT),
    // With a change to the directory, people's rows end by a job; their session is asked for before it.
    own: /^(DELETE FROM (session|consent)|UPDATE (authorization_grant|session)) .*$/,
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
    // Nothing that the whole suite makes SQLite do is left out here, but for what is said in another way.
    const common = (kind: string) => inCommon(kind, own);
    const known = [...places.keys()].map(common);
    const missing = [...sqlite.places.keys()].map(common).filter((kind) => !known.includes(kind));
    assert.deepEqual(missing, []);
  });

/** Events and jobs may come with each change; migrations and the making of a grant are the database's own. */
function inCommon(kind: string, own: RegExp | undefined): string {
  if (/CREATE TABLE/.test(kind)) return "migration";
  if (/INSERT INTO authorization_grant/.test(kind)) return "grant";
  const statements = kind.split("; ");
  const changes_directory = /^UPDATE server_state/.test(kind);
  return statements
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
