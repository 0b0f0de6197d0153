/** Security events as they are kept: who did what, and when. Never a secret, and nothing of anonymous visitors. */

export type AuditEventName =
  | "signed_in"
  | "signed_out"
  | "session_ended"
  | "other_sessions_ended"
  | "consent_given"
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
  limit: number;
}

export interface AuditStore {
  /** The same record twice is one. */
  appendAudit(records: readonly AuditRecord[]): Promise<void>;
  /** The newest first. */
  listAudit(filter: AuditFilter): Promise<AuditRecord[]>;
}
