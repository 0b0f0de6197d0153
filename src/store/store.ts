/**
 * The store interface, in small parts. Each operation is atomic, and durable when it resolves. None reads a clock:
 * `now` is passed. A conditional operation resolves to `false` when the row was not as expected, and has written
 * nothing then. The conformance suite tests all of this on any store.
 *
 * All records of one person are at that person's place (`place.ts`): sessions, consents, grants, and the events and
 * jobs about these. Clients, accounts and keys are the directory.
 */
import type { SigningKeyRecord } from "../crypto/signing_key.ts";
import type { AuditRecord, AuditStore } from "./audit.ts";
import type { ClientSessionStore } from "./client_sessions.ts";
import type { EndedTokenStore } from "./ended_tokens.ts";
import type { FactorStore } from "./factor_store.ts";
import type { GrantWalks } from "./grant_walks.ts";
import type { InitialAccessTokenStore, SpentToken } from "./initial_access_tokens.ts";
import type { JobStore } from "./job_store.ts";
import type {
  AccountRecord,
  ClientRecord,
  ClientSessionRecord,
  ConsentRecord,
  GrantRecord,
  JobRecord,
  LogoRecord,
  SessionRecord,
  StoredTransaction,
} from "./records.ts";
import type { SingleUseStore } from "./single_use_store.ts";

/** Events and jobs that are written in the same transaction as a change, and only together with it. */
export interface Alongside {
  events?: readonly AuditRecord[];
  jobs?: readonly JobRecord[];
}

/**
 * Records that end together with a change to a person or a client. The person or client keeps the time (`ends_before`,
 * `sessions_end_before`), and the gate reads it. A job ends the rows of a client's grants soon after, and on a
 * distributed database all rows (`ending_jobs.ts`).
 */
export interface Ends {
  /** Records that began until this second, itself included, end. */
  now: number;
  /** Sessions of the person: all of them, or all but one. */
  sessions?: true | { except: string };
  grants?: boolean;
  consents?: boolean;
  /**
   * Grants stay, but their present access tokens are listed as ended, as with `grants` and `sessions`. A change that
   * disables a person or a client does so without saying.
   */
  access_tokens?: boolean;
}

export interface PersonEnds extends Ends {
  /** Only grants and consents of this client end. */
  client_id?: string;
}

/** A grant, together with the consent that it rests on. */
export interface Approval {
  /** The grant to insert; with `instead_of`, the new state of the existing one. */
  grant: GrantRecord;
  /** The grant of the same request as it was read: a person went back and answered again. */
  instead_of?: GrantRecord;
  /**
   * `stands`: the consent has to be as it was read. Otherwise `becomes` is written if the consent is still as `before`
   * (null: there was none).
   */
  consent: { stands: ConsentRecord } | { before: ConsentRecord | null; becomes: ConsentRecord };
  /** The client of the grant is told when this session ends. It is kept once for each session and client. */
  client_session?: ClientSessionRecord;
  /** The answer takes something back: all other grants of the person to the client are revoked at this time. */
  narrowed_at?: number;
}

/** The salt and secret that make the keys to a grant from now on, instead of a leaked secret. */
export type FreshKey = Pick<GrantRecord, "salt" | "secret_id"> & {
  replaced_key: NonNullable<GrantRecord["replaced_key"]>;
};

export interface GrantStore {
  /**
   * Judges consent where it is written: no grant is made under a consent that has changed meanwhile.
   * `exists`: this request was granted before. `changed`: consent or grant are no longer as they were read.
   * @returns the outcome; only `approved` has written anything
   */
  approve(approval: Approval, alongside?: Alongside): Promise<"approved" | "exists" | "changed">;
  findGrant(grant_id: string): Promise<GrantRecord | null>;
  /** The grant with its session, if it is tied to one that still exists. */
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
  /**
   * Ids of the live grants of a person to a client, without the `keep` that were used last; at most a hundred.
   * @param of.idle seconds without use after which a grant is no longer live
   */
  listSurplusGrants(
    which: { sub: string; client_id: string },
    of: { keep: number; now: number; idle: number },
  ): Promise<string[]>;
  /** False: there is no such grant, or it was revoked already. */
  revokeGrant(grant_id: string, now: number, alongside?: Alongside): Promise<boolean>;
  /** False: the epoch was no longer `from`, or the grant is revoked. */
  raiseAccessEpoch(grant_id: string, from: number, alongside?: Alongside): Promise<boolean>;

