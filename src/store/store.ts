/**
 * What the server asks of a database, in small parts. Each operation is atomic, and durable when it resolves; none looks
 * at a clock (`now` is passed); a conditional one answers `false` when the row was no longer as expected, and then
 * nothing was written. The conformance suite tests all of this on any store.
 *
 * Whatever belongs to one person lies at that person's place (`place.ts`): their sessions, consents, grants, and the
 * events and jobs about these. Clients, accounts and keys are the directory.
 */
import type { SigningKeyRecord } from "../crypto/signing_key.ts";
import type { AuditRecord, AuditStore } from "./audit.ts";
import type {
  AccountRecord,
  ClientRecord,
  ConsentRecord,
  GrantRecord,
  JobRecord,
  SessionRecord,
  StoredTransaction,
} from "./records.ts";

/** What is written in the same transaction as a change, and only together with it. */
export interface Alongside {
  events?: readonly AuditRecord[];
  jobs?: readonly JobRecord[];
}

/**
 * What ends together with a change to a person or a client. The record then says since when (`ends_before`,
 * `sessions_end_before`). On a distributed database a job ends the rest soon after (`ending_jobs.ts`).
 */
export interface Ends {
  /** What began until then, this second included, ends. */
  now: number;
  /** Sessions of the person: all of them, or all but one. */
  sessions?: true | { except: string };
  grants?: boolean;
  consents?: boolean;
}

export interface PersonEnds extends Ends {
  /** Of the grants and consents only those of this client. */
  client_id?: string;
}

/** A grant, together with the consent that it rests on. */
export interface Approval {
  /** To be inserted; with `instead_of`, what the one that stands becomes. */
  grant: GrantRecord;
  /** The grant of the same request as it was read: a person went back and answered again. */
  instead_of?: GrantRecord;
  /** The consent stands as it was read; or it is written, where it is still as `before` (null: there was none). */
  consent: { stands: ConsentRecord } | { before: ConsentRecord | null; becomes: ConsentRecord };
  /** The answer takes something back: all other grants of the person to the client are revoked at this time. */
  narrowed_at?: number;
}

/** What the keys to a grant are made with from now on, instead of a leaked secret. */
export type FreshKey = Pick<GrantRecord, "salt" | "secret_id"> & {
  replaced_key: NonNullable<GrantRecord["replaced_key"]>;
};

export interface GrantStore {
  /**
   * Judges consent where it is written: no grant is made under a consent that has changed meanwhile.
   * `exists`: this request was granted before. `changed`: consent or grant are no longer as they were read.
   * @returns what happened; only `approved` has written anything
   */
  approve(approval: Approval, alongside?: Alongside): Promise<"approved" | "exists" | "changed">;
  findGrant(grant_id: string): Promise<GrantRecord | null>;
  /**
   * Looks at the next `limit` grants in the order of their ids, and revokes those whose key is or was made under one of
   * these secrets.
   * @param which.after the id of the last grant that was looked at; empty: begin
   * @returns how many were revoked, and where to go on; null: there are no more
   */
  revokeGrantsUnder(
    secret_ids: readonly string[],
    which: { after: string; limit: number; now: number },
  ): Promise<{ revoked: number; next: string | null }>;
  /** The grant, with the session that it is tied to, where that is still there. */
  loadGrant(
    grant_id: string,
  ): Promise<{ grant: GrantRecord; session: SessionRecord | null } | null>;
  /**
   * @param fresh another key for the generations after `from`
   * @returns false: revoked, already beyond `from`, or the row no longer has the key that `fresh` replaces
   */
  advanceGrant(
    grant_id: string,
    from: number,
    now: number,
    fresh?: FreshKey | null,
  ): Promise<boolean>;
  touchGrant(grant_id: string, now: number): Promise<void>;
  /** False: there is none, or it was revoked already. */
  revokeGrant(grant_id: string, now: number, alongside?: Alongside): Promise<boolean>;
  /** False: it was no longer `from`, or the grant is revoked. */
  raiseAccessEpoch(grant_id: string, from: number, alongside?: Alongside): Promise<boolean>;

