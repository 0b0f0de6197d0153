/** PostgreSQL goes away, comes back, crashes in mid-transaction, is slow, or says nothing at all. */
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../test/support/postgres.ts";
import { type Wire, wire } from "./ask.ts";
import { checkRows, checkTokens } from "./check.ts";
import { type Drill, type DrillRun, type Figures, HONEST } from "./drill.ts";
import { type Ledger, newLedger } from "./ledger.ts";
import { type Load, STATELESS, startLoad, startSteady } from "./load.ts";
import { startNode } from "./node.ts";
import { crashPostgres } from "./place.ts";
import { startProxy, type Wiretap } from "./proxy.ts";
import { untilSteady } from "./recovery.ts";
import { config, seed } from "./seed.ts";

/** Seconds away, times crashed, seconds slow, seconds silent. */
// Away for less than `directory_stale`: after that, tokens that need no row are refused too.
const LONG = { away: 20, crashes: 10, slow: 20, silent: 20 };
const QUICK = { away: 4, crashes: 2, slow: 5, silent: 9 };
/** Milliseconds of delay in each direction. */
const SLOW = 1000;
/**
 * Milliseconds within which every request is answered (docs/reliability.md): a read of the versions (1 s), a first try
 * (2 s), a wait for a connection (5 s), a statement (5 s, and one more until the driver gives up), and some margin.
 */
const BOUND = 15_000;

export const databaseDown: Drill = {
  name: "database-down",
  title: "PostgreSQL is away for 20 s, crashes under load, is slow, is silent",
  databases: ["postgres"],
  lines: ({ quick }) => [
    { figure: "unavailable", says: "requests were refused, with 503", at_least: 1 },
    { figure: "crashes", says: "as often as said", at_least: (quick ? QUICK : LONG).crashes },
    ...HONEST,
    { figure: "longest_ms", says: "nothing hangs: answered within 15 s", at_most: BOUND },
    { figure: "unanswered", says: "every request is answered", at_most: 0 },
    { figure: "steady_failed", says: "keys and stateless tokens go on", at_most: 0 },
    { figure: "steady_longest_ms", says: "and wait for no database", at_most: 2500 },
    { figure: "not_said", says: "/readyz is 503 while it is away or silent", at_most: 0 },
    { figure: "back_after_away_ms", says: "works again within 5 s", at_most: 5000 },
    { figure: "back_after_crash_ms", says: "works again within 5 s of a crash", at_most: 5000 },
    { figure: "back_after_slow_ms", says: "works again within 5 s of slowness", at_most: 5000 },
    {
      figure: "back_after_silence_ms",
      says: "works again within 10 s of silence",
      at_most: 10_000,
    },
    { figure: "ended", says: "the process goes on", at_most: 0 },
    { figure: "damaged", says: "the database is sound at the end", at_most: 0 },
  ],
  run,
};

interface Scene {
  options: DrillRun;
  ledger: Ledger;
  line: Wire;
  proxy: Wiretap;
}

async function run(options: DrillRun): Promise<Figures> {
  const { place, tell } = options;
  const port = await freePort();
  const settings = config(`http://127.0.0.1:${port}`);
  const seeded = await seed({ database: place.database, config: settings });
  const proxy = await startProxy({ targets: () => [Number(new URL(place.database).port)] });
  const through = Object.assign(new URL(place.database), { port: String(proxy.port) }).href;
  const ledger = newLedger();
  Object.assign(ledger.figures, { not_said: 0, ended: 0, crashes: 0 });
  const line = wire(seeded.origin);
  const scene: Scene = { options, ledger, line, proxy };

  for (const { database, phases } of [
    { database: place.database, phases: [away, crashed] },
    { database: through, phases: [slow, silent] },
  ]) {
    const node = await startNode({ place: { ...place, database }, port, config: settings });
    const steady = startSteady(STATELESS(seeded), ledger, line);
    const loads: Load[] = [startLoad(seeded, { ledger, pause: 100, think: 5 }), steady];
    try {
      await sleep(1000);
      for (const phase of phases) await phase(scene);
      await Promise.all(loads.map((load) => load.stop()));
      await checkRows(ledger, place);
      if (!node.isUp()) ledger.count("ended");
      if (database === through) await checkTokens(ledger, seeded);
    } finally {
      await Promise.all(loads.map((load) => load.stop()));
      await node.stop();
    }
  }
  line.close();
  await proxy.close();
  for (const odd of ledger.odd) tell(odd);
  ledger.figures.damaged = (await place.integrity()) === "ok" ? 0 : 1;
  return ledger.figures;
}

async function away({
  options: { place, tell, quick, seconds },
  ledger,
  line,
}: Scene): Promise<void> {
  const lasts = seconds ?? (quick ? QUICK : LONG).away;
  await place.postgres?.interrupt();
  tell(`away for ${lasts} s`);
  await mustSay(503, { ledger, line, until: performance.now() + lasts * 1000 });
  await place.postgres?.resume();
  ledger.figures.back_after_away_ms = await untilSteady(ledger);
  await mustSay(200, { ledger, line, until: performance.now() });
}

async function crashed({ options: { place, tell, quick }, ledger }: Scene): Promise<void> {
  const { crashes } = quick ? QUICK : LONG;
  for (let i = 0; i < crashes; i += 1) {
    await crashPostgres(place);
    await place.postgres?.resume();
    ledger.most("back_after_crash_ms", await untilSteady(ledger));
    ledger.count("crashes");
    // Acknowledged writes have to be there: they were only in memory and in the write-ahead log.
    await checkRows(ledger, place);
  }
  tell(`crashed ${crashes} times`);
}

async function slow({ options: { tell, quick }, ledger, proxy }: Scene): Promise<void> {
  const lasts = (quick ? QUICK : LONG).slow;
  proxy.delay_ms = SLOW;
  tell(`every statement takes ${2 * SLOW} ms, for ${lasts} s`);
  await sleep(lasts * 1000);
  proxy.delay_ms = 0;
  ledger.figures.back_after_slow_ms = await untilSteady(ledger);
}

async function silent({ options: { tell, quick }, ledger, line, proxy }: Scene): Promise<void> {
  const lasts = (quick ? QUICK : LONG).silent;
  proxy.stalled = true;
  tell(`silent for ${lasts} s`);
  await mustSay(503, { ledger, line, until: performance.now() + lasts * 1000 });
  proxy.stalled = false;
  // Swallowed bytes never arrive, so these connections are dead, as after a firewall forgot them.
  ledger.figures.back_after_silence_ms = await untilSteady(ledger);
  await mustSay(200, { ledger, line, until: performance.now() });
}

interface Say {
  ledger: Ledger;
  line: Wire;
  until: number;
}

/** Asks at least once. */
async function mustSay(status: number, { ledger, line, until }: Say): Promise<void> {
  do {
    const answer = await line.ask({ path: "/readyz" }).catch(() => null);
    if (answer?.status !== status) ledger.count("not_said", `readyz: ${answer?.status}`);
    await sleep(200);
  } while (performance.now() < until);
}
