/** Collects security events and writes them in batches: no request waits for one. */
import type { AuditTrail, Log } from "../context.ts";
import { uuidv7 } from "../crypto/hash.ts";
import type { AuditRecord, AuditStore } from "../store/audit.ts";

/** Milliseconds: what a node that is killed can take with it. */
const EVERY = 1000;
const BATCH = 100;
/** With the database away, so many are kept; beyond that the oldest go, and the log says how many. */
const MOST = 10_000;

export function auditTrail(store: Pick<AuditStore, "appendAudit">, log: Log): AuditTrail {
  let waiting: AuditRecord[] = [];
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> | null = null;
  const nextId = idsInOrder();

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      await store.appendAudit(batch);
      waiting = waiting.slice(batch.length);
    }
  }

  async function flush(): Promise<void> {
    if (timer) clearTimeout(timer);
    timer = null;
    writing ??= write().finally(() => {
      writing = null;
    });
    try {
      await writing;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.warn("audit events are waiting", { count: waiting.length, why });
      later();
    }
  }

  function later(): void {
    timer ??= setTimeout(() => void flush(), EVERY);
    timer.unref();
  }

  return {
    record(event, ms) {
      if (waiting.length >= MOST) {
        waiting = waiting.slice(BATCH);
        log.error("audit events lost", { count: BATCH });
      }
      waiting.push({ ...event, audit_id: nextId(ms) });
      later();
    },
    flush,
    stop() {
      if (timer) clearTimeout(timer);
      timer = null;
    },
  };
}

/** Two events of one millisecond are in order too: twelve of the random bits count (RFC 9562 §6.2). */
function idsInOrder(): (ms: number) => string {
  let [last, count] = [0, 0];
  return (ms) => {
    count = ms > last ? 0 : count + 1;
    if (count > 0xfff) [last, count] = [last + 1, 0];
    last = Math.max(ms, last);
    const id = uuidv7(last);
    return `${id.slice(0, 13)}${count.toString(16).padStart(3, "0")}${id.slice(16)}`;
  };
}