  findConsent(sub: string, client_id: string): Promise<ConsentRecord | null>;
  /** The one used last first. */
  listConsents(sub: string, page: Page<"used_at" | "client_id">): Promise<ConsentRecord[]>;
  touchConsent(sub: string, client_id: string, now: number): Promise<void>;
  /**
   * Forgets the consent and revokes every grant that rests on it, those being made included.
   * False: there was none.
   */
  removeConsent(
    which: { sub: string; client_id: string },
    now: number,
    alongside?: Alongside,
  ): Promise<boolean>;
}

export interface SessionStore {
  createSession(session: SessionRecord, alongside?: Alongside): Promise<void>;
  findSession(session_id: string): Promise<SessionRecord | null>;
  /** The newest first. */
  listSessions(sub: string, page: Page<"created_at" | "session_id">): Promise<SessionRecord[]>;
  /** After another sign-in of the same person. False: `secret_hash` is no longer the one of the row. */
  renewSession(
    session: SessionRecord,
    secret_hash: string,
    alongside?: Alongside,
  ): Promise<boolean>;
  touchSession(session_id: string, now: number): Promise<void>;
  /**
   * Grants tied to a session end with it, since each use of one looks for its session.
   * @returns how many ended; 0: nothing was written
   */
  endSessions(
    which: { sub: string; session_id: string } | { sub: string; except: string | null },
    alongside?: Alongside,
  ): Promise<number>;
}

export interface SingleUseStore {
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

/** Requests that wait at the server for a person's answer. */
export interface TransactionStore {
  /** False: the id is taken. */
  addTransaction(transaction: StoredTransaction): Promise<boolean>;
  findTransaction(id: string): Promise<StoredTransaction | null>;
  /**
   * Makes a pending request the person's. The same browser may hand it from one of its accounts to another.
   * False: it is somebody else's, was answered, or has expired.
   */
  claimTransaction(
    id: string,
    claim: { sub: string; previous: string | null; now: number },
  ): Promise<boolean>;
  /** Answers it. A refusal is final. False: it is not this person's, was refused, or has expired. */
  settleTransaction(
    id: string,
    answer: { sub: string; state: "approved" | "denied"; now: number },
  ): Promise<boolean>;
  /**
   * Counts a poll. False: it came more than `early_ms` before its time, and from now on the interval is `slower`
   * seconds longer (RFC 8628 §3.5).
   */
  pollTransaction(
    id: string,
    poll: { now_ms: number; early_ms: number; slower: number },
  ): Promise<boolean>;
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

/** At most `limit` records, from the one after `after` on. */
export interface Page<Keys extends string> {
  after?: Readonly<Record<Keys, string | number>> | undefined;
  limit: number;
}

/** A part of the directory that caches hold: each has a version of its own. */
export const DIRECTORY_KINDS = ["clients", "people", "keys"] as const;
export type DirectoryKind = (typeof DIRECTORY_KINDS)[number];

export interface StoreState {
  /** 1; after a backup was put back, the second in which that was done. */
  epoch: number;
  /** The version of a kind changes with every write to a record of it, and with the epoch. */
  versions: Readonly<Record<DirectoryKind, number>>;
  /** By id, when each server secret came into use (seconds since the epoch; `noteSecret`). */
  secrets: Readonly<Record<string, number>>;
}

/** Clients, accounts and keys: small tables, read through a cache that is at most a second old. */
export interface DirectoryStore {
  readState(): Promise<StoreState>;
  /** Notes that a server secret is in use since `now`. Changes nothing when it is the latest already. */
  noteSecret(secret_id: string, now: number): Promise<void>;