  findConsent(sub: string, client_id: string): Promise<ConsentRecord | null>;
  /** The most recently used first. */
  listConsents(sub: string, page: Page<"used_at" | "client_id">): Promise<ConsentRecord[]>;
  touchConsent(sub: string, client_id: string, now: number): Promise<void>;
  /**
   * Forgets the consent and revokes every grant that rests on it, grants that are being made included.
   * False: there was none.
   */
  removeConsent(
    which: { sub: string; client_id: string },
    now: number,
    alongside?: Alongside,
  ): Promise<boolean>;
  /**
   * Forgets at most `limit` consents to a client that began until the second `until`, itself included.
   * @returns true when there may be more
   */
  removeConsentsOf(client_id: string, which: { until: number; limit: number }): Promise<boolean>;
}

export interface SessionStore {
  createSession(session: SessionRecord, alongside?: Alongside): Promise<void>;
  findSession(session_id: string): Promise<SessionRecord | null>;
  /** The session, and what its person has agreed to for this client: one read for an authorization request. */
  loadSession(
    session_id: string,
    client_id: string,
  ): Promise<{ session: SessionRecord; consent: ConsentRecord | null } | null>;
  /** The newest first. */
  listSessions(sub: string, page: Page<"created_at" | "session_id">): Promise<SessionRecord[]>;
  /** Renews a session after another sign-in of the same person. False: the row no longer has this `secret_hash`. */
  renewSession(
    session: SessionRecord,
    secret_hash: string,
    alongside?: Alongside,
  ): Promise<boolean>;
  /** @param network of the person; null when the request came from an app, and the stored one stays */
  touchSession(session_id: string, now: number, network: string | null): Promise<void>;
  /**
   * Grants tied to a session end with it, since each use of such a grant requires the session.
   * @returns the number of ended sessions; 0: nothing was written
   */
  endSessions(
    which: { sub: string; session_id: string } | { sub: string; except: string | null },
    /** @param alongside.told forgotten with the sessions, since `jobs` tell their clients */
    alongside?: Alongside & { told?: readonly ClientSessionRecord[] },
  ): Promise<number>;
}

/** Requests that wait at the server for a person's answer. */
export interface TransactionStore {
  /** False: the id is taken. */
  addTransaction(transaction: StoredTransaction): Promise<boolean>;
  findTransaction(id: string): Promise<StoredTransaction | null>;
  /**
   * Assigns a pending request to the person. The same browser may pass it from one of its accounts to another. False:
   * it is somebody else's, was answered, or has expired.
   */
  claimTransaction(
    id: string,
    claim: { sub: string; previous: string | null; now: number },
  ): Promise<boolean>;
  /** Writes the answer. A refusal is final. False: the request is not this person's, was refused, or has expired. */
  settleTransaction(
    id: string,
    answer: { sub: string; state: "approved" | "denied"; now: number },
  ): Promise<boolean>;
  /**
   * Counts a poll. False: the poll came more than `early_ms` too early, and from now on the interval is `slower`
   * seconds longer (RFC 8628 §3.5).
   */
  pollTransaction(
    id: string,
    poll: { now_ms: number; early_ms: number; slower: number },
  ): Promise<boolean>;
}

/** At most `limit` records, starting after `after`. */
export interface Page<Keys extends string> {
  after?: Readonly<Record<Keys, string | number>> | undefined;
  limit: number;
}

/** A part of the directory that caches hold: each has a version of its own. */
export const DIRECTORY_KINDS = ["clients", "people", "keys"] as const;
export type DirectoryKind = (typeof DIRECTORY_KINDS)[number];

export interface StoreState {
  /** 1; after a restore, the time of the restore in seconds. */
  epoch: number;
  /**
   * The version of a kind changes with every change to one of its records, and with the epoch. A new client need not
   * change it, since a cache never holds the absence of a client, nor one that awaits its logo (`awaitsLogo`).
   */
  versions: Readonly<Record<DirectoryKind, number>>;
  /** By id, when each server secret came into use (seconds since the epoch; `noteSecret`). */
  secrets: Readonly<Record<string, number>>;
  /** By lifetime of access tokens in seconds, when it was noted last (`noteAccessTokenLife`). */
  access_token_lives: Readonly<Record<string, number>>;
}

