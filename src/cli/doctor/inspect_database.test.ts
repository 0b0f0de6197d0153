import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseConfig } from "../../config.ts";
import { BACKCHANNEL_LOGOUT } from "../../sessions/client_sessions.ts";
import { START, sampleJob } from "../../store/conformance/samples.ts";
import { sqlStore } from "../../store/sql/store.ts";
import { sqliteDriver } from "../../store/sqlite/driver.ts";
import type { Settings } from "../settings.ts";
import { inspectDatabase } from "./inspect_database.ts";

test("messages about ended sessions count once they have failed", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-inspect-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "valetkey.sqlite");
  const full = parseConfig({ database: `sqlite:${path}` });
  const store = sqlStore(sqliteDriver(path), full.lifetimes);
  await store.migrate();
  const job = () => sampleJob({ kind: BACKCHANNEL_LOGOUT });
  await store.addJobs([job(), job(), job(), sampleJob()]);
  const lease = { kinds: [BACKCHANNEL_LOGOUT], now: START, until: START + 60, limit: 2 };
  const settings = { full } as Settings;
  const logouts = async () => {
    const facts = await inspectDatabase(settings, null);
    return "failed" in facts ? assert.fail(facts.failed) : facts.logouts;
  };
  assert.deepEqual(await logouts(), { waiting: 0, error: null });
  const later = { due_at: START + 9, error: "the client answers 500" };
  for (const each of await store.leaseJobs(lease)) await store.postponeJob(each, later);
  assert.deepEqual(await logouts(), { waiting: 2, error: "the client answers 500" });
  await store.close();
});
