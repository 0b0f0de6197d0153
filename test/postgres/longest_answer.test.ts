/** However a database fails, each statement is answered within the time that docs/reliability.md names. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { POOL_LIMITS } from "../../src/store/postgres/limits.ts";
import type { Statement } from "../../src/store/sql/driver.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { type PostgresProxy, postgresProxy } from "../support/postgres_proxy.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

const LIMITS = {
  ...POOL_LIMITS,
  connections: 16,
  ...{ wait_timeout: 500, statement_timeout: 300, batch_timeout: 150, repeat_within: 200 },
};
/** One second for a server that does not listen, as in the driver, and half of one for this machine. */
const BOUND = LIMITS.repeat_within + LIMITS.wait_timeout + LIMITS.statement_timeout + 1000 + 500;

const ONE: Statement = { sql: "SELECT 1", args: [] };
const faults: Record<string, (proxy: PostgresProxy) => void> = {
  "that falls silent": (proxy) => proxy.silence(),
  "that falls silent, and whose connections end before the time is up": (proxy) => {
    proxy.silence();
    proxy.cut_after = 1000;
  },
  "that answers late": (proxy) => {
    proxy.delay = 700;
  },
};

for (const [name, fault] of Object.entries(faults))
  test(`a database ${name}`, async () => {
    await using proxy = await postgresProxy(await postgres.newDatabase());
    const driver = postgresDriver(proxy.url, LIMITS);
    const ways = [
      () => driver.read("SELECT 1", []),
      () => driver.write("SELECT 1", []),
      () => driver.writeAll([ONE, ONE]),
      () => driver.writeAll([{ ...ONE, must_change: true }, ONE]),
    ];
    // All connections are open before the fault.
    await Promise.all(
      Array.from({ length: LIMITS.connections }, () => driver.writeAll([ONE, ONE])),
    );
    let longest = 0;
    const timed = async (ask: () => Promise<unknown>): Promise<void> => {
      const began = performance.now();
      await ask().catch(() => {});
      longest = Math.max(longest, performance.now() - began);
    };
    const asked: Promise<void>[] = [];
    // Few enough that idle connections are left to try again on.
    for (let turn = 0; turn < 3; turn += 1) {
      if (turn === 1) fault(proxy);
      for (const ask of ways) asked.push(timed(ask));
      await sleep(200);
    }
    await Promise.all(asked);
    await driver.close();
    assert.ok(longest < BOUND, `${longest} ms`);
  });
