/** What every request is answered with: the server's parts, and the one moment that holds for the request. */
import type { Settings } from "./config_schema.ts";
import type { Bounds, ServerSecrets } from "./crypto/server_secret.ts";
import type { SigningKey } from "./crypto/signing_key.ts";
import type { AcceptedMetadata } from "./oauth/client_metadata.ts";
import type { Params } from "./oauth/params.ts";
import type { Catalogue } from "./oauth/resource_indicator.ts";
import type { Language } from "./pages/texts.ts";
import type { Theme } from "./pages/theme.ts";
import type { Person, Users } from "./people/users.ts";
import { type AuditEventName, type Audited, type AuditRecord, auditEvent } from "./store/audit.ts";
import type { CachedStore } from "./store/cached_store.ts";
import type { DatabaseClock } from "./store/database_clock.ts";
import type { ClientRecord, SessionRecord } from "./store/records.ts";

/** JSON lines in production; never holds a secret. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
/** A log that says nothing. */
export const silentLog: Log = { info() {}, warn() {}, error() {} };
/** For embedding without a log: failures and warnings go to stderr, one JSON line each. */
export const stderrLog: Log = {
  info() {},
  warn: (event, fields) =>
    console.error(JSON.stringify({ valetkey: event, level: "warn", ...fields })),
  error: (event, fields) =>
    console.error(JSON.stringify({ valetkey: event, level: "error", ...fields })),
};
export type LogFields = Readonly<Record<string, unknown>>;

/** Hears what happens, for metrics and traces. On the hot path: it is quick, and never throws. */
export interface Observer {
  answered(answer: Answered): void;
  issued(grant_type: string, client_id: string): void;
  /** @param error a code of OAuth, or the kind of a page */
  refused(error: string): void;
}
export interface Answered {
  readonly event_id: string;
  /** The pattern of its route, such as `/account/apps/{client_id}`; null: none of ours. */
  readonly route: string | null;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

/** Requests of one client, account or network in `window` seconds; 0: no limit. */
export type RateLimits = Readonly<Settings["rate_limits"]>;
export type RateLimitKind = Exclude<keyof RateLimits, "window">;

/** What is left to one of them. */
export interface Quota {
  readonly kind: RateLimitKind;
  readonly allowed: boolean;
  readonly limit: number;
  readonly window: number;
  readonly left: number;
  /** Seconds until there is one again, and until there are all. */
  readonly retry_after: number;
  readonly full_in: number;
}
export interface RateLimiter {
  /** Null: no limit. */
  take(kind: RateLimitKind, name: string, ms: number): Quota | null;
}

/** A request that the server makes itself. */
export interface OutboundRequest {
  readonly method?: "GET" | "POST";
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes of the answer. */
  readonly most_bytes?: number;
}
export interface OutboundResponse {
  /** Never a redirect. The caller judges the status and the content type. */
  readonly status: number;
  /** @param name lower case */
  header(name: string): string | undefined;
  readonly body: Buffer;
}
/** The one door for requests that the server makes itself (http/outbound.ts). */
export interface Outbound {
  /** @throws OutboundError */
  request(url: string, request?: OutboundRequest): Promise<OutboundResponse>;
}

/** The headers of a request. */
interface Headed {
  /** @param name lower case */
  header(name: string): string | undefined;
}

/** Credentials as a client sent them, before anything of them is believed. */
export interface Presented {
  /** Null: it is the request's own `client_id`. */
  readonly client_id: string | null;
  /** Secret, assertion, …; null: the client only names itself. */
  readonly credential: string | null;
}

/** That a client is who it says, by which method. */
export interface ClientProof {
  readonly method: string;
  /** Marks a proof that counts once as used. @throws OAuthError `invalid_client` for one that was used before */
  readonly use?: () => Promise<void>;
}

/** One way for a client to authenticate (OAuth 2.1 §2.4). */
export interface ClientAuthMethod {
  /** As in `token_endpoint_auth_methods_supported`. */
  readonly name: string;
  /** The registered methods that this one may stand for. */
  readonly serves: readonly string[];
  /** Algorithms that its assertions may be signed with; empty: it has none. */
  readonly signing_algs: readonly string[];
  /**
   * Finds what belongs to this method; null: nothing does.
   * @throws OAuthError `invalid_client` for what can't be read
   */
  present(request: Headed, params: Params): Presented | null;
  /**
   * @param client null: there is none of this name. It takes as long as for one that exists.
   * @returns null: the credentials prove nothing
   * @throws OAuthError `invalid_client` where the client can be told what is wrong
   */
  prove(
    presented: Presented,
    client: ClientRecord | null,
    ctx: Context,
  ): ClientProof | null | Promise<ClientProof | null>;
}

export interface Server {
  readonly issuer: string;
  readonly catalogue: Catalogue;
  readonly settings: Settings;
  readonly store: CachedStore;
  readonly users: Users;
  readonly secrets: ServerSecrets;
  /** How long an earlier secret is accepted, by purpose. */
  readonly secret_bounds: Bounds;
  /** Signing keys, opened; as fresh as the store's cache. */
  readonly keys: () => Promise<readonly SigningKey[]>;
  readonly theme: Theme;
  /** Shown on the sign-in page: the demo only. */
  readonly test_account?: { readonly username: string; readonly password: string };
  readonly languages: readonly Language[];
  readonly log: Log;
  readonly observer: Observer;
  readonly rate_limiter: RateLimiter;
  readonly outbound: Outbound;
  /** Names of the features that are on (features.ts). */
  readonly features: ReadonlySet<string>;
  /** How clients may authenticate. */
  readonly client_auth: readonly ClientAuthMethod[];
  /** Values that clients may be registered with. */
  readonly accepted_metadata: AcceptedMetadata;
  /** The document about this server (RFC 8414 §2). */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** No new requests should be sent here. */
  readonly isStopping: () => boolean;
  /** The clock, in milliseconds since the epoch. */
  readonly clock: () => number;
  /** How far it is off the database's, and measuring that; null: the clock was given. */
  readonly database_clock: DatabaseClock | null;
}

export interface Context extends Server {
  /** Seconds since the epoch, read once when the request arrived. */
  readonly now: number;
  /** The same moment in milliseconds. */
  readonly now_ms: number;
  /** The store's epoch: what was made in an earlier one no longer holds. */
  readonly epoch: number;
  /** Names this request in the log and, where it was refused, on the page. */
  readonly event_id: string;
  /** Filled in where limits are looked at; the answer tells of it. */
  readonly quotas?: { tightest: Quota | null };
}

/**
 * The event of what a signed-in person did, or a client that proved itself; never of what a stranger did. It is written
 * in the transaction of the change that it is about.
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

/** How old (seconds) a mark of last use may get before it is written: rarely, and often enough to be right. */
export const markEvery = (idle: number): number => Math.min(86_400, Math.ceil(idle / 10));

export function isSessionLive(
  { expires_at, seen_at, proofs }: Pick<SessionRecord, "expires_at" | "seen_at" | "proofs">,
  { sessions_end_before }: Pick<Person, "sessions_end_before">,
  { now, settings }: Pick<Context, "now" | "settings">,
): boolean {
  if (proofs.some(({ at }) => at < (sessions_end_before ?? 0))) return false;
  return expires_at > now && seen_at + settings.lifetimes.session_idle > now;
}
