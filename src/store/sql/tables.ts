/** The tables, their keys, and how a distributed PostgreSQL spreads them over its nodes. */

export interface Table {
  readonly name: string;
  readonly key: readonly string[];
  /** Whether the column `place` determines the node of a row; else the table is a plain one on the coordinator. */
  readonly is_spread: boolean;
}

const table = (name: string, key: readonly string[]): Table => ({
  name,
  key,
  is_spread: key.includes("place"),
});

/** In the order in which they are copied: tables that grants rest on come first. */
export const TABLES: readonly Table[] = [
  table("server_state", ["name"]),
  table("client", ["client_id"]),
  table("client_logo", ["client_id"]),
  table("initial_access_token", ["token_id"]),
  table("account", ["sub"]),
  table("login", ["login"]),
  table("factor_state", ["sub"]),
  table("passkey", ["credential_id"]),
  table("totp", ["totp_id"]),
  table("recovery_code", ["sub", "slot"]),
  table("signing_key", ["kid"]),
  table("subject_salt", ["id"]),
  table("directory_event", ["audit_id"]),
  table("directory_job", ["job_id"]),
  table("directory_end", ["ended_at", "name"]),
  table("session", ["session_id", "place"]),
  table("client_session", ["session_id", "client_id", "place"]),
  table("consent", ["sub", "client_id", "place"]),
  table("authorization_grant", ["grant_id", "place"]),
  table("person_event", ["audit_id", "place"]),
  table("person_job", ["job_id", "place"]),
  table("person_end", ["ended_at", "name", "place"]),
  table("stored_transaction", ["id", "place"]),
  table("claimed_id", ["id", "place"]),
  table("sign_in_counter", ["slot", "place"]),
];
