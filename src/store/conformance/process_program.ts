/** The child of `process.ts`: opens databases and runs operations as told. */
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
    // A timer would be a millisecond late, in which the other process could finish everything.
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
