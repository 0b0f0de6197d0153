/** What the processes of a node have counted, gathered when somebody asks. */
import type { Metrics, Snapshot } from "../observe/metrics.ts";
import { addedUp, remembered } from "../observe/metrics_together.ts";
import type { Member } from "./crew.ts";

/** Milliseconds: of a worker that is busy for longer, what it told last is taken. */
const PATIENCE = 2000;

export interface GatheredMetrics {
  render(members: readonly Member[]): Promise<{ type: string; text: string }>;
  heard(number: number, snapshot: Snapshot): void;
  /** What it told last goes on to count. */
  ended(number: number): void;
}

export function gatherMetrics(own: Metrics): GatheredMetrics {
  const last = new Map<number, Snapshot>();
  const waiting = new Map<number, () => void>();
  let gone: Promise<Snapshot> = Promise.resolve([]);

  function ask({ number, post }: Member): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(resolve, PATIENCE);
      const others = waiting.get(number);
      waiting.set(number, () => {
        clearTimeout(late);
        others?.();
        resolve();
      });
      post({ kind: "count" });
    });
  }

  return {
    async render(members) {
      const [mine] = await Promise.all([own.snapshot(), ...members.map(ask)]);
      return addedUp([mine, ...last.values(), await gone]);
    },
    heard(number, snapshot) {
      last.set(number, snapshot);
      waiting.get(number)?.();
      waiting.delete(number);
    },
    ended(number) {
      const snapshot = last.get(number);
      last.delete(number);
      waiting.get(number)?.();
      waiting.delete(number);
      if (snapshot) gone = gone.then((before) => remembered(before, snapshot));
    },
  };
}
