/** `npm run bench`: the speed of Valetkey beside other servers. See README.md in this folder. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chartOf } from "./chart.ts";
import { describeMachine, isBusy, type Machine, shownMachine } from "./machine.ts";
import { type FlowRun, flowServers, flowTable, measureFlows } from "./measure_flows.ts";
import { measureNames, type NameRun, nameServers, nameTable } from "./names.ts";
import { HELP, type Options, readOptions } from "./options.ts";
import { buildPackage } from "./program.ts";
import { requestTables } from "./report_requests.ts";
import { type Measurement, measureRequests } from "./requests.ts";
import { chosenScenarios, serversFor, startServers } from "./servers.ts";
import { measureSignIns, type SignIns, signInServers, signInTable } from "./sign_in.ts";
import { measureSignInLoad, signInLoadTable } from "./sign_in_load.ts";
import { measureStart, type Start, startTables } from "./start.ts";
import { measureTestIssuer, type TestIssuers, testIssuerTable } from "./test_issuer.ts";
import { measureVerifications, verificationTable } from "./verify.ts";
import { measureWorkers, type WorkersRun, workersTable } from "./workers.ts";

const options = optionsOrRefusal();
if (typeof options === "string") {
  console.error(`${options}\nnpm run bench -- --help`);
  process.exitCode = 2;
} else if (options === null) console.log(HELP);
else
  await bench(options).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });

function optionsOrRefusal(): Options | string | null {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function bench(options: Options): Promise<void> {
  const folder = mkdtempSync(join(options.dir, "valetkey-bench-"));
  // Also when it is interrupted. The servers end when their parent has gone.
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const machine = describeMachine(folder);
  introduce(machine);
  // Each part is printed when it is done, so that nothing is lost when a later one fails.
  const { measurements, flows, sign_ins, names } = await onServers(folder, options);
  const of_requests = requestTables(measurements, options.grants);
  print([...of_requests, ...flowTable(flows), ...signInTable(sign_ins), ...nameTable(names)]);
  const sign_in_load = await measureSignInLoad(folder, options);
  print(signInLoadTable(sign_in_load));
  const verifications = await measureVerifications(options);
  print(verificationTable(verifications));
  const program = await onProgram(folder, options);
  print([
    ...startTables(program.start),
    ...testIssuerTable(program.test_issuer),
    ...workersTable(program.workers),
  ]);
  const { runs, seconds, connections, grants } = options;
  const settings = { runs, seconds, connections, grants };
  const parts = { measurements, flows, sign_ins, names, sign_in_load, verifications, ...program };
  const all = { date: new Date().toISOString(), machine, settings, ...parts };
  if (options.chart) draw(of_requests, options.chart);
  if (options.json) writeFileSync(options.json, `${JSON.stringify(all, null, 2)}\n`);
}

function draw(tables: readonly string[], file: string): void {
  const chart = chartOf(tables.join("\n\n"));
  if (chart === null) console.error("no chart: nothing that it shows was measured");
  else writeFileSync(file, chart);
}

interface OnServers {
  measurements: Measurement[];
  flows: FlowRun[];
  sign_ins: SignIns[];
  names: NameRun[];
}

async function onServers(folder: string, options: Options): Promise<OnServers> {
  const of_requests = chosenScenarios(options).flatMap((each) => serversFor(each, options));
  const names = [
    ...of_requests,
    ...flowServers(options),
    ...signInServers(options),
    ...nameServers(options),
  ];
  if (names.length === 0) return { measurements: [], flows: [], sign_ins: [], names: [] };
  const servers = await startServers(names, folder, options);
  try {
    const measurements = await measureRequests(servers, options);
    const flows = await measureFlows(servers, options);
    const sign_ins = await measureSignIns(servers, options);
    return { measurements, flows, sign_ins, names: await measureNames(servers, options) };
  } finally {
    await servers.stop();
  }
}

interface OnProgram {
  start: Start | null;
  test_issuer: TestIssuers | null;
  workers: WorkersRun[];
}

/** Measurements of the command itself, built as it is published. */
async function onProgram(folder: string, options: Options): Promise<OnProgram> {
  const { only, sides } = options;
  const wants = (part: string): boolean => sides.has("valetkey") && only.has(part);
  if (!["start", "test_issuer", "workers"].some(wants))
    return { start: null, test_issuer: null, workers: [] };
  const main = buildPackage(folder);
  return {
    start: wants("start") ? await measureStart(folder, main, options) : null,
    test_issuer: wants("test_issuer") ? measureTestIssuer(main, options) : null,
    workers: wants("workers") ? await measureWorkers(folder, main, options) : [],
  };
}

function introduce(machine: Machine): void {
  console.log(shownMachine(machine));
  if (isBusy(machine))
    console.log(`The machine was busy before (load ${machine.load}): take a quiet one.`);
}

function print(tables: readonly string[]): void {
  for (const text of tables) console.log(`\n${text}`);
}
