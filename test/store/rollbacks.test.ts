/**
 * Whatever takes several statements happens as a whole or not at all: each kind of transaction of the conformance
 * suite is broken at each of its statements, in each way in which a statement can fail.
 */
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { after, before, describe, type TestContext, test } from "node:test";
import { consentScenarios } from "../../src/store/conformance/consents.ts";
import { grantScenarios } from "../../src/store/conformance/grants.ts";
import { CONFORMANCE_LIFETIMES, type Store, testStore } from "../../src/store/conformance.ts";
import { postgresDriver } from "../../src/store/postgres.ts";
import type { SqlDriver } from "../../src/store/sql_driver.ts";
import { sqlStore } from "../../src/store/sql_store.ts";
import { sqliteDriver } from "../../src/store/sqlite.ts";
import { breakingDriver } from "../support/breaking_driver.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { spreadingDriver } from "../support/spreading.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

/** Migrations are many transactions, and clean-up may stop after any batch: it goes on from there. */
const SEVERAL_WRITES = ["migrate", "sweep"];

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

const databases: Record<string, () => Promise<SqlDriver>> = {
  SQLite: async () => sqliteDriver(":memory:"),
  PostgreSQL: async () => postgresDriver(await postgres.newDatabase()),
};

for (const [name, open] of Object.entries(databases)) {
  const { openBroken, places, writes } = breaking(open);
  testStore(`${name}, broken at each statement`, openBroken);

  describe(`${name}, after all of these`, () => {
    test("every kind of transaction was broken at each statement", (t) => assertBroken(t, places));

    test("every operation was called, and none makes two writes of which one could stay alone", async () => {
      const store = sqlStore(await open(), CONFORMANCE_LIFETIMES);
      await store.close();
      assert.deepEqual([...writes.keys()].sort(), Object.keys(store).sort());
      const several = [...writes].filter(([, count]) => count > 1).map(([operation]) => operation);
      assert.deepEqual(several.sort(), SEVERAL_WRITES);
    });
  });
}

describe("statements that keep to one key, broken at each statement", () => {
  const { openBroken, places } = breaking(async () =>
    spreadingDriver(await postgres.newDatabase()),
  );
  for (const [sentence, scenario] of Object.entries({ ...grantScenarios, ...consentScenarios }))
    test(sentence, async () => {
      const store = await openBroken();
      try {
        await store.migrate();
        await scenario(store);
      } finally {
        await store.close();
      }
    });
  test("every kind of transaction was broken at each statement", (t) => assertBroken(t, places));
});

function assertBroken(t: TestContext, places: ReadonlyMap<string, number>): void {
  const unbroken = [...places].filter(([, broken]) => broken === 0).map(([kind]) => kind);
  assert.deepEqual(unbroken, []);
  const sum = [...places.values()].reduce((total, broken) => total + broken, 0);
  t.diagnostic(`${places.size} kinds of transactions, broken in ${sum} ways`);
  assert.ok(sum > places.size);
}
