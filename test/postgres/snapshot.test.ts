/** A snapshot that can't be opened leaves no connection behind. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { openSnapshot } from "../../src/store/copy/snapshot.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { postgresProxy } from "../support/postgres_proxy.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

test("an error of the statements at its beginning closes its connection", async () => {
  const url = await postgres.newDatabase();
  await using proxy = await postgresProxy(url);
  // The same length, so that the messages stay whole.
  proxy.change = (piece) => piece.replace("statement_timeout = 6", "statement_timeaut = 6");
  await assert.rejects(openSnapshot(proxy.url), /statement_timeaut/);
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  const open = async () =>
    (
      await other.query(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'valetkey' AND datname = current_database()",
      )
    ).rows.length;
  for (let polls = 0; polls < 100 && (await open()) > 0; polls += 1) await sleep(20);
  const left = await open();
  await other.end();
  assert.equal(left, 0);
});
