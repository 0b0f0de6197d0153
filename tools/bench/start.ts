/** `valetkey start`: the time to its first answer, and its memory under load. */

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../test/support/postgres.ts";
import { FIRST_TOKEN, judged, MEMORY_MB } from "./aims.ts";
import { type Child, startChild } from "./child.ts";
import { openConnection } from "./connection.ts";
import { type Prepared, prepareDatabase, signInMaterial } from "./database.ts";
import type { Order, Outcome } from "./load.ts";
import { count, milliseconds, table } from "./markdown.ts";
import { watchMemory } from "./measure.ts";
import type { Options } from "./options.ts";
import { type ProgramOptions, startProgram } from "./program.ts";
import { findScenario, type Material, type ScenarioName } from "./scenarios.ts";
import { LOAD_CORE, SERVER_CORE } from "./servers.ts";
import { type Spread, spread } from "./statistics.ts";

export interface Start {
  /** Milliseconds from the start of the process to its first answer. */
  first_token: Spread;
  first_keys_of_a_new_database: Spread;
  /** Bytes: after the start, and the peak under each load. */
  memory: Record<string, number>;
}

const TRIES = 10;
const SIGNING_IN = 16;

export async function measureStart(
  folder: string,
  main: string,
  { quick, seconds, connections }: Options,
): Promise<Start> {
  const prepared = await prepareDatabase(folder);
  const tries = Array.from({ length: quick ? 3 : TRIES }, (_, i) => i);
  const first: number[] = [];
  const fresh: number[] = [];
  for (const i of tries) {
    process.stderr.write(`start ${i + 1} of ${tries.length}\n`);
    const options = { main, config: prepared.config, core: SERVER_CORE };
    const existing = { ...options, database: prepared.database, port: await freePort() };
    first.push(await timeToAnswer(existing, "client_credentials", prepared));
    const database = `sqlite:${join(folder, `fresh-${i}.sqlite`)}`;
    fresh.push(
      await timeToAnswer({ ...options, database, port: await freePort() }, "jwks", prepared),
    );
  }
  const load = startChild("load.ts", { core: LOAD_CORE });
  try {
    const memory = await memoryUnderLoad(main, prepared, { load, seconds, connections });
    return { first_token: spread(first), first_keys_of_a_new_database: spread(fresh), memory };
  } finally {
    await load.stop();
  }
}

async function timeToAnswer(
  options: ProgramOptions,
  name: ScenarioName,
  { materialFor }: Prepared,
): Promise<number> {
  const begin = performance.now();
  const program = startProgram(options);
  try {
    await firstAnswer(options.port, name, materialFor(options.port));
    return performance.now() - begin;
  } finally {
    await program.stop();
  }
}

/** Repeats a request until it is answered. */
export async function firstAnswer(
  port: number,
  name: ScenarioName,
  material: Material,
): Promise<void> {
  const scenario = findScenario(name);
  for (let tries = 0; tries < 10_000; tries += 1) {
    try {
      const connection = await openConnection(port);
      const request = scenario?.request(material, "") ?? "";
      const answer = await connection.exchange(request);
      connection.close();
      // Until somebody listens on the port, the system may give it to this very connection, which then meets itself.
      if (request.startsWith(answer)) continue;
      if (Number(answer.slice(9, 12)) === scenario?.status) return;
      throw new Error(`valetkey start: ${answer.slice(0, 1000)}`);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ECONNREFUSED"))
        throw error;
      await sleep(2);
    }
  }
  throw new Error("valetkey start does not answer");
}

async function memoryUnderLoad(
  main: string,
  { database, config, materialFor }: Prepared,
  { load, ...task }: { load: Child; seconds: number; connections: number },
): Promise<Record<string, number>> {
  const port = await freePort();
  const program = startProgram({ main, database, config, port, core: SERVER_CORE });
  try {
    const material = materialFor(port);
    await firstAnswer(port, "client_credentials", material);
    const under = async (order: Omit<Order, "awake" | "seconds">): Promise<number> => {
      const watch = watchMemory(...program.pids());
      const outcome = await load.ask<Outcome>({ ...order, awake: true, seconds: task.seconds * 2 });
      const peak = watch.stop();
      if ("failure" in outcome) throw new Error(outcome.failure);
      return peak;
    };
    const { connections } = task;
    return {
      "after the first token": watchMemory(...program.pids()).stop(),
      client_credentials: await under({ scenario: "client_credentials", material, connections }),
      "sign-ins": await under({
        scenario: "sign_in",
        material: await signInMaterial(material, SIGNING_IN),
        connections: SIGNING_IN,
      }),
    };
  } finally {
    await program.stop();
  }
}

export function startTables(start: Start | null): string[] {
  if (!start) return [];
  const row = (title: string, { min, median, max }: Spread) => [
    title,
    milliseconds(min),
    judged(median, FIRST_TOKEN, milliseconds),
    milliseconds(max),
  ];
  const times = [
    row("to the first token", start.first_token),
    row("to the first keys, database and keys made", start.first_keys_of_a_new_database),
  ];
  const memory = Object.entries(start.memory).map(([title, bytes]) => [
    title,
    judged(bytes / 1e6, MEMORY_MB, (value) => `${count(value)} MB`),
  ]);
  return [
    `### Cold start of \`valetkey start\`, SQLite\n\n${table(["", "min", "median", "max"], times)}`,
    `### Memory of \`valetkey start\`, at most\n\n${table(["under", "resident"], memory)}`,
  ];
}
