/** The composition root: a configuration becomes a server that answers requests. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setupLink } from "./authentication/setup.ts";
import type { ClientInformation, ClientOptions } from "./clients/new_client.ts";
import { registerClient } from "./clients/register_in_code.ts";
import { type Config, type FullConfig, parseConfig } from "./config.ts";
import { type Log, type Observer, type Outbound, type Server, stderrLog } from "./context.ts";
import { type ServerSecrets, serverSecrets } from "./crypto/server_secret.ts";
import { dispatcher } from "./dispatch.ts";
import { type Feature, featuresOf } from "./features.ts";
import { fetchedDocuments } from "./fetched/fetched_documents.ts";
import { boundedLog } from "./http/bounded_log.ts";
import { fetchAdapter } from "./http/fetch_adapter.ts";
import { nodeAdapter } from "./http/node_adapter.ts";
import { createOutbound } from "./http/outbound.ts";
import { basePath } from "./http/paths.ts";
import { proxyTrust } from "./http/proxy.ts";
import { rateLimiter } from "./http/rate_limit.ts";
import { createRouter } from "./http/router.ts";
import { type SpentExchange, sharedRateLimiter } from "./http/shared_rate_limit.ts";
import { backgroundJobs } from "./jobs/jobs.ts";
import { tendSigningKeys } from "./jobs/signing_keys.ts";
import { firstKeys, keyring } from "./keys/keyring.ts";
import { subjectSalt } from "./keys/subject_salt.ts";
import { createMailer } from "./mail/mailer.ts";
import type { ClientMetadata } from "./oauth/client_metadata.ts";
import { settingHint } from "./oauth/hint.ts";
import { combineObservers } from "./observe/observer.ts";
import { type Tracing, tracingIfRegistered } from "./observe/tracing.ts";
import { offerOf, routesOf } from "./offer.ts";
import { languages } from "./pages/texts.ts";
import { createTheme } from "./pages/theme.ts";
import { builtInUsers } from "./people/built_in_users.ts";
import { type PeopleElsewhere, peopleElsewhere } from "./people/kept_elsewhere.ts";
import { sharePasswordsAmong } from "./people/password.ts";
import { boundsOf } from "./secret_bounds.ts";
import { cachedStore } from "./store/cached_store.ts";
import { databaseClock } from "./store/database_clock.ts";
import { otherSecrets } from "./store/key_file.ts";
import { observedStore, type StoreWatch } from "./store/observed_store.ts";
import {
  type GivenSecrets,
  type OpenedStore,
  openStore,
  type StoreConfig,
} from "./store/open_store.ts";
import type { Store } from "./store/store.ts";
import { endedTokens } from "./tokens/ended_tokens.ts";

export type { ClientInformation, ClientOptions, PeopleElsewhere };

/** Options that do not belong in a configuration file. */
export interface Runtime {
  /** 32 random bytes, base64url. Left out: `VALETKEY_SECRET`, else with SQLite the key file beside the database. */
  secret?: string;
  /** Earlier secrets: they only check values that were made with them. */
  previous_secrets?: readonly string[];
  /**
   * Earlier secrets that strangers may know: values that were made with them are refused or replaced
   * (docs/operations.md).
   */
  leaked_secrets?: readonly string[];
  /** Milliseconds since the epoch. Left out: the clock of this machine, corrected by the database's. */
  clock?: () => number;
  log?: Log;
  /** A store of your own. Left out: the one that `database` names. */
  store?: Store;
  /** Observe events, for example for `metrics`, and the operations of the store. */
  observers?: readonly Observer[];
  store_watches?: readonly StoreWatch[];
  /** Shown on the sign-in page: for demos. */
  test_account?: { username: string; password: string };
  /**
   * Makes the server's own requests. Left out: to public addresses only, and to loopback with `allow_private_fetch`.
   */
  outbound?: Outbound;
  /** Of the user in `mail.smtp`. Left out: `VALETKEY_SMTP_PASSWORD`. */
  smtp_password?: string;
  /** Removes or adds features, for tests. */
  features?: (on: readonly Feature[]) => readonly Feature[];
  /** The role of this process among several of one node. Left out: it is the only one. */
  role?: ProcessRole;
}

