/** One observer out of none, one or several. */
import type { Observer } from "../context.ts";

export const silentObserver: Observer = { answered() {}, issued() {}, refused() {} };

export function combineObservers(observers: readonly Observer[]): Observer {
  const [only = silentObserver, ...more] = observers;
  if (more.length === 0) return only;
  return {
    answered(answer) {
      for (const each of observers) each.answered(answer);
    },
    issued(grant_type, client_id) {
      for (const each of observers) each.issued(grant_type, client_id);
    },
    refused(error) {
      for (const each of observers) each.refused(error);
    },
  };
}
