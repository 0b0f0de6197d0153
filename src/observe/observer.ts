/** Who hears what happens: nobody, one, or several. */
import type { Observer } from "../context.ts";

export const nobody: Observer = { answered() {}, issued() {}, refused() {} };

export function together(observers: readonly Observer[]): Observer {
  const [only = nobody, ...more] = observers;
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