export interface ProcessRole {
  open(config: StoreConfig, given: GivenSecrets): OpenedStore;
  /** Whether it runs the sweep, the schedule of signing keys and stored jobs. */
  keeps_house: boolean;
  /** The number of processes that answer requests on this machine. */
  workers: number;
  /** Reports accepted requests to the others, for rate limits. Left out: it answers no requests. */
  spent?: SpentExchange;
}

export interface AuthorizationServer {
  readonly issuer: string;
  readonly config: FullConfig;
  /** Resolves when database, keys and jobs are ready; rejects with the error. Requests are queued until then. */
  readonly ready: Promise<void>;
  /** Answers a web-standard request. `address`: IP address of the client, for limits and logs. */
  fetch(request: Request, peer?: { address?: string | undefined }): Promise<Response>;
  /** A `node:http` listener. */
  node(request: IncomingMessage, response: ServerResponse): void;
  /**
   * Registers a client, as `valetkey client add` does. Takes RFC 7591 metadata, and returns them with id and secret.
   * The secret is not stored: only this result holds it.
   * @throws OAuthError that names the wrong member
   */
  registerClient(
    metadata: Partial<ClientMetadata>,
    options?: ClientOptions,
  ): Promise<ClientInformation>;
  /** For an app that keeps its own people: it tells here of what it has changed itself (docs/embedding.md). */
  readonly people: PeopleElsewhere;
  /** One-time link to create the first administrator, while there is no account. */
  setupLink(): Promise<string | null>;
  /** Makes `/readyz` answer 503, and begins no more jobs. Requests are answered until `close`. */
  drain(): void;
  /** Waits up to 5 s for running jobs, and closes the database. Requests in flight should be finished first. */
  close(): Promise<void>;
  /** The parts of the server, for commands and tests. */
  readonly server: Server;
}

/**
 * An authorization server, ready to be mounted: RFC 6749, OpenID Connect Core.
 *
 * @example
 * const server = createAuthorizationServer({ issuer: "https://id.example.com" });
 * const response = await server.fetch(new Request("https://id.example.com/jwks"));
 * @throws ConfigError, BadSecret or DatabaseError when the configuration can't be used
 */
export function createAuthorizationServer(
  config: Config = {},
  given: Runtime = {},
): AuthorizationServer {
  const full = parseConfig(config);
  const tracing = tracingIfRegistered();
  const runtime = tracing ? observedBy(tracing, given) : given;
  const opened = runtime.store
    ? { store: runtime.store, secrets: secretsFrom(runtime) }
    : (runtime.role?.open ?? openStore)(full, runtime);
  if (runtime.role) sharePasswordsAmong(runtime.role.workers);
  let stopping = false;
  const features = featuresIn(full, runtime);
  const wakeJobs = () => jobs.wake();
  const server = { ...assemble(full, runtime, opened), isStopping: () => stopping, wakeJobs };
  const { store, secrets, clock, database_clock, log } = server;
  const keeps_house = runtime.role?.keeps_house ?? true;
  const jobs = backgroundJobs(server, { keeps_house });
  const ready = start();
  // An unhandled rejection here must not crash the process: those who need the outcome await it.
  ready.catch(() => {});
  const plain = dispatcher(server, createRouter(routesOf(features, full.issuer)));
  const dispatch = tracing?.traced(plain) ?? plain;
  let is_ready = false;
  // An embedding app may pass requests on before the database is open.
  const whenReady: typeof dispatch = (request) =>
    is_ready ? dispatch(request) : ready.then(() => dispatch(request));
  const rim = rimOf(full, server);

  async function start(): Promise<void> {
    await store.migrate();
    await database_clock?.measure();
    if (keeps_house) {
      await store.noteSecret(secrets.current.secret_id, Math.floor(clock() / 1000));
      await tendSigningKeys(server);
    }
    await server.subject_salt.load({ keeps_house });
    await store.currentState();
    if (keeps_house && full.legacy_grants) log.warn("legacy grants are on", LEGACY_GRANTS);
    jobs.start();
    is_ready = true;
  }

  return {
    issuer: full.issuer,
    config: full,
    ready,
    fetch: fetchAdapter(whenReady, rim),
    node: nodeAdapter(whenReady, rim),
    registerClient: (metadata, options = {}) =>
      ready.then(() => registerClient(server, metadata, options)),
    people: peopleElsewhere(server, ready),
    async setupLink() {
      await ready;
      const { epoch } = await store.currentState();
      return setupLink(server, { now: Math.floor(clock() / 1000), epoch });
    },
    drain() {
      stopping = true;
      void jobs.stop();
    },
    async close() {
      stopping = true;
      await ready.catch(() => {});
      await jobs.stop();
      await server.mail?.settle();
      await store.close();
    },
    server,
  };
}

