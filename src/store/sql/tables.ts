/** The tables, their keys, and how a distributed PostgreSQL spreads them over its nodes. */

export interface Table {
  readonly name: string;
  readonly key: readonly string[];
  /** Column whose value says on which node a row is; null: a plain table on the coordinator. */
  readonly distributed_by: string | null;
}

const table = (name: string, key: readonly string[], distributed_by: string | null): Table => ({
  name,
  key,
  distributed_by,
});

/** In this order they are copied: what grants rest on first. */
export const TABLES: readonly Table[] = [
  table("server_state", ["name"], null),
  table("client", ["client_id"], null),
  table("account", ["sub"], null),
  table("login", ["login"], null),
  table("signing_key", ["kid"], null),
  table("directory_event", ["audit_id"], null),
  table("directory_job", ["job_id"], null),
  table("session", ["session_id", "place"], "place"),
  table("consent", ["sub", "client_id", "place"], "place"),
  table("authorization_grant", ["grant_id", "place"], "place"),
  table("person_event", ["audit_id", "place"], "place"),
  table("person_job", ["job_id", "place"], "place"),
  table("claimed_id", ["id"], "id"),
  table("sign_in_counter", ["slot"], "slot"),
];
