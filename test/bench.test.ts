/** The benchmark runs, and every answer is the expected one. Speed is not tested here. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SCENARIOS } from "../tools/bench/scenarios.ts";

interface Measured {
  scenario: string;
  server: string;
  requests: number;
  cpu_us: number;
}

const bench = (...args: string[]) =>
  spawnSync(process.execPath, ["tools/bench/run.ts", ...args], {
    encoding: "utf8",
    timeout: 60_000,
  });

interface Outcome {
  table: string;
  measurements: Measured[];
  workers: { workers: number; requests_per_second: number }[];
}

function measured(...args: string[]): Outcome {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-bench-test-"));
  const json = join(folder, "bench.json");
  const { status, stdout, stderr } = bench(...args, "--runs", "1", "--json", json);
  assert.equal(status, 0, stderr);
  const { measurements, workers } = JSON.parse(readFileSync(json, "utf8"));
  rmSync(folder, { recursive: true });
  return { table: stdout, measurements, workers };
}

const only = (...names: string[]): string[] => names.flatMap((name) => ["--only", name]);

test("every request is measured, beside the floor and oidc-provider", () => {
  const { table, measurements } = measured(
    ...["--quick", "--seconds", "0.03", "--grants", "0", "--with", "floor,valetkey,oidc-provider"],
    ...only(...SCENARIOS.map(({ name }) => name)),
  );
  for (const { requests, cpu_us } of measurements) assert.ok(requests > 0 && cpu_us > 0);
  for (const { name, title, not_by_oidc_provider } of SCENARIOS) {
    assert.ok(table.includes(title), title);
    const servers = measurements.filter((one) => one.scenario === name).map((one) => one.server);
    assert.ok(servers.includes("floor"), name);
    if (name === "jwks_unchanged") continue;
    assert.ok(servers.includes("valetkey"), name);
    assert.equal(servers.includes("oidc_provider"), not_by_oidc_provider === undefined, name);
  }
});

test("PostgreSQL is measured beside a floor of its own, and with many grants", () => {
  const { table, measurements } = measured(
    ...["--quick", "--seconds", "0.05", "--grants", "900", "--with", "floor,valetkey,postgres"],
    ...only("refresh_public", "sign_in", "names"),
  );
  assert.deepEqual(measurements.map(({ server }) => server).sort(), [
    "floor",
    "floor_postgres",
    "valetkey",
    "valetkey_many",
    "valetkey_postgres",
    "valetkey_postgres_many",
  ]);
  assert.match(table, /### Many live grants[\s\S]*### Sign-ins[\s\S]*Valetkey, PostgreSQL/);
  assert.match(
    table,
    /### Known and unknown names[\s\S]*SQLite .*aim 0\.980-1\.020[\s\S]*PostgreSQL/,
  );
});

test("whole flows are measured: from discovery to tokens, and a device's", () => {
  const { table } = measured(
    ...["--quick", "--seconds", "0.05", "--with", "valetkey"],
    ...only("discovery_to_token", "device_flow"),
  );
  assert.match(table, /### Whole flows[\s\S]*discovery to tokens[\s\S]*device: codes/);
});

test("the command itself is measured: its start, its memory, one worker and two, and an issuer of a test", () => {
  const options = ["--quick", "--seconds", "0.1", ...only("start", "test_issuer", "workers")];
  const { table, workers } = measured(...options);
  assert.match(table, /### Cold start[\s\S]*### Memory of `valetkey start`[\s\S]*sign-ins/);
  assert.deepEqual(
    workers.map((run) => run.workers),
    [1, 2],
  );
  assert.match(table, /### `startIssuer`[\s\S]*first issuer .*aim 100 ms/);
  assert.match(table, /### Workers/);
});

test("an unknown name is refused with a list of the known ones", () => {
  const { status, stderr } = bench("--only", "everything");
  assert.equal(status, 2);
  assert.match(stderr, /no everything[\s\S]*client_credentials_opaque/);
});
