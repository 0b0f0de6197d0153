/** The disk under SQLite fills up under load, stays full, and is freed. */
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../test/support/postgres.ts";
import { wire } from "./ask.ts";
import { checkRows, checkTokens } from "./check.ts";
import { beginChain, insisting, introspectAsk, isActive } from "./client.ts";
import { type Disk, smallDisk } from "./disk.ts";
import { type Drill, type DrillRun, type Figures, HONEST } from "./drill.ts";
import { type Ledger, newLedger } from "./ledger.ts";
import { STATELESS, startLoad, startSteady } from "./load.ts";
import { type RunningNode, startNode } from "./node.ts";
import { sqlitePlace } from "./place.ts";
import { untilSteady } from "./recovery.ts";
import { config, type Seed, seed } from "./seed.ts";

/** Seconds for which it stays full, from the first refusal on. */
const FULL = 15;
const QUICK = 3;
/** Seconds within which writing must have become impossible. */
const PATIENCE = 60;

export const diskFull: Drill = {
  name: "disk-full",
  title: "the disk under SQLite is filled under load, and freed again",
  databases: ["sqlite"],
  lines: () => [
    { figure: "unavailable", says: "writes were refused, with 503", at_least: 1 },
    ...HONEST,
    { figure: "steady_failed", says: "reads, keys and stateless tokens go on", at_most: 0 },
    { figure: "ended", says: "the process goes on", at_most: 0 },
    { figure: "recovered_ms", says: "works again within 5 s once there is room", at_most: 5000 },
    { figure: "damaged", says: "the database is sound at the end", at_most: 0 },
  ],
  run,
};

async function run({ place: outer, quick, seconds, tell }: DrillRun): Promise<Figures> {
  const disk = smallDisk(outer.folder);
  tell(disk.how);
  try {
    return await onDisk(disk, { tell, full: seconds ?? (quick ? QUICK : FULL) });
  } finally {
    disk.close();
  }
}

async function onDisk(
  disk: Disk,
  { tell, full }: { tell: DrillRun["tell"]; full: number },
): Promise<Figures> {
  const place = sqlitePlace(disk.folder);
  const port = await freePort();
  const settings = config(`http://127.0.0.1:${port}`);
  const seeded = await seed({ database: place.database, config: settings });
  const ledger = newLedger();
  const node = await startNode({ place, port, config: settings, preload: disk.preload });
  const line = wire(seeded.origin);
  const steady = startSteady(
    [...STATELESS(seeded), await knownToken(seeded, ledger)],
    ledger,
    line,
  );
  const load = startLoad(seeded, { ledger, pause: 100, think: 5 });
  try {
    await sleep(1000);
    await fillUp(disk, node, ledger);
    tell("full");
    for (const end = performance.now() + full * 1000; performance.now() < end; await sleep(200))
      disk.fill(node);
    disk.free(node);
    ledger.figures.recovered_ms = await untilSteady(ledger);
    tell("freed");
    await sleep(1000);
    await Promise.all([load.stop(), steady.stop()]);
    await checkRows(ledger, place);
    await checkTokens(ledger, seeded);
    ledger.figures.ended = node.isUp() ? 0 : 1;
  } finally {
    line.close();
    await Promise.all([load.stop(), steady.stop()]);
    await node.stop();
  }
  for (const line of [...ledger.odd, ...node.troubles.slice(0, 2)]) tell(line);
  ledger.figures.damaged = (await place.integrity()) === "ok" ? 0 : 1;
  return ledger.figures;
}

/** Introspection only reads. */
async function knownToken(seeded: Seed, ledger: Ledger) {
  const line = wire(seeded.origin);
  const insist = insisting(line, ledger, { pause: 20, gaveUp: () => false });
  const [cookie = ""] = seeded.cookies;
  const chain = await beginChain({ app: seeded.web, cookie }, insist, ledger);
  line.close();
  if (!chain) throw new Error("could not sign in");
  return { ask: introspectAsk(seeded, chain.access_token), isRight: isActive };
}

/** Fills the disk until the first write is refused: the database has free space of its own for a while. */
async function fillUp(disk: Disk, node: RunningNode, { figures }: Ledger): Promise<void> {
  const began = performance.now();
  while (figures.unavailable === 0) {
    disk.fill(node);
    if (performance.now() - began > PATIENCE * 1000) throw new Error("it went on writing");
    await sleep(100);
  }
  figures.filled_after_ms = Math.round(performance.now() - began);
}
