/** The records that a store keeps. Times are seconds since the epoch; `null` = not (yet). */
import type { Proofs } from "../oauth/assurance.ts";
import type { NamedClaims } from "../oauth/claims_request.ts";
import type { ClientFace } from "../oauth/client_face.ts";
import type { ClientMetadata } from "../oauth/client_metadata.ts";
import type { Consent } from "../oauth/next_step.ts";
import type { Permission } from "../oauth/permission.ts";

/** The origin of a client. A client that a person registered may ask for less than one that an operator added. */
export type ClientOrigin = "operator" | "user" | "registration" | "metadata_document";

export interface ClientSecret {
  /** BASE64URL(SHA-256(secret)): secrets are 256 random bits, so a fast hash is enough. */
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
  /**
   * The members that an operator has set at a client that others change too, by name. Their changes leave these members
   * as they are (clients/own_document.ts).
   */
  set_by_operator: string[];
  /** Set for the credentials of an API: the resource that it may introspect tokens for. */
  resource: string | null;
  created_at: number;
  disabled_at: number | null;
  /** Earlier grants, and earlier tokens of the client itself, no longer hold. */
  ends_before: number | null;
  /** The hash of its stored logo; null: there is none (yet). */
  logo: string | null;
  /**
   * The host whose clients see the same pairwise subjects (OpenID Connect Core §8.1), since the registration; null: the
   * client is a sector of its own.
   */
  sector: string | null;
  /**
   * BASE64URL(SHA-256) of the token by which the client reads and changes its own registration (RFC 7592); null: it did
   * not register itself.
   */
  registration_hash: string | null;
}

/** Lets apps register themselves (RFC 7591 §3): an operator makes it, and gives it to their developers. */
export interface InitialAccessToken {
  /** The start of its hash: it names the token in lists, and proves nothing. */
  token_id: string;
  /** BASE64URL(SHA-256(token)) */
  hash: string;
  /** For the operator: who has it. */
  note: string | null;
  /** The number of registrations that are left. */
  uses_left: number;
  created_at: number;
  expires_at: number;
}

/** The picture at the `logo_uri` of a client, fetched once. */
export interface LogoRecord {
  client_id: string;
  /** BASE64URL(SHA-256(picture)): part of its address here. */
  hash: string;
  /** Such as `image/png`. */
  media_type: string;
  /** BASE64 */
  picture: string;
  fetched_at: number;
}

export interface AccountRecord {
  sub: string;
  /** As the person typed it. Its folded form signs in. */
  username: string;
  /** An address that also signs in; folded forms of both are unique together. */
  login_email: string | null;
  claims: Record<string, unknown>;
  password_hash: string | null;
  is_admin: boolean;
  created_at: number;
  disabled_at: number | null;
  /** Earlier grants no longer hold, even if their rows do not say so yet. */
  ends_before: number | null;
  /** The same for sessions that rest on an earlier proof. */
  sessions_end_before: number | null;
}

export interface SessionRecord {
  /**
   * Random, with the person's place at its end. It stays the same when the person signs in again. It is the `sid` of ID
   * tokens, and proves nothing.
   */
  session_id: string;
  /** BASE64URL(SHA-256) of the secret in the cookie, which is new at every sign-in. */
  secret_hash: string;
  sub: string;
  /** The proofs of the last sign-in. */
  proofs: Proofs;
  /** The authorization request that the person signed in for. */
  signed_in_for: string | null;
  user_agent: string;
  /** Where the person was last seen: the /24 or /48 of their address (`knownNetwork`); empty when it is unknown. */
  network: string;
  created_at: number;
  /** Time of the last request; updated only now and then. */
  seen_at: number;
  expires_at: number;
}

/**
 * A client that signed the person in by a session: it is told when the session ends (OpenID Back-Channel Logout §2.3).
 */
export interface ClientSessionRecord {
  session_id: string;
  client_id: string;
  sub: string;
  /** The `sub` and the `sid` of this client's ID tokens. */
  sent_sub: string;
  sent_sid: string;
  /** The sweep looks after this time whether the session has ended by itself. */
  check_at: number;
}

