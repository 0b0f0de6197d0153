/** Names of ended access tokens are listed as late as possible in each transaction (docs/ended-tokens.md). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CONFORMANCE_LIFETIMES } from "../../src/store/conformance/conformance.ts";
import * as samples from "../../src/store/conformance/samples.ts";
import type { Dialect, SqlDriver } from "../../src/store/sql/driver.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { SQLITE, sqliteDriver } from "../../src/store/sqlite/driver.ts";
import { countingDriver } from "../support/counting_driver.ts";
import { life } from "./life.ts";

const LISTS = /^INSERT INTO (person|directory)_end /;

const dialects: Record<string, Dialect> = {
  "one database": SQLITE,
  "spread over places": { ...SQLITE, spread: "SELECT 1 AS found" },
};

for (const [name, dialect] of Object.entries(dialects))
  test(`${name}: names of ended tokens are the last statements of their transaction`, async () => {
    const driver = sqliteDriver(":memory:");
    let listing = 0;
    const watching: SqlDriver = {
      ...countingDriver(driver),
      dialect,
      writeAll(statements) {
        const texts = statements.map(({ sql }) => sql.trim());
        const first = texts.findIndex((sql) => LISTS.test(sql));
        if (first >= 0) {
          listing += 1;
          assert.ok(first > 0, "there is something that ends");
          for (const sql of texts.slice(first)) assert.match(sql, LISTS);
        }
        // SQLite has no locks of rows.
        return driver.writeAll(
          statements.map((each) => ({ ...each, sql: each.sql.replace(" FOR SHARE", "") })),
        );
      },
    };
    const store = sqlStore(watching, CONFORMANCE_LIFETIMES);
    await store.migrate();
    await life(store, samples);
    await store.close();
    assert.ok(listing > 25, `${listing} transactions`);
  });
