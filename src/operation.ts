/**
 * The parameters of every operation besides its input: the actor and the environment. An operation is a function that
 * changes clients, people, consents or keys; pages, commands, code and the admin API call the same one.
 */
import type { Settings } from "./config_schema.ts";
import {
  type Actor,
  type AuditEventName,
  type Audited,
  type AuditRecord,
  auditEvent,
} from "./store/audit.ts";
import type { Store } from "./store/store.ts";

export type { Actor };

/** The environment of an operation: a request's context, or that of a command. */
export interface Env {
  readonly store: Store;
  readonly settings: Pick<Settings, "audit" | "lifetimes" | "limits" | "registration">;
  /** Milliseconds since the epoch. An operation reads it at its write, since a password may wait long to be hashed. */
  readonly clock: () => number;
  /** Runs new jobs now. Left out: they are run when a server next looks for some. */
  readonly wakeJobs?: () => void;
}

export const secondsNow = ({ clock }: Pick<Env, "clock">): number => Math.floor(clock() / 1000);

type About = Partial<Pick<Audited, "sub" | "client_id" | "before" | "after" | "details">>;

/** The event of an operation. It is written in the transaction of its change. */
export function eventOf(
  event: AuditEventName,
  { by, ...about }: About & { by: Actor },
  { clock, settings }: Env,
): AuditRecord {
  const { kind: actor, id: actor_id, via, address = null, event_id = null } = by;
  const audited = { actor, actor_id, via, address, event_id, ...about };
  return auditEvent(event, audited, { now_ms: clock(), retention: settings.audit.retention });
}
