/** `npm run bench`: how fast Valetkey answers, beside a bare server that does the same work. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Child, type Question, startChild, type Usage } from "./child.ts";
import type { Order, Outcome } from "./load.ts";
import { describeMachine, type Measurement, printReport } from "./report.ts";
import { type Material, SCENARIOS } from "./scenarios.ts";

const HELP = `npm run bench -- [options]

  --quick             one short run of each: a smoke test of 20 seconds
  --only NAME         this scenario; may be repeated:
                      ${SCENARIOS.map(({ name }) => name).join(", ")}
  --runs N            runs that count, after one to warm up (5)
  --seconds N         length of a run (2)
  --connections N     requests in flight (32)
  --dir FOLDER        where the databases go, since a commit is as fast as its disk (the system's)
  --json FILE         writes every measurement
  --profile FOLDER    writes a CPU profile of Valetkey, for the developer tools of Chromium

  Example: npm run bench -- --only refresh --runs 3 --json refresh.json`;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    runs: { type: "string" },
    seconds: { type: "string" },
    connections: { type: "string", default: "32" },
    dir: { type: "string", default: tmpdir() },
    json: { type: "string" },
    profile: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const runs = Number(values.runs ?? (values.quick ? 1 : 5));
const seconds = Number(values.seconds ?? (values.quick ? 0.5 : 2));
const connections = Number(values.connections);
const chosen = SCENARIOS.filter(({ name }) => values.only?.includes(name) ?? true);
const unknown = values.only?.find((name) => !SCENARIOS.some((each) => each.name === name));

if (values.help) console.log(HELP);
else if (unknown !== undefined || !(runs > 0 && seconds > 0 && connections > 0)) {
  console.error(unknown === undefined ? "an option is no number" : `no scenario ${unknown}`);
  console.error(HELP);
  process.exitCode = 2;
} else await bench();

async function bench(): Promise<void> {
  const folder = mkdtempSync(join(values.dir, "valetkey-bench-"));
  const profile = values.profile;
  const options = profile === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir", profile];
  const load = startChild("load.ts", { core: 1 });
  const servers = {
    floor: startChild("floor.ts", { core: 0, args: [folder] }),
    valetkey: startChild("valetkey.ts", { core: 0, args: [folder], options }),
  };
  try {
    const machine = describeMachine(folder);
    const measurements: Measurement[] = [];
    // One after the other, and all again: what disturbs the machine for a while disturbs all alike.
    for (let run = 0; run <= runs; run += 1) {
      process.stderr.write(run === 0 ? "warming up\n" : `run ${run} of ${runs}\n`);
      for (const { name: scenario } of chosen)
        for (const server of ["floor", "valetkey"] as const) {
          const measured = await measure({ scenario, server: servers[server], load });
          if (run > 0) measurements.push({ scenario, server, ...measured });
        }
    }
    printReport(machine, measurements);
    const settings = { runs, seconds, connections };
    const all = { date: new Date().toISOString(), machine, settings, measurements };
    if (values.json) writeFileSync(values.json, `${JSON.stringify(all, null, 2)}\n`);
  } finally {
    await Promise.all([servers.floor.stop(), servers.valetkey.stop(), load.stop()]);
    rmSync(folder, { recursive: true });
  }
}

async function measure({
  scenario,
  server,
  load,
}: {
  scenario: string;
  server: Child;
  load: Child;
}): Promise<Omit<Measurement, "scenario" | "server">> {
  const ask = <T>(question: Question): Promise<T> => server.ask(question);
  const material = await ask<Material>({ ask: "material", scenario, seconds });
  const before = await ask<Usage>({ ask: "usage" });
  const order: Order = { scenario, material, connections, seconds };
  const outcome = await load.ask<Outcome>(order);
  const after = await ask<Usage>({ ask: "usage" });
  if ("failure" in outcome) throw new Error(`${scenario}: ${outcome.failure}`);
  const cpu_us = after.cpu_us - before.cpu_us;
  return {
    requests: outcome.requests,
    requests_per_second: outcome.requests / outcome.seconds,
    cpu_us: cpu_us / outcome.requests,
    cpu_share: cpu_us / 1e6 / outcome.seconds,
    rss: after.rss,
  };
}
