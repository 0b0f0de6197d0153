/**
 * On a distributed database the nodes share one pool of connections. A silent node must not hold all of them. So each
 * node gets half at most, and one that did not answer in time gets a single connection until it answers.
 */
import { PLACES } from "../place.ts";
import { DatabaseUnavailable, type Row, type Statement } from "../sql/driver.ts";
import { placeNamedBy } from "./named_place.ts";

/** The places of each node. One table is enough to ask for, since all tables of people are colocated. */
export const PLACES_BY_NODE = `
  SELECT p.groupid::bigint AS node, string_agg(i::text, ',') AS places
  FROM generate_series(0, ${PLACES - 1}) AS i
  JOIN pg_dist_placement p ON p.shardid = get_shard_id_for_distribution_column('session', i)
  GROUP BY p.groupid ORDER BY p.groupid`;

export interface GateLimits {
  connections: number;
  /** Requests that may wait at all gates together. */
  waiting: number;
  /** Milliseconds that a request may wait at a gate. */
  wait_timeout: number;
  /** Milliseconds for a statement that goes to one node. */
  node_timeout: number;
}

interface Gate {
  running: number;
  /** Whether the last statement on this node had no answer in time. */
  silent: boolean;
  waiting: Set<Waiting>;
}
interface Waiting {
  enter(): void;
  refuse(): void;
}

export interface NodeGates {
  /** @param rows of `PLACES_BY_NODE`; with a single node there are no gates */
  learn(rows: readonly Row[]): void;
  /** Milliseconds for statements that go to one node; undefined: the usual time-out. */
  timeoutOf(statements: readonly Statement[]): number | undefined;
  /**
   * @param work calls `asked` when it has a connection: an error from before that tells nothing about the node
   * @throws DatabaseUnavailable when too many wait for the node of these statements, or it is silent
   */
  pass<T>(statements: readonly Statement[], work: (asked: () => void) => Promise<T>): Promise<T>;
}

/** @param isSlow whether an error says that there was no answer in time */
export function nodeGates(limits: GateLimits, isSlow: (error: unknown) => boolean): NodeGates {
  /** By place. */
  const gates = new Map<number, Gate>();
  const most = Math.max(1, Math.ceil(limits.connections / 2));
  let waiting = 0;

  async function enter(gate: Gate): Promise<void> {
    if (gate.running < (gate.silent ? 1 : most)) {
      gate.running += 1;
      return;
    }
    if (gate.silent || waiting >= limits.waiting) throw busy(gate);
    waiting += 1;
    try {
      await turn(gate, limits.wait_timeout);
    } finally {
      waiting -= 1;
    }
  }

  function leave(gate: Gate): void {
    // The freed connection goes to the request that has waited longest.
    const [next] = gate.silent ? [] : gate.waiting;
    if (next) next.enter();
    else gate.running -= 1;
  }

  function gateOf(statements: readonly Statement[]): Gate | undefined {
    if (gates.size === 0) return undefined;
    // All statements of one transaction name the same place, or none does.
    for (const { sql, args } of statements) {
      const place = placeNamedBy(sql, args);
      if (place !== null) return gates.get(place);
    }
    return undefined;
  }

  return {
    learn(rows) {
      gates.clear();
      if (rows.length < 2) return;
      for (const { places } of rows) {
        const gate: Gate = { running: 0, silent: false, waiting: new Set() };
        for (const place of String(places).split(",")) gates.set(Number(place), gate);
      }
    },
    timeoutOf: (statements) => (gateOf(statements) ? limits.node_timeout : undefined),
    async pass(statements, work) {
      const gate = gateOf(statements);
      let is_asked = false;
      const asked = (): void => {
        is_asked = true;
      };
      if (!gate) return work(asked);
      await enter(gate);
      try {
        const result = await work(asked);
        gate.silent = false;
        return result;
      } catch (error) {
        if (is_asked) gate.silent = isSlow(error);
        if (gate.silent) for (const each of gate.waiting) each.refuse();
        throw error;
      } finally {
        leave(gate);
      }
    },
  };
}

function turn(gate: Gate, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (how: () => void): void => {
      clearTimeout(late);
      gate.waiting.delete(each);
      how();
    };
    const each: Waiting = {
      enter: () => settle(resolve),
      refuse: () => settle(() => reject(busy(gate))),
    };
    const late = setTimeout(each.refuse, timeout);
    gate.waiting.add(each);
  });
}

const busy = ({ silent }: Gate): DatabaseUnavailable =>
  new DatabaseUnavailable(
    silent
      ? "the database node with these rows does not answer"
      : "too many requests wait for one database node",
  );