export interface NewClientOptions {
  /** Only while the account of the owner exists and is not disabled. */
  owner_stands?: boolean;
  /** The sweep removes the client after this time, unless `keepClient` moves it. Left out: it stays. */
  expires_at?: number;
  /** Takes one use of this token, which has to have one left and to be live at `now`. */
  spends?: SpentToken;
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
  /** @returns false when the id is taken, or a condition of `options` does not hold */
  createClient(client: ClientRecord, options?: NewClientOptions & Alongside): Promise<boolean>;
  /**
   * Notes that a client with an end is used, and moves its end to `until`, unless it is later already. It raises no
   * version.
   */
  keepClient(client_id: string, times: { now: number; until: number }): Promise<void>;
  /**
   * A stored logo is removed when `client.logo` is null.
   * @param change.before as it was read: a change of one part must not undo a change of another part
   * @param change.ends records that end with the change, such as the client's grants
   * @param change.jobs replace waiting jobs of the same ids
   * @returns false when there is no such client, or it is no longer as `before`
   */
  updateClient(
    client: ClientRecord,
    change?: { before?: ClientRecord; ends?: Ends } & Alongside,
  ): Promise<boolean>;
  /**
   * Removes the client with its logo. A job ends its grants and consents, which count no longer without it.
   * @param how.forget_unused a client with an end to which nobody has agreed goes with its events, and leaves none
   */
  removeClient(
    client_id: string,
    now: number,
    how?: { forget_unused?: boolean } & Alongside,
  ): Promise<boolean>;
  findLogo(client_id: string): Promise<LogoRecord | null>;
  /**
   * Stores the logo in place of an earlier one, and its hash as `logo` of the client.
   * @param client as it was read
   * @returns false when there is no such client, or it is no longer like this
   */
  storeLogo(client: ClientRecord, logo: LogoRecord): Promise<boolean>;

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
   * Raises the version of the person's factors when name, password or address differ from `before`.
   * @param change.session a session that has to be live, with this secret, when the change is made
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
  /** Removes the account with its factors, sessions, grants, consents and apps. */
  removeAccount(sub: string, now: number, alongside?: Alongside): Promise<boolean>;
  /**
   * Ends a person's records that began until `ends.now`; the person may be kept elsewhere. When sessions end, a job
   * tells their clients. Safe to repeat: the jobs of a distributed database call it, perhaps much later.
   */
  endPerson(sub: string, ends: PersonEnds, alongside?: Alongside): Promise<void>;

  /** The sealed salt of pairwise subjects; null: there is none yet. */
  findSubjectSalt(): Promise<string | null>;
  /**
   * @param before the sealed salt as it was read; null: there was none
   * @returns false when it is no longer like this: another node was faster
   */
  storeSubjectSalt(sealed: string, before: string | null): Promise<boolean>;

  listSigningKeys(): Promise<SigningKeyRecord[]>;
  /** False: another node was faster, and a live key of this algorithm begins to sign later than `unless_after`. */
  addSigningKey(
    key: SigningKeyRecord,
    unless_after: number,
    alongside?: Alongside,
  ): Promise<boolean>;
  retireSigningKey(kid: string, now: number, alongside?: Alongside): Promise<boolean>;
  /**
   * Withdraws keys and adds their replacement, in one transaction.
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

export interface Store
  extends GrantStore,
    GrantWalks,
    SessionStore,
    ClientSessionStore,
    EndedTokenStore,
    SingleUseStore,
    DirectoryStore,
    FactorStore,
    InitialAccessTokenStore,
    AuditStore,
    JobStore,
    TransactionStore {
  /** Brings the schema up to date, under a lock. Resolves to the number of migrations that were run. */
  migrate(): Promise<number>;
  /** The version of the database's schema, and the version that this release needs. A newer one serves it as well. */
  readSchema(): Promise<{ version: number; newest: number }>;
  /** Milliseconds since the epoch, as the database sees it; null: as this machine does. */
  readClock(): Promise<number | null>;
  /** Removes at most `batch` expired rows of each kind; true when there may be more. */
  sweep(now: number, batch: number): Promise<boolean>;
  close(): Promise<void>;
}
