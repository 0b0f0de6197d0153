/**
 * Turns to call a client: one that hangs or fails must not hold up the messages to others. Kept by each node for itself,
 * since it only spares time.
 */

/** Calls to one client at the same time. */
const MOST_AT_ONCE = 2;
/** Seconds until a client that is being called may be called again. */
const BUSY = 2;
/** Seconds of rest after a failed call: 5, 10, 20 and so on, and ten minutes at most. */
const rest = (failures: number): number => Math.min(600, 5 * 2 ** (failures - 1));
/** Clients that are remembered. */
const MOST = 10_000;

interface Peer {
  calls: number;
  failures: number;
  rests_until: number;
}

export type Turn =
  /** Call it now, and say how it went. */
  | { end(outcome: "answered" | "failed"): void }
  /** Seconds. */
  | { wait: number };

export interface Peers {
  /** @param now seconds */
  take(name: string, now: number): Turn;
}

export function peers(): Peers {
  const known = new Map<string, Peer>();
  return {
    take(name, now) {
      const peer = known.get(name) ?? { calls: 0, failures: 0, rests_until: 0 };
      if (peer.rests_until > now) return { wait: peer.rests_until - now };
      if (peer.calls >= MOST_AT_ONCE) return { wait: BUSY };
      if (known.size >= MOST && !known.has(name)) forgetIdle(known);
      known.set(name, peer);
      peer.calls += 1;
      return {
        end(outcome) {
          peer.calls -= 1;
          peer.failures = outcome === "failed" ? peer.failures + 1 : 0;
          peer.rests_until = outcome === "failed" ? now + rest(peer.failures) : 0;
          if (peer.calls === 0 && outcome === "answered") known.delete(name);
        },
      };
    },
  };
}

function forgetIdle(known: Map<string, Peer>): void {
  for (const [name, { calls }] of known) if (calls === 0) known.delete(name);
}
