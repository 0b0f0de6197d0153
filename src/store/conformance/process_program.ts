/** The other side of `process.ts`: opens the databases that it is given, and does what it is told. */
import type { Answer, AnyLanes, Order } from "./process.ts";

type Opened = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;
type Said = Answer<Opened>;

const [, , module = ""] = process.argv;
const { open }: { open: (database: string) => Promise<Opened> } = await import(module);
let opened: Opened | null = null;
let lanes: AnyLanes = [];

process.on("message", (order: Order) => {
  obey(order).then(say, (error: unknown) => {
    say({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  });
});
process.on("disconnect", () => process.exit());
say("done");

async function obey(order: Order): Promise<Said> {
  if (order === "close") await opened?.close?.();
  else if ("open" in order) opened = await open(order.open);
  else if ("lanes" in order) lanes = order.lanes;
  else {
    // A timer would be late by a millisecond, in which the other one has done it all.
    while (Date.now() < order.begin_at);
    return { outcomes: await Promise.all(lanes.map(inTurn)) };
  }
  return "done";
}

async function inTurn(lane: AnyLanes[number]): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (const [operation, ...args] of lane) outcomes.push(await opened?.[operation]?.(...args));
  return outcomes;
}

function say(answer: Said): void {
  process.send?.(answer);
}
