/** What several processes have counted, as one. */
import { AggregatorRegistry } from "prom-client";
import type { Snapshot } from "./metrics.ts";

/** In the text format of Prometheus. */
export async function addedUp(snapshots: Snapshot[]): Promise<{ type: string; text: string }> {
  const registry = AggregatorRegistry.aggregate(snapshots);
  return { type: registry.contentType, text: await registry.metrics() };
}

/**
 * What goes on to count when its process is gone: a sum that became smaller would be taken for a new beginning.
 * @param before of other processes that are gone
 */
export async function remembered(before: Snapshot, gone: Snapshot): Promise<Snapshot> {
  const counts = gone.filter(({ type }) => ["counter", "histogram"].includes(String(type)));
  return AggregatorRegistry.aggregate([before, counts]).getMetricsAsJSON();
}