function observedBy({ observer, store_watch }: Tracing, runtime: Runtime): Runtime {
  const { observers = [], store_watches = [] } = runtime;
  return {
    ...runtime,
    observers: [...observers, observer],
    store_watches: [...store_watches, store_watch],
  };
}

/** What the adapters need, before a request becomes a value. */
const rimOf = ({ issuer, limits, trust_proxy }: FullConfig, { log, observer }: Server) => ({
  ...{ base: basePath(issuer), limits, trust: proxyTrust(trust_proxy) },
  ...{ log, observer },
});

const featuresIn = (config: FullConfig, { features = (on) => on }: Runtime): readonly Feature[] =>
  features(featuresOf(config));

/** The parts of a server around an open store. It starts nothing. */
export function assemble(
  config: FullConfig,
  { clock: given, log = stderrLog, test_account, role, ...runtime }: Runtime,
  { store: opened, secrets }: { store: Store; secrets: ServerSecrets },
): Server {
  const { issuer, scopes, resources } = config;
  const plain = observedStore(opened, runtime.store_watches ?? []);
  const store = cachedStore(plain, () => performance.now());
  const database_clock = given ? null : databaseClock(plain);
  const clock = given ?? database_clock?.now ?? Date.now;
  const described = {
    catalogue: { issuer, scopes, resources },
    settings: config,
    languages: languages(config.texts),
  };
  const quiet = boundedLog(log);
  const outbound = runtime.outbound ?? createOutbound(config);
  const fetching = { outbound, clock, log: quiet };
  const offer = offerOf(featuresIn(config, runtime), described);
  return {
    issuer,
    ...described,
    store,
    users: config.users ?? builtInUsers(store, clock),
    secrets,
    secret_bounds: boundsOf(config),
    subject_salt: subjectSalt(store, secrets),
    keys: keyring(store, secrets),
    addFirstKeys: firstKeys({ store, secrets, clock }),
    theme: createTheme(config.theme),
    log: quiet,
    observer: combineObservers(runtime.observers ?? []),
    rate_limiter: role?.spent
      ? sharedRateLimiter(config.rate_limits, role.spent, clock)
      : rateLimiter(config.rate_limits),
    outbound,
    mail: createMailer(config, { ...runtime, clock, log: quiet }),
    ended_tokens: endedTokens(store, () => performance.now()),
    fetched: fetchedDocuments({ ...fetching, settings: config, ...offer }),
    ...offer,
    isStopping: () => false,
    wakeJobs() {},
    clock,
    database_clock,
    test_account: test_account ?? null,
  };
}

/** OAuth 2.1 §10.1 leaves them out. */
const LEGACY_GRANTS = {
  why: "clients that are registered for them get tokens in addresses, or take passwords of people",
  ...settingHint("legacy_grants"),
};

function secretsFrom({ secret, ...given }: Runtime): ServerSecrets {
  const current = secret ?? process.env.VALETKEY_SECRET;
  if (current === undefined)
    throw new Error("a store of your own needs a secret: pass one, or set VALETKEY_SECRET");
  return serverSecrets(current, otherSecrets(given));
}
