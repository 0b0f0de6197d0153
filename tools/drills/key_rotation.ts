/** Signing keys are replaced again and again, while APIs check every token by the key set as they know it. */
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../../test/support/postgres.ts";
import { CannotRun, type Drill, type DrillRun, type Figures } from "./drill.ts";
import { commandLine, environment, type NodeOptions, startNode } from "./node.ts";
import { config, seed } from "./seed.ts";
import type { Counts, Order } from "./verifier.ts";

/**
 * Time runs this much faster for the server, the command and the verifiers: a key is published 10 minutes before it
 * signs, and a verifier caches the key set for the same time.
 */
const SPEED = 60;
/** Rotations by schedule, and with `--now`. */
const LONG = { ahead: 12, at_once: 20 };
const QUICK = { ahead: 2, at_once: 4 };
/** Seconds, as the server sees them. */
const BETWEEN = 660;
const ACCESS_TOKEN = 600;

export const keyRotation: Drill = {
  name: "key-rotation",
  title: "`valetkey keys rotate` again and again, under load, with APIs that verify every token",
  databases: ["sqlite"],
  lines: ({ quick }) => {
    const { ahead, at_once } = quick ? QUICK : LONG;
    return [
      { figure: "rotations", says: "by schedule, as often as said", at_least: ahead },
      { figure: "keys_met", says: "verifiers met tokens of that many keys", at_least: ahead },
      { figure: "failed", says: "no verification fails, with default settings", at_most: 0 },
      { figure: "late_failed", says: "nor at the end of a token's life", at_most: 0 },
      { figure: "verified", says: "and there were many", at_least: quick ? 300 : 2000 },
      { figure: "rotations_now", says: "with --now, as often as said", at_least: at_once },
      {
        figure: "now_failed",
        says: "nor with --now, where an unknown key is looked up at once",
        at_most: 0,
      },
      { figure: "unexpected", says: "each request for a token is answered with one", at_most: 0 },
    ];
  },
  run,
};

async function run(options: DrillRun): Promise<Figures> {
  const { ahead, at_once } = options.quick ? QUICK : LONG;
  const fast = { DRILL_CLOCK_ORIGIN: String(Date.now()), DRILL_CLOCK_SPEED: String(SPEED) };
  const slow = { DRILL_CLOCK_SPEED: "1" };
  const port = await freePort();
  const settings = config(`http://127.0.0.1:${port}`, {
    lifetimes: { access_token: ACCESS_TOKEN },
  });
  const seeded = await seed({ database: options.place.database, config: settings });
  const { origin, service } = seeded;
  const base = { place: options.place, port, config: settings, preload: [PRELOAD] };
  const order = { origin, authorization: service.authorization ?? "", wait: ACCESS_TOKEN - 60 };

  const pause = (BETWEEN / SPEED) * 1000;
  const by_schedule = await rotate(
    { base: { ...base, env: fast }, rounds: ahead, pause, flags: [], tell: options.tell },
    { ...order, look_up_at_once: false },
  );
  const by_hand = await rotate(
    {
      base: { ...base, env: slow },
      rounds: at_once,
      pause: 1500,
      flags: ["--now"],
      tell: options.tell,
    },
    { ...order, wait: 5, look_up_at_once: true },
  );
  return {
    rotations: by_schedule.rotations,
    keys_met: by_schedule.keys_met,
    failed: by_schedule.failed,
    late_failed: by_schedule.late_failed + by_hand.late_failed,
    verified: by_schedule.verified,
    rotations_now: by_hand.rotations,
    now_failed: by_hand.failed,
    now_verified: by_hand.verified,
    now_keys_met: by_hand.keys_met,
    unexpected: by_schedule.unexpected + by_hand.unexpected,
  };
}

const PRELOAD = new URL("clock_preload.ts", import.meta.url).href;
const VERIFIER = fileURLToPath(new URL("verifier.ts", import.meta.url));

interface Rotation {
  base: NodeOptions & { env: Record<string, string> };
  rounds: number;
  /** Milliseconds between two rotations. */
  pause: number;
  flags: readonly string[];
  tell(line: string): void;
}

async function rotate(
  { base, rounds, pause, flags, tell }: Rotation,
  order: Order,
): Promise<Counts & { rotations: number }> {
  const node = await startNode(base);
  const verifier = fork(VERIFIER, [], {
    execArgv: ["--import", PRELOAD],
    env: { ...process.env, ...base.env },
  });
  verifier.send(order);
  let rotations = 0;
  try {
    await sleep(1000);
    for (; rotations < rounds; rotations += 1) {
      await command(base, ["keys", "rotate", ...flags]);
      tell(`rotated ${rotations + 1} times`);
      await sleep(pause);
    }
    // Until the last key signs, and its tokens are old.
    await sleep(pause);
    const answered = new Promise<Counts>((resolve, reject) => {
      verifier.once("message", resolve);
      verifier.once("exit", (code) => reject(new Error(`the verifier ended with ${code}`)));
    });
    verifier.send("stop");
    const counts = await answered;
    for (const odd of counts.odd) tell(odd);
    return { ...counts, rotations };
  } finally {
    verifier.kill();
    await node.stop();
  }
}

async function command(base: Rotation["base"], words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, commandLine(base, words), {
    cwd: base.place.folder,
    env: { ...environment(), ...base.env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (text) => (said += text));
  const [code] = await once(child, "exit");
  if (code !== 0) throw new CannotRun(`valetkey ${words.join(" ")} ended with ${code}: ${said}`);
}