/** The remembered answer of a person about a client. */
export interface ConsentRecord extends Consent {
  sub: string;
  client_id: string;
  /** The client as the person saw it. Null: an operator answers for it. */
  seen: ClientFace | null;
  agreed: Permission[];
  /** Asked for and refused: not asked again. */
  refused: Permission[];
  waived: Permission[];
  /** Random, and new after each change: a change names the version that it has read. */
  version: string;
  since: number;
  used_at: number;
}

/** The members of a code beside its grant. */
export interface CodeRecord {
  code_challenge: string | null;
  redirect_uri: string;
  redirect_uri_sent: boolean;
  nonce: string | null;
}

/**
 * The agreement of one person about one client: ONE row for its whole life. The code and every refresh token are keys
 * to it, numbered by generation: 0 is the code, 1 the first refresh token, and so on.
 */
export interface GrantRecord {
  /**
   * Id of the authorization request (UUIDv7, 32 hexadecimal digits) and the place of the person (4 digits), so that a
   * request is granted once.
   */
  grant_id: string;
  client_id: string;
  sub: string;
  /** The session that the grant ends with; null: it outlives its session. */
  session_id: string | null;
  /**
   * The session that the grant was made in: `sid` of its ID tokens. Null: the app is apart from the person's browser (a
   * device, the password grant).
   */
  sid: string | null;
  /** In the order in which they were asked for: the first API is the audience where none is named. */
  permissions: Permission[];
  /** The claims that the request asked for by name. Those that were agreed to are sent there. */
  claims: NamedClaims;
  /** Scopes that were asked for and not granted. A later request for them leaves them out again. */
  left_out: string[];
  /** Random. Keys to the grant are MACs over this salt, so they need both this row and the server's secret. */
  salt: string;
  secret_id: string;
  /**
   * Salt and secret of the keys of generations under `below`, which a leaked secret made; null: the key was never
   * replaced.
   */
  replaced_key: { salt: string; secret_id: string; below: number } | null;
  epoch: number;
  /** The one generation that is live. */
  generation: number;
  advanced_at: number;
  /** Last use of a refresh token that is not rotated; updated only now and then. */
  used_at: number;
  /** Null: no code leads to this grant. */
  code: CodeRecord | null;
  /** The proofs of the session that the grant was made in. */
  proofs: Proofs;
  /** The metadata document of the client, as it was when the person agreed. Null: the client is registered. */
  snapshot: ClientMetadata | null;
  /** Raised when a single access token is revoked. Access tokens of an earlier epoch are refused. */
  access_epoch: number;
  /** End of the time in which the client has to fetch the first tokens. */
  code_expires_at: number;
  created_at: number;
  /** Absolute end. */
  expires_at: number;
  revoked_at: number | null;
  /** The sweep looks at the row again after this time. No hot operation writes it. */
  check_at: number;
}

/** The state of a stored transaction. */
export type TransactionState = "pending" | "approved" | "denied";

/**
 * An authorization request that is stored, since something other than the browser waits for its answer: a device that
 * polls (RFC 8628).
 */
export interface StoredTransaction {
  /** Random or a MAC. The place is computed from this id, since the person is not known yet. */
  id: string;
  kind: "device";
  client_id: string;
  /** The person who answers; null: not known yet. */
  sub: string | null;
  /** The sealed request. */
  sealed: string;
  state: TransactionState;
  /** Milliseconds since the epoch. */
  next_poll_at: number;
  /** Least number of seconds between two polls. */
  poll_interval: number;
  expires_at: number;
}

/** Work that is done later, at least once, by one node at a time: clean-up of many rows, and messages to deliver. */
export interface JobRecord {
  /** UUIDv7. */
  job_id: string;
  /** The place of the person that the job is about; null: the job is stored with the directory. */
  place: number | null;
  kind: string;
  /** JSON. The caller seals a payload that holds a secret. */
  payload: string;
  due_at: number;
  /** End of the lease of the node that works on the job; 0: none does. */
  leased_until: number;
  /** Number of leases so far: a node whose lease was taken over can't finish the job. */
  lease_no: number;
  attempts: number;
  /** Why the last attempt failed. */
  error: string | null;
  /** The job is given up after this time. */
  expires_at: number;
}
