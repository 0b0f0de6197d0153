/** Security events as they are kept: who did what, and when. Never a secret, and nothing of anonymous visitors. */
import { uuidv7 } from "../crypto/hash.ts";

export type AuditEventName =
  | "signed_in"
  | "session_ended"
  | "consent_given"
  | "consent_waived"
  | "consent_removed"
  | "code_reused"
  | "refresh_token_reused"
  | "token_revoked"
  | "password_changed"
  | "user_created"
  | "user_changed"
  | "user_disabled"
  | "user_enabled"
  | "user_removed"
  | "client_created"
  | "client_changed"
  | "client_secret_changed"
  | "client_disabled"
  | "client_enabled"
  | "client_removed"
  | "signing_key_added"
  | "signing_key_retired";

export interface AuditRecord {
  /** UUIDv7: ordered by time. */
  audit_id: string;
  at: number;
  event: AuditEventName;
  /** Who did it: a signed-in person, a client, or an operator by command. */
  actor: "person" | "client" | "operator";
  /** Whom it is about. */
  sub: string | null;
  client_id: string | null;
  /** The request, as in the log. */
  event_id: string | null;
  address: string | null;
  details: Readonly<Record<string, unknown>>;
  /** When the clean-up takes it away. */
  expires_at: number;
}

export interface AuditFilter {
  /** Seconds since the epoch. */
  since?: number | undefined;
  sub?: string | undefined;
  client_id?: string | undefined;
  /** The id of an event: only earlier ones. */
  after?: string | undefined;
  limit: number;
}

export interface AuditStore {
  /** The same record twice is one. */
  appendAudit(records: readonly AuditRecord[]): Promise<void>;
  /** The newest first. */
  listAudit(filter: AuditFilter): Promise<AuditRecord[]>;
}

/** What an event says beside its name and its time. */
export interface Audited {
  actor: AuditRecord["actor"];
  sub?: string | null;
  client_id?: string | null;
  event_id?: string | null;
  address?: string | null;
  /** Names and ids: never a secret. Long values are cut. */
  details?: Readonly<Record<string, unknown>>;
}

/** Characters of a text in an event, entries of a list, values in all: whatever a stranger sends, a row stays small. */
const LONGEST = 300;
const MOST = 50;
const VALUES = 100;

/** @param times.retention seconds that the event is kept */
export function auditEvent(
  event: AuditEventName,
  { actor, sub = null, client_id = null, event_id = null, address = null, details = {} }: Audited,
  { now_ms, retention }: { now_ms: number; retention: number },
): AuditRecord {
  const at = Math.floor(now_ms / 1000);
  return {
    audit_id: nextId(now_ms),
    at,
    event,
    actor,
    sub,
    client_id,
    event_id,
    address: address === null ? null : address.slice(0, LONGEST),
    details: bounded(details) as AuditRecord["details"],
    expires_at: at + retention,
  };
}

function bounded(details: unknown): unknown {
  let left = VALUES;
  const bound = (value: unknown, depth: number): unknown => {
    left -= 1;
    if (left < 0) return "…";
    if (typeof value === "string") return value.slice(0, LONGEST);
    if (typeof value !== "object" || value === null) return value;
    if (depth === 4) return "…";
    if (Array.isArray(value)) return value.slice(0, MOST).map((each) => bound(each, depth + 1));
    const members = Object.entries(value).slice(0, MOST);
    return Object.fromEntries(
      members.map(([name, each]) => [name.slice(0, LONGEST), bound(each, depth + 1)]),
    );
  };
  return bound(details, 0);
}

const nextId = idsInOrder();

/** Two events of one millisecond are in order too: twelve of the random bits count (RFC 9562 §6.2). */
function idsInOrder(): (ms: number) => string {
  let [last, count] = [0, 0];
  return (ms) => {
    // A clock that goes back a little goes on from where it was; one that was set back is believed.
    if (ms > last || ms < last - 1000) [last, count] = [ms, 0];
    else count += 1;
    if (count > 0xfff) [last, count] = [last + 1, 0];
    const id = uuidv7(last);
    return `${id.slice(0, 13)}${count.toString(16).padStart(3, "0")}${id.slice(16)}`;
  };
}
