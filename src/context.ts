/** The context of every request: the parts of the server, and the time of the request. */
import type { Settings } from "./config_schema.ts";
import type { SigningAlg } from "./crypto/jwt.ts";
import type { Bounds, ServerSecrets } from "./crypto/server_secret.ts";
import type { SigningKey } from "./crypto/signing_key.ts";
import type { Log } from "./log.ts";
import type { Mailer } from "./mail_sender.ts";
import type { ProofKind } from "./oauth/assurance.ts";
import type { AcceptedMetadata, ClientMetadata } from "./oauth/client_metadata.ts";
import type { Jwks } from "./oauth/jwks.ts";
import type { Params } from "./oauth/params.ts";
import type { Catalogue } from "./oauth/resource_indicator.ts";
import type { Language } from "./pages/texts.ts";
import type { Theme } from "./pages/theme.ts";
import type { Person, Users } from "./people/users.ts";
import { type AuditEventName, type Audited, type AuditRecord, auditEvent } from "./store/audit.ts";
import type { CachedStore } from "./store/cached_store.ts";
import type { DatabaseClock } from "./store/database_clock.ts";
import type { EndedTokens } from "./store/ended_tokens.ts";
import type { ClientOrigin, ClientRecord, SessionRecord } from "./store/records.ts";

export type { Log, LogFields } from "./log.ts";
export { silentLog, stderrLog } from "./log.ts";

