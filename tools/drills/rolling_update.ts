/** Replaces two nodes one by one with the next version, which changes the schema, under load. */
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../test/support/postgres.ts";
import { checkRows, checkTokens } from "./check.ts";
import { type Drill, type DrillRun, type Figures, HONEST } from "./drill.ts";
import { newLedger } from "./ledger.ts";
import { startLoad } from "./load.ts";
import { type RunningNode, startNode } from "./node.ts";
import { checkOutOldVersion } from "./old_version.ts";
import type { Place } from "./place.ts";
import { startProxy } from "./proxy.ts";
import { config, seed } from "./seed.ts";

/** Seconds in each state: two old ones, one of each, two new ones, and a new one beside an old one that came back. */
const STAY = 20;
const QUICK = 3;
/** Milliseconds between removing a node from the round-robin and telling it to stop (docs/operations.md). */
const NOTICE = 1000;

export const rollingUpdate: Drill = {
  name: "rolling-update",
  title: "two nodes behind a round-robin are replaced by the next version, whose schema is another",
  databases: ["postgres"],
  lines: () => [
    { figure: "migrated", says: "the update changes the schema", at_least: 1 },
    { figure: "states", says: "old and old, new and old, new and new", at_least: 4 },
    ...HONEST,
    { figure: "unavailable", says: "nothing is refused", at_most: 0 },
    { figure: "cut_off", says: "nothing is cut off, where the proxy was told first", at_most: 0 },
    { figure: "wrong_exit", says: "each node that is replaced ends in order", at_most: 0 },
    { figure: "on_both", says: "each version had requests to answer", at_least: 1 },
  ],
  run,
};

async function run({ place, quick, seconds, tell }: DrillRun): Promise<Figures> {
  const stay = 1000 * (seconds ?? (quick ? QUICK : STAY));
  const old = checkOutOldVersion(place.folder);
  tell(`the version before is ${old.commit}`);
  const ports = [await freePort(), await freePort()] as const;
  let turn = 0;
  let leaving: number | null = null;
  const balancer = await startProxy({
    // Alternates between the nodes; if one does not listen, the other one gets the connection.
    targets() {
      turn += 1;
      return (turn % 2 === 0 ? ports : ports.toReversed()).filter((port) => port !== leaving);
    },
  });
  const settings = config(`http://127.0.0.1:${balancer.port}`);
  const seeded = await seed({ database: place.database, config: settings, root: old.root });
  const before = await schema(place);
  const ledger = newLedger();
  const start = (port: number, version: "old" | "new") =>
    startNode({ place, port, config: settings, ...(version === "old" && { root: old.root }) });
  const nodes: [RunningNode, RunningNode] = [
    await start(ports[0], "old"),
    await start(ports[1], "old"),
  ];
  Object.assign(ledger.figures, { states: 0, wrong_exit: 0 });
  const replace = async (index: 0 | 1, version: "old" | "new", notice = NOTICE): Promise<void> => {
    if (notice > 0) leaving = ports[index];
    await sleep(notice);
    if ((await nodes[index].stop()) !== 0) ledger.count("wrong_exit");
    nodes[index] = await start(ports[index], version);
    leaving = null;
  };
  const load = startLoad(seeded, { ledger, keep_alive: false, think: 10 });
  const state = async (name: string): Promise<number> => {
    const [answers, connections] = [ledger.figures.answers ?? 0, turn];
    await sleep(stay);
    tell(`${name}: ${(ledger.figures.answers ?? 0) - answers} answers`);
    ledger.count("states");
    return turn - connections;
  };
  try {
    await state("old and old");
    await replace(0, "new");
    ledger.figures.on_both = await state("new and old");
    // As when an old node is restarted, or the update is rolled back halfway.
    await replace(1, "old");
    await state("new and an old one that was started anew");
    await replace(1, "new");
    await state("new and new");
    ledger.figures.cut_off = Number(ledger.figures.unanswered);
    // The proxy notices only by failing requests, which the apps repeat.
    await replace(0, "new", 0);
    ledger.figures.cut_without_notice = Number(ledger.figures.unanswered) - ledger.figures.cut_off;
    await load.stop();
    await checkRows(ledger, place);
    await checkTokens(ledger, seeded);
  } finally {
    await load.stop();
    await Promise.all(nodes.map((node) => node.stop()));
    await balancer.close();
  }
  for (const odd of ledger.odd) tell(odd);
  const after = await schema(place);
  tell(`schema ${before} became ${after}`);
  return { ...ledger.figures, migrated: after - before };
}

async function schema(place: Place): Promise<number> {
  const [row] = await place.read("SELECT version FROM schema_version WHERE id = 1");
  return Number(row?.version);
}
