/** The benchmark runs: every answer that it gets is the one that it counts. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SCENARIOS } from "../bench/scenarios.ts";

test("every scenario of the benchmark is measured, on both servers", () => {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-bench-test-"));
  const json = join(folder, "bench.json");
  const short = ["--runs", "1", "--seconds", "0.05", "--json", json, "--dir", folder];
  const table = execFileSync(process.execPath, ["bench/run.ts", ...short], {
    encoding: "utf8",
    stdio: "pipe",
  });
  const { measurements }: { measurements: { requests: number; cpu_us: number }[] } = JSON.parse(
    readFileSync(json, "utf8"),
  );
  rmSync(folder, { recursive: true });
  assert.equal(measurements.length, 2 * SCENARIOS.length);
  for (const { requests, cpu_us } of measurements) assert.ok(requests > 0 && cpu_us > 0);
  for (const { title } of SCENARIOS) assert.ok(table.includes(title), title);
});

test("an unknown scenario is refused with the names of those there are", () => {
  const args = ["bench/run.ts", "--only", "everything"];
  assert.throws(
    () => execFileSync(process.execPath, args, { encoding: "utf8", stdio: "pipe" }),
    /no scenario everything[\s\S]*client_credentials_opaque/,
  );
});
