/** The state of a genuine code or refresh token in its grant (OAuth 2.1 §4.1.3, §4.3.1). */
import type { GrantRecord } from "../store/records.ts";

export type Reuse = "live" | "replayed" | "reused";

/**
 * `reused` means that the key or its successor has leaked. A code has no second use at all. A rotated refresh token has
 * the replay window, so that lost answers and races log nobody out.
 * @param refresh_replay seconds; 0: no window at all
 */
export function reuseOf(
  presented: number,
  { generation, advanced_at }: Pick<GrantRecord, "generation" | "advanced_at">,
  { now, refresh_replay }: { now: number; refresh_replay: number },
): Reuse {
  if (presented >= generation) return "live";
  const isLast = presented > 0 && presented === generation - 1;
  const inWindow = refresh_replay > 0 && now - advanced_at <= refresh_replay;
  return isLast && inWindow ? "replayed" : "reused";
}