/** Observes events, for metrics and traces. It is on the hot path, so it must be fast and never throw. */
export interface Observer {
  answered(answer: Answered): void;
  issued(grant_type: string, client_id: string): void;
  /** @param error a code of OAuth, or the kind of a page */
  refused(error: string): void;
}
export interface Answered {
  readonly event_id: string;
  /** The pattern of its route, such as `/account/apps/{client_id}`; null: an unknown path. */
  readonly route: string | null;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

/** Requests of one client, account or network in `window` seconds; 0: no limit. */
export type RateLimits = Readonly<Settings["rate_limits"]>;
export type RateLimitKind = Exclude<keyof RateLimits, "window">;

/** The remaining requests within a limit. */
export interface Quota {
  readonly kind: RateLimitKind;
  readonly allowed: boolean;
  readonly limit: number;
  readonly window: number;
  /** The value of the header `RateLimit-Policy`. */
  readonly policy: string;
  readonly left: number;
  /** Seconds until one more request is allowed, and until all are. */
  readonly retry_after: number;
  readonly full_in: number;
}
export interface RateLimiter {
  /** Null: no limit. */
  take(kind: RateLimitKind, name: string, ms: number): Quota | null;
}

/** What a request of the server is for. Each purpose has bounds of its own (http/outbound_bounds.ts). */
export type OutboundPurpose =
  | ("document" | "known_document" | "document_keys" | "sector" | "logo")
  | `${"client" | "operator"}_${"keys" | "object" | "logout"}`;

/** A request that the server makes itself. */
export interface OutboundRequest {
  readonly purpose: OutboundPurpose;
  readonly method?: "GET" | "POST";
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes of the answer. */
  readonly most_bytes?: number;
  /** The body of the answer is not read. */
  readonly status_only?: boolean;
}
export interface OutboundResponse {
  /** Never a redirect. The caller checks the status and the content type. */
  readonly status: number;
  /** @param name lower case */
  header(name: string): string | undefined;
  readonly body: Buffer;
}
/** The only way for requests that the server makes itself (http/outbound.ts). */
export interface Outbound {
  /** @throws OutboundError */
  request(url: string, request: OutboundRequest): Promise<OutboundResponse>;
}

/** How a document is asked for, where it is not in the cache. */
export interface Asking {
  /** Called before a request is made. If it throws, none is made. */
  readonly before?: (() => void) | undefined;
  /** Left out: that of the cache. */
  readonly purpose?: OutboundPurpose | undefined;
}

/** Documents of one kind that others publish, by address (fetched/document_cache.ts). */
export interface FetchedDocuments<T> {
  /** From the cache, or fetched. @throws Error that tells, for the log only, why there is none */
  get(url: string, asking?: Asking): Promise<T>;
  /** Fetched anew, unless that was tried less than `pace` seconds ago. */
  renewed(url: string, asking?: Asking & { pace?: number }): Promise<T>;
  /** The document in memory, even if it is no longer fresh. */
  held(url: string): T | null;
}
export interface Fetched {
  /** The keys at a `jwks_uri`, and the objects at a `request_uri`: apart, by those who chose the address. */
  readonly keys: Readonly<Record<ClientOrigin, FetchedDocuments<Jwks>>>;
  readonly objects: Readonly<Record<ClientOrigin, FetchedDocuments<Buffer>>>;
  /** Client ID Metadata Documents, by `client_id`. */
  readonly clients: FetchedDocuments<ClientMetadata>;
}

/** Credentials as a client sent them, not verified yet. */
export interface Presented {
  /** Null: the `client_id` parameter names the client. */
  readonly client_id: string | null;
  /** Secret, assertion, …; null: the client sends only its id. */
  readonly credential: string | null;
  /** Looks for newer keys of the client, where the request may cause that. Null: there are none. */
  readonly newerKeys?: () => Promise<Jwks | null>;
}

/** The proof of a client's identity, with its method. */
export interface ClientProof {
  readonly method: string;
  /** Marks a single-use proof as used. @throws OAuthError `invalid_client` for one that was used before */
  readonly use?: () => Promise<void>;
}

/** One way for a client to authenticate (OAuth 2.1 §2.4). */
export interface ClientAuthMethod {
  /** As in `token_endpoint_auth_methods_supported`. */
  readonly name: string;
  /** The registered methods that this one may replace. */
  readonly serves: readonly string[];
  /** Algorithms of its assertions; empty: it has no assertions. */
  readonly signing_algs: readonly string[];
  /**
   * Finds the credentials of this method; null: there are none.
   * @throws OAuthError `invalid_client` for unreadable credentials
   */
  present(request: Pick<OutboundResponse, "header">, params: Params): Presented | null;
  /**
   * @param client null: unknown. It must take the same time as for a known client.
   * @returns null: the credentials prove nothing
   * @throws OAuthError `invalid_client` when the client may learn the problem
   */
  prove(
    presented: Presented,
    client: ClientRecord | null,
    ctx: Context,
  ): ClientProof | null | Promise<ClientProof | null>;
}

/** The salt of pairwise subjects (keys/subject_salt.ts). */
export interface SubjectSalt {
  /**
   * Reads the salt. The process that keeps house makes it when there is none, and seals it anew after a change of the
   * server's secret. Safe to run on every node at any time: all of them get the same salt.
   * @throws KeysSealed when the salt is sealed under an unknown secret
   */
  load(how: { keeps_house: boolean }): Promise<void>;
  /** @throws Error before `load` */
  value(): Buffer;
}

export interface Server {
  readonly issuer: string;
  readonly catalogue: Catalogue;
  readonly settings: Settings;
  readonly store: CachedStore;
  readonly users: Users;
  readonly secrets: ServerSecrets;
  /** By purpose, the time for which an earlier secret is accepted. */
  readonly secret_bounds: Bounds;
  readonly subject_salt: SubjectSalt;
  /** Opened signing keys, as fresh as the store's cache. */
  readonly keys: () => Promise<readonly SigningKey[]>;
  /**
   * Makes the first keys of these algorithms, where there are none. Concurrent calls share one try.
   * @throws KeysSealed or DatabaseUnavailable
   */
  readonly addFirstKeys: (algs: readonly SigningAlg[]) => Promise<void>;
  readonly theme: Theme;
  /** Shown on the sign-in page, of the demo only; null: none. */
  readonly test_account: { readonly username: string; readonly password: string } | null;
  readonly languages: readonly Language[];
  readonly log: Log;
  readonly observer: Observer;
  readonly rate_limiter: RateLimiter;
  readonly outbound: Outbound;
  /** Null: mail is not configured, and features that need it are off. */
  readonly mail: Mailer | null;
  readonly fetched: Fetched;
  readonly ended_tokens: EndedTokens;
  /** Names of the features that are on (features.ts). */
  readonly features: ReadonlySet<string>;
  /** The kinds of proof that people can give here, in the order of the features. */
  readonly proof_kinds: readonly ProofKind[];
  /** The methods of client authentication that are on. */
  readonly client_auth: readonly ClientAuthMethod[];
  /** Accepted values of client metadata. */
  readonly accepted_metadata: AcceptedMetadata;
  /** The document about this server (RFC 8414 §2). */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Whether the server stops, and should get no more requests. */
  readonly isStopping: () => boolean;
  /** Runs new jobs now, and not when this server next looks for some. */
  readonly wakeJobs: () => void;
  /** The clock, in milliseconds since the epoch. */
  readonly clock: () => number;
  /** Measures the offset of the clock from the database's; null: the clock was given. */
  readonly database_clock: DatabaseClock | null;
}

export interface Context extends Server {
  /** Seconds since the epoch, read once when the request arrived. */
  readonly now: number;
  /** The same moment in milliseconds. */
  readonly now_ms: number;
  /** The store's epoch: grants and tokens of an earlier one no longer hold. */
  readonly epoch: number;
  /** Identifies this request in the log and on error pages. */
  readonly event_id: string;
  /** The IP address of the visitor or client, for limits. */
  readonly address: string;
  /** Set when limits are checked, and reported in the response. */
  readonly quotas?: { tightest: Quota | null };
}

type Arrival = Required<Pick<Context, "now_ms" | "event_id" | "address" | "quotas">>;

/**
 * The context of a request, before the epoch is known. Its members are written out, since a spread of so many takes
 * three times as long.
 */
export const requestContext = (
  server: Server,
  { now_ms, event_id, address, quotas }: Arrival,
): { -readonly [K in keyof Context]: Context[K] } => ({
  issuer: server.issuer,
  catalogue: server.catalogue,
  settings: server.settings,
  store: server.store,
  users: server.users,
  secrets: server.secrets,
  secret_bounds: server.secret_bounds,
  subject_salt: server.subject_salt,
  keys: server.keys,
  addFirstKeys: server.addFirstKeys,
  theme: server.theme,
  test_account: server.test_account,
  languages: server.languages,
  log: server.log,
  observer: server.observer,
  rate_limiter: server.rate_limiter,
  outbound: server.outbound,
  mail: server.mail,
  fetched: server.fetched,
  ended_tokens: server.ended_tokens,
  features: server.features,
  proof_kinds: server.proof_kinds,
  client_auth: server.client_auth,
  accepted_metadata: server.accepted_metadata,
  metadata: server.metadata,
  isStopping: server.isStopping,
  wakeJobs: server.wakeJobs,
  clock: server.clock,
  database_clock: server.database_clock,
  now: Math.floor(now_ms / 1000),
  now_ms,
  epoch: 0,
  event_id,
  address,
  quotas,
});

/**
 * The event of an action by a signed-in person or an authenticated client, never by a stranger. It is written in the
 * transaction of its change.
 */
export function audit(
  event: AuditEventName,
  audited: Audited,
  { now_ms, event_id, settings }: Pick<Context, "now_ms" | "event_id" | "settings">,
): AuditRecord {
  return auditEvent(
    event,
    { event_id, ...audited },
    { now_ms, retention: settings.audit.retention },
  );
}

/** Seconds after which a mark of last use is written again: seldom, and often enough to be correct. */
export const markEvery = (idle: number): number => Math.min(86_400, Math.ceil(idle / 10));

export function isSessionLive(
  { expires_at, seen_at, proofs }: Pick<SessionRecord, "expires_at" | "seen_at" | "proofs">,
  { sessions_end_before }: Pick<Person, "sessions_end_before">,
  { now, settings }: Pick<Context, "now" | "settings">,
): boolean {
  if (proofs.some(({ at }) => at < (sessions_end_before ?? 0))) return false;
  return expires_at > now && seen_at + settings.lifetimes.session_idle > now;
}
