/**
 * What the server asks of a database: about 30 operations that speak the protocol. Each is atomic, and durable
 * when it resolves; none looks at a clock (`now` is passed); a conditional one answers `false` when the row was no
 * longer as expected, and then nothing was written. `conformance.ts` tests all of this on any store.
 */
import type { SigningKeyRecord } from "../crypto/signing_key.ts";
import type { AuditStore } from "./audit.ts";
import type {
  AccountRecord,
  ClientRecord,
  ConsentRecord,
  GrantRecord,
  SessionRecord,
} from "./records.ts";

export interface GrantStore {
  /**
   * Inserts the grant, with the consent that it rests on (null: it stands already).
   * `exists`: this request was granted before. `no_consent`: the consent was removed meanwhile.
   */
  createGrant(
    grant: GrantRecord,
    consent: ConsentRecord | null,
  ): Promise<"created" | "exists" | "no_consent">;
  findGrant(grant_id: string): Promise<GrantRecord | null>;
  /** False: revoked, or already beyond `from`. */
  advanceGrant(grant_id: string, from: number, now: number): Promise<boolean>;
  touchGrant(grant_id: string, now: number): Promise<void>;
  /** Revoking twice is once. */
  revokeGrant(grant_id: string, now: number): Promise<void>;
  /** Revokes all grants of a person to a client but one. */
  revokeOtherGrants(sub: string, client_id: string, except: string, now: number): Promise<void>;
  /** False: it was no longer `from`, or the grant is revoked. */
  raiseAccessEpoch(grant_id: string, from: number): Promise<boolean>;

  findConsent(sub: string, client_id: string): Promise<ConsentRecord | null>;
  listConsents(sub: string): Promise<ConsentRecord[]>;
  touchConsent(sub: string, client_id: string, now: number): Promise<void>;
  /** Forgets the consent and revokes every grant that rests on it, those being made included. */
  removeConsent(sub: string, client_id: string, now: number): Promise<void>;
}

export interface SessionStore {
  createSession(session: SessionRecord): Promise<void>;
  findSession(session_id: string): Promise<SessionRecord | null>;
  listSessions(sub: string): Promise<SessionRecord[]>;
  /** After another sign-in of the same person. False: `secret_hash` is no longer the one of the row. */
  renewSession(session: SessionRecord, secret_hash: string): Promise<boolean>;
  touchSession(session_id: string, now: number): Promise<void>;
  /** Grants tied to the session end with it, since each use of one looks for its session. */
  endSession(session_id: string): Promise<void>;
  /** Ends all sessions of a person but one. */
  endOtherSessions(sub: string, except: string | null): Promise<void>;
}

export interface ClaimStore {
  /** True for the first to claim `id` until it expires, on all nodes together. */
  claimOnce(kind: string, id: string, times: { now: number; expires_at: number }): Promise<boolean>;
  isClaimed(kind: string, id: string): Promise<boolean>;
  /**
   * Counts a try before it is judged, in one write. Not counted: the slot has to wait, until `wait_until`,
   * which such a try does not prolong.
   */
  countTry(slot: number, rules: CounterRules): Promise<{ counted: boolean; wait_until: number }>;
  /** Takes back one try with the wait that it began, or all of them. */
  forgiveTries(slot: number, how: { all: boolean; free: number }): Promise<void>;
}

export interface CounterRules {
  now: number;
  /** Seconds after which a count starts anew. */
  window: number;
  /** From this many failures on, the slot waits: `wait` seconds, doubling to `longest_wait`. */
  free: number;
  wait: number;
  longest_wait: number;
}

/** Clients, accounts and keys: small tables, read through a cache that is at most a second old. */
export interface DirectoryStore {
  /** The version changes with every write to a client, an account, a key or the epoch. */
  readState(): Promise<{ epoch: number; version: number }>;

  findClient(client_id: string): Promise<ClientRecord | null>;
  listClients(owner_sub?: string): Promise<ClientRecord[]>;
  /** False: the id is taken. */
  createClient(client: ClientRecord): Promise<boolean>;
  /**
   * @param before as it was read: whoever changes a part must not undo what another changed meanwhile
   * @returns false when there is no such client, or it is no longer as `before`
   */
  updateClient(client: ClientRecord, before?: ClientRecord): Promise<boolean>;
  /** Removes the client with its grants and consents. */
  removeClient(client_id: string, now: number): Promise<boolean>;

  findAccount(sub: string): Promise<AccountRecord | null>;
  /** @param login folded */
  findAccountByLogin(login: string): Promise<AccountRecord | null>;
  listAccounts(): Promise<AccountRecord[]>;
  hasAccounts(): Promise<boolean>;
  /**
   * @param logins folded; unique among all accounts
   * @returns false when one is taken, or, with `only_as_first`, when an account exists already
   */
  createAccount(
    account: AccountRecord,
    logins: readonly string[],
    only_as_first?: boolean,
  ): Promise<boolean>;
  /** False: no such account, it is no longer as `before`, or a login is taken. */
  updateAccount(
    account: AccountRecord,
    logins: readonly string[],
    before?: AccountRecord,
  ): Promise<boolean>;
  /** Removes the account with its sessions, grants, consents and apps. */
  removeAccount(sub: string, now: number): Promise<boolean>;

  listSigningKeys(): Promise<SigningKeyRecord[]>;
  /** False: another node was faster; a live key of this algorithm begins to sign later than `unless_after`. */
  addSigningKey(key: SigningKeyRecord, unless_after: number): Promise<boolean>;
  retireSigningKey(kid: string, now: number): Promise<boolean>;
}

export interface Store extends GrantStore, SessionStore, ClaimStore, DirectoryStore, AuditStore {
  /** Brings the schema up to date, under a lock; the number of migrations run. */
  migrate(): Promise<number>;
  /** The schema that is there, and the one that this version needs; a newer one serves it as well. */
  readSchema(): Promise<{ version: number; newest: number }>;
  /** Milliseconds since the epoch, as the database sees it; null: as this machine does. */
  readClock(): Promise<number | null>;
  /** Removes at most `batch` expired rows of each kind; true when there may be more. */
  sweep(now: number, batch: number): Promise<boolean>;
  close(): Promise<void>;
}
