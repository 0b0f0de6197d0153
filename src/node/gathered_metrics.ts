/** Metrics of all processes of a node, gathered at each scrape. */
import { AggregatorRegistry } from "prom-client";
import type { Metrics, Snapshot } from "../observe/metrics.ts";
import type { Member } from "./supervisor.ts";

/** Milliseconds. For a worker that is busy for longer, its last metrics are used. */
const PATIENCE = 2000;

export interface GatheredMetrics {
  render(members: readonly Member[]): Promise<{ type: string; text: string }>;
  heard(member: Member, snapshot: Snapshot): void;
  /** Keeps its last counts in the sums. */
  ended(member: Member): void;
}

export function gatherMetrics(own: Metrics): GatheredMetrics {
  const last = new Map<Member, Snapshot>();
  const waiting = new Map<Member, () => void>();
  let gone: Promise<Snapshot> = Promise.resolve([]);

  function ask(member: Member): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(resolve, PATIENCE);
      const others = waiting.get(member);
      waiting.set(member, () => {
        clearTimeout(late);
        others?.();
        resolve();
      });
      member.post({ kind: "count" });
    });
  }

  return {
    async render(members) {
      const [mine] = await Promise.all([own.snapshot(), ...members.map(ask)]);
      return addedUp([mine, ...last.values(), await gone]);
    },
    heard(member, snapshot) {
      last.set(member, snapshot);
      waiting.get(member)?.();
      waiting.delete(member);
    },
    ended(member) {
      const snapshot = last.get(member);
      last.delete(member);
      waiting.get(member)?.();
      waiting.delete(member);
      if (snapshot) gone = gone.then((before) => remembered(before, snapshot));
    },
  };
}

/** In the text format of Prometheus. */
async function addedUp(snapshots: Snapshot[]): Promise<{ type: string; text: string }> {
  const registry = AggregatorRegistry.aggregate(snapshots);
  return { type: registry.contentType, text: await registry.metrics() };
}

/**
 * Counts that remain when their process is gone: Prometheus would take a smaller sum for a restart.
 * @param before of other processes that are gone
 */
async function remembered(before: Snapshot, gone: Snapshot): Promise<Snapshot> {
  const counts = gone.filter(({ type }) => ["counter", "histogram"].includes(String(type)));
  return AggregatorRegistry.aggregate([before, counts]).getMetricsAsJSON();
}
