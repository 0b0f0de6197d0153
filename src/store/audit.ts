/**
 * The records of security events: the actor, the change and the time. They hold no secret, and nothing about anonymous
 * visitors.
 */
import { uuidv7 } from "../crypto/hash.ts";
import { bounded, cut, type Members } from "./bounded.ts";

export type AuditEventName =
  | "signed_in"
  | "signed_out"
  | "session_ended"
  | "other_sessions_ended"
  | "logout_not_told"
  | "consent_given"
  | "consent_waived"
  | "consent_removed"
  | "code_reused"
  | "refresh_token_reused"
  | "token_revoked"
  | "password_changed"
  | "factor_added"
  | "factor_removed"
  | "recovery_code_used"
  | "recovery_codes_renewed"
  | "user_created"
  | "user_link_made"
  | "user_changed"
  | "user_disabled"
  | "user_enabled"
  | "user_revoked"
  | "user_removed"
  | "client_created"
  | "client_changed"
  | "client_secret_changed"
  | "client_disabled"
  | "client_enabled"
  | "client_revoked"
  | "client_removed"
  | "initial_access_token_added"
  | "initial_access_token_removed"
  | "signing_key_added"
  | "signing_key_retired"
  | "grants_ended"
  | "grant_ended";

/** The actor of a change, and the door that it came through. */
export interface Actor {
  /** A person on a page, a client at an endpoint, or the operator of the server. */
  kind: "person" | "client" | "operator";
  /** The person's `sub`, the client's id, or the name of the system's user. Null: not known. */
  id: string | null;
  /** A page, a command, code of the app that embeds the server, the admin API, or an endpoint of the protocol. */
  via: "page" | "command" | "code" | "api" | "endpoint";
  address?: string | null;
  /** The request, as in the log. */
  event_id?: string | null;
}

export interface AuditRecord {
  /** UUIDv7: ordered by time. */
  audit_id: string;
  at: number;
  event: AuditEventName;
  actor: Actor["kind"];
  actor_id: string | null;
  via: Actor["via"];
  /** The person that the event is about. */
  sub: string | null;
  client_id: string | null;
  /** The request, as in the log. */
  event_id: string | null;
  address: string | null;
  /**
   * The members that a change has changed, with the values before and after it. Null: there was no record before, or
   * there is none after.
   */
  before: Members | null;
  after: Members | null;
  details: Members;
  /** The sweep removes the record after this time. */
  expires_at: number;
}

export type { Members };

export interface AuditFilter {
  /** Seconds since the epoch. */
  since?: number | undefined;
  sub?: string | undefined;
  client_id?: string | undefined;
  /** The id of an event. Only earlier events are listed. */
  after?: string | undefined;
  limit: number;
}

export interface AuditStore {
  /** A record that is added twice is kept once. */
  appendAudit(records: readonly AuditRecord[]): Promise<void>;
  /** The newest first. */
  listAudit(filter: AuditFilter): Promise<AuditRecord[]>;
}

/** The members of an event beside its name and its time. Members that are left out follow from the actor. */
export interface Audited
  extends Pick<AuditRecord, "actor">,
    Partial<Omit<AuditRecord, "audit_id" | "at" | "event" | "actor" | "expires_at">> {}

const VIA = { person: "page", client: "endpoint", operator: "command" } as const;

/** @param times.retention seconds that the event is kept */
export function auditEvent(
  event: AuditEventName,
  audited: Audited,
  { now_ms, retention }: { now_ms: number; retention: number },
): AuditRecord {
  const { actor, sub = null, client_id = null, event_id = null, address = null } = audited;
  const { before = null, after = null, details = {} } = audited;
  const itself = { person: sub, client: client_id, operator: null }[actor];
  const at = Math.floor(now_ms / 1000);
  return {
    audit_id: nextId(now_ms),
    at,
    event,
    actor,
    actor_id: audited.actor_id ?? itself,
    via: audited.via ?? VIA[actor],
    sub,
    client_id: client_id && cut(client_id),
    event_id,
    address: address && cut(address),
    before: before && bounded(before),
    after: after && bounded(after),
    details: bounded(details),
    expires_at: at + retention,
  };
}

/** The members that differ, as they were and as they are. */
export function difference(before: Members, after: Members): { before: Members; after: Members } {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const only = (all: Members): Members =>
    Object.fromEntries(changed.map((name) => [name, all[name] ?? null]));
  return { before: only(before), after: only(after) };
}

const nextId = idsInOrder();

/** Two events of one millisecond are in order too: twelve of the random bits count (RFC 9562 §6.2). */
function idsInOrder(): (ms: number) => string {
  let [last, count] = [0, 0];
  return (ms) => {
    // Small steps back of the clock are ignored, so that ids stay in order. A large step is followed: somebody set the
    // clock.
    if (ms > last || ms < last - 1000) [last, count] = [ms, 0];
    else count += 1;
    if (count > 0xfff) [last, count] = [last + 1, 0];
    const id = uuidv7(last);
    return `${id.slice(0, 13)}${count.toString(16).padStart(3, "0")}${id.slice(16)}`;
  };
}