  findClient(client_id: string): Promise<ClientRecord | null>;
  /** The oldest first; all of them, those of one person, or those of one origin. */
  listClients(
    page: Page<"created_at" | "client_id"> &
      ({ owner_sub?: string } | { created_by: ClientRecord["created_by"] }),
  ): Promise<ClientRecord[]>;
  /** False: the id is taken. */
  createClient(client: ClientRecord, alongside?: Alongside): Promise<boolean>;
  /**
   * @param change.before as it was read: a change of one part must not undo what another changed meanwhile
   * @param change.ends what ends with it, such as the client's grants
   * @returns false when there is no such client, or it is no longer as `before`
   */
  updateClient(
    client: ClientRecord,
    change?: { before?: ClientRecord; ends?: Ends } & Alongside,
  ): Promise<boolean>;
  /** Removes the client with its grants and consents. */
  removeClient(client_id: string, now: number, alongside?: Alongside): Promise<boolean>;

  findAccount(sub: string): Promise<AccountRecord | null>;
  /** @param login folded */
  findAccountByLogin(login: string): Promise<AccountRecord | null>;
  /** The oldest first. */
  listAccounts(page: Page<"created_at" | "sub">): Promise<AccountRecord[]>;
  hasAccounts(): Promise<boolean>;
  /**
   * @param logins folded; unique among all accounts
   * @returns false when one is taken, or, with `only_as_first`, when an account exists already
   */
  createAccount(
    account: AccountRecord,
    logins: readonly string[],
    options?: { only_as_first?: boolean } & Alongside,
  ): Promise<boolean>;
  /**
   * @param change.session a session that has to be alive, with this secret, when the change is made
   * @returns false: no such account, it is no longer as `before`, the session has ended, or a login is taken
   */
  updateAccount(
    account: AccountRecord,
    logins: readonly string[],
    change?: {
      before?: AccountRecord;
      session?: Pick<SessionRecord, "session_id" | "secret_hash">;
      ends?: Ends;
    } & Alongside,
  ): Promise<boolean>;
  /** Removes the account with its sessions, grants, consents and apps. */
  removeAccount(sub: string, now: number, alongside?: Alongside): Promise<boolean>;
  /**
   * Ends what belongs to a person, who may be kept elsewhere, and began until `ends.now`; repeatable. The jobs of a
   * distributed database call it, perhaps much later.
   */
  endPerson(sub: string, ends: PersonEnds, alongside?: Alongside): Promise<void>;
  /** The same for what belongs to a client. */
  endClient(client_id: string, ends: Ends): Promise<void>;

  listSigningKeys(): Promise<SigningKeyRecord[]>;
  /** False: another node was faster; a live key of this algorithm begins to sign later than `unless_after`. */
  addSigningKey(
    key: SigningKeyRecord,
    unless_after: number,
    alongside?: Alongside,
  ): Promise<boolean>;
  retireSigningKey(kid: string, now: number, alongside?: Alongside): Promise<boolean>;
  /**
   * Withdraws keys and adds the one that takes over, in one transaction.
   * @param kids at least one
   * @param replacement null: another key signs already
   * @returns false when the first of them was withdrawn before: another node was faster
   */
  replaceSigningKeys(
    kids: readonly string[],
    replacement: SigningKeyRecord | null,
    now: number,
    alongside?: Alongside,
  ): Promise<boolean>;
}

export interface JobStore {
  addJobs(jobs: readonly JobRecord[]): Promise<void>;
  /**
   * Takes jobs that are due and that no node works on: each with one conditional write, so that one node gets it.
   * @param lease.until when another node may take it over
   */
  leaseJobs(lease: {
    kinds: readonly string[];
    now: number;
    until: number;
    limit: number;
  }): Promise<JobRecord[]>;
  /** False: another node has taken the job over. */
  renewLease(job: JobRecord, until: number): Promise<boolean>;
  /** Removes the job. False: another node has taken it over. */
  finishJob(job: JobRecord): Promise<boolean>;
  /** Gives the job back, to be tried again. False: another node has taken it over. */
  postponeJob(job: JobRecord, later: { due_at: number; error: string }): Promise<boolean>;
}

export interface Store
  extends GrantStore,
    SessionStore,
    SingleUseStore,
    DirectoryStore,
    AuditStore,
    JobStore,
    TransactionStore {
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
