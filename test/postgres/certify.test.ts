/** `npm run certify` on PostgreSQL, with clients that the operator adds. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { startOwnPostgres } from "../support/postgres.ts";

test("the code flow and both logouts hold", async () => {
  const postgres = await startOwnPostgres();
  try {
    const profiles = ["basic", "rp_logout", "back_channel"].flatMap((each) => ["--profile", each]);
    const args = ["--clients", "added", "--database", postgres.url, ...profiles];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["tools/certify/run.ts", ...args],
      { encoding: "utf8", timeout: 170_000 },
    );
    assert.equal(status, 0, stdout + stderr);
  } finally {
    await postgres.stop();
  }
});
