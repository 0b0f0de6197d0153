/** The records that a store keeps. Times are seconds since the epoch; `null` = not (yet). */
import type { Proofs } from "../oauth/assurance.ts";
import type { ClientMetadata } from "../oauth/client_metadata.ts";
import type { Consent } from "../oauth/next_step.ts";
import type { Permission } from "../oauth/permission.ts";

/** Who brought a client in. What a person registers may ask for less than what an operator adds. */
export type ClientOrigin = "operator" | "user";

export interface ClientSecret {
  /** BASE64URL(SHA-256(secret)): secrets are 256 random bits of ours, so a fast hash is enough. */
  hash: string;
  created_at: number;
  /** Null: valid until it is replaced. */
  expires_at: number | null;
}

export interface ClientRecord {
  client_id: string;
  metadata: ClientMetadata;
  secrets: ClientSecret[];
  created_by: ClientOrigin;
  /** The person whose app it is. */
  owner_sub: string | null;
  /** Skips consent; only an operator sets it. */
  trusted: boolean;
  require_pkce: boolean;
  /** Set for the credentials of an API: the resource that it may introspect tokens for. */
  resource: string | null;
  created_at: number;
  disabled_at: number | null;
  /** Grants, and tokens that it got for itself, that were made earlier no longer hold. */
  ends_before: number | null;
}

export interface AccountRecord {
  sub: string;
  /** As the person wrote it; what they sign in with is its folded form. */
  username: string;
  /** An address that also signs in; folded forms of both are unique together. */
  login_email: string | null;
  claims: Record<string, unknown>;
  password_hash: string | null;
  is_admin: boolean;
  created_at: number;
  disabled_at: number | null;
  /** Grants that were made earlier no longer hold, whether or not their rows say so yet. */
  ends_before: number | null;
  /** The same for sessions that rest on an earlier proof. */
  sessions_end_before: number | null;
}

export interface SessionRecord {
  /**
   * Random, with the person's place at its end; kept while the person signs in again. It is the `sid` of ID tokens, and
   * proves nothing.
   */
  session_id: string;
  /** BASE64URL(SHA-256) of the secret in the cookie, which is new at every sign-in. */
  secret_hash: string;
  sub: string;
  /** What the person proved last. */
  proofs: Proofs;
  /** The authorization request that the person signed in for. */
  signed_in_for: string | null;
  user_agent: string;
  created_at: number;
  /** Last seen; written at most once in a while. */
  seen_at: number;
  expires_at: number;
}

/** What a person answered about a client, remembered. */
export interface ConsentRecord extends Consent {
  sub: string;
  client_id: string;
  agreed: Permission[];
  /** Asked for and refused: not asked again. */
  refused: Permission[];
  waived: Permission[];
  /** Random, and another one after each change: so a change is made to what was read, and to nothing else. */
  version: string;
  since: number;
  used_at: number;
}

/** What a code needs beside its grant. */
export interface CodeRecord {
  code_challenge: string | null;
  redirect_uri: string;
  redirect_uri_sent: boolean;
  nonce: string | null;
}

/**
 * What one person agreed that one client may do: ONE row for its whole life. The code and every refresh
 * token are keys to it, numbered by generation: 0 is the code, 1 the first refresh token, and so on.
 */
export interface GrantRecord {
  /**
   * Id of the authorization request (UUIDv7, 32 hexadecimal digits) and the place of the person (4 digits): so a request
   * is granted once.
   */
  grant_id: string;
  client_id: string;
  sub: string;
  /** The session it ends with, or null when it outlives it. */
  session_id: string | null;
  /** The session it was made in: `sid` of its ID tokens. */
  sid: string;
  /** In the order in which they were asked for: the first API is the audience where none is named. */
  permissions: Permission[];
  /** Scopes that were asked for and not given: asked for again, they are left out again. */
  left_out: string[];
  /** Random. Keys to the grant are MACs over it, so they need both this row and the server's secret. */
  salt: string;
  secret_id: string;
  /** What the keys of generations below this were made with, before a secret leaked; null: always the same. */
  replaced_key: { salt: string; secret_id: string; below: number } | null;
  epoch: number;
  /** The one generation that is live. */
  generation: number;
  advanced_at: number;
  /** Last use of a refresh token that is not rotated; written at most once in a while. */
  used_at: number;
  /** Null: no code leads to this grant. */
  code: CodeRecord | null;
  /** Those of the session that it was made in. */
  proofs: Proofs;
  /** Counts up when single access tokens are revoked: those of an earlier number are dead. */
  access_epoch: number;
  /** Until then the first tokens have to be fetched. */
  code_expires_at: number;
  created_at: number;
  /** Absolute end. */
  expires_at: number;
  revoked_at: number | null;
  /** When the clean-up looks at the row again; no hot operation writes it. */
  check_at: number;
}

/** Work that is done later, at least once, by one node at a time: clean-up of many rows, and what has to be delivered. */
export type TransactionState = "pending" | "approved" | "denied";

/**
 * An authorization request that is not carried by a browser, since something else waits for its answer: a device that
 * polls (RFC 8628).
 */
export interface StoredTransaction {
  /** Random or a MAC; its place is its own, as the person is not known yet. */
  id: string;
  kind: "device";
  client_id: string;
  /** The person who answers it; null: nobody has come yet. */
  sub: string | null;
  /** What was asked, sealed. */
  sealed: string;
  state: TransactionState;
  /** Milliseconds since the epoch. */
  next_poll_at: number;
  /** Seconds that have to lie between two polls. */
  poll_interval: number;
  expires_at: number;
}

export interface JobRecord {
  /** UUIDv7. */
  job_id: string;
  /** The place of the person that it is about; null: it stands with the directory. */
  place: number | null;
  kind: string;
  /** JSON; sealed by whoever adds the job where it holds a secret. */
  payload: string;
  due_at: number;
  /** Until then one node works on it; 0: none does. */
  leased_until: number;
  /** Counts the leases: a node whose lease was taken over can't finish the job. */
  lease_no: number;
  attempts: number;
  /** Why the last attempt failed. */
  error: string | null;
  /** After this the job is given up. */
  expires_at: number;
}
