/** Metrics for Prometheus. Loaded only when metrics are configured. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Answered, Observer, Server } from "../context.ts";
import type { Mailer } from "../mail_sender.ts";
import { passwordQueue } from "../people/password.ts";
import type { StoreWatch } from "../store/observed_store.ts";

export interface Metrics {
  observer: Observer;
  store_watch: StoreWatch;
  /** Adds gauges that are read at each scrape: keys, queues. */
  watch(server: Server): void;
  /** The same for the processes of this node. */
  watchWorkers(workers: Workers): void;
  /** In the text format of Prometheus. */
  render(): Promise<{ type: string; text: string }>;
  /** All metrics as plain values for another process. */
  snapshot(): Promise<Snapshot>;
}

export interface Workers {
  alive(): number;
  /** The number of workers that ended unexpectedly. */
  ended(): number;
}

export type Snapshot = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

/** Seconds: from the time of a signature to that of a request that everybody gives up. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const METHODS = new Set(["GET", "POST", "HEAD", "OPTIONS"]);
/** The first clients have a label of their own; later ones are counted together. */
const MOST_CLIENTS = 500;

export function createMetrics(): Metrics {
  const registers = [new Registry()];
  const [registry = new Registry()] = registers;
  collectDefaultMetrics({ register: registry, prefix: "valetkey_" });
  return {
    observer: countRequests(registers),
    store_watch: timeDatabase(registers),
    watch(server) {
      gaugeServer(registers, server);
      if (server.mail) gaugeMail(registers, server.mail);
    },
    watchWorkers: (workers) => gaugeWorkers(registers, workers),
    render: async () => ({ type: registry.contentType, text: await registry.metrics() }),
    snapshot: () => registry.getMetricsAsJSON(),
  };
}

function countRequests(registers: Registry[]): Observer {
  const requests = new Counter({
    name: "valetkey_requests_total",
    help: "Requests answered.",
    labelNames: ["route", "method", "status"],
    registers,
  });
  const duration = new Histogram({
    name: "valetkey_request_duration_seconds",
    help: "From the arrival of a request to its answer.",
    labelNames: ["route"],
    buckets: BUCKETS,
    registers,
  });
  const tokens = new Counter({
    name: "valetkey_tokens_issued_total",
    help: `Token responses. Clients beyond the first ${MOST_CLIENTS} are "other".`,
    labelNames: ["grant_type", "client_id"],
    registers,
  });
  const refusals = new Counter({
    name: "valetkey_refusals_total",
    help: "Requests refused, by OAuth error code or kind of page.",
    labelNames: ["error"],
    registers,
  });
  const nameOf = bounded(MOST_CLIENTS);
  return {
    answered({ route: found, method: sent, status, seconds }: Answered) {
      // Strangers choose unknown paths and methods, so neither becomes a label.
      const route = found ?? "none";
      const method = METHODS.has(sent) ? sent : "other";
      requests.inc({ route, method, status });
      duration.observe({ route }, seconds);
    },
    issued: (grant_type, client_id) => tokens.inc({ grant_type, client_id: nameOf(client_id) }),
    refused: (error) => refusals.inc({ error }),
  };
}

function bounded(most: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= most) return "other";
    known.add(name);
    return name;
  };
}

function timeDatabase(registers: Registry[]): StoreWatch {
  const duration = new Histogram({
    name: "valetkey_database_duration_seconds",
    help: "Operations of the database, with the wait for a connection.",
    labelNames: ["operation"],
    buckets: BUCKETS,
    registers,
  });
  const failures = new Counter({
    name: "valetkey_database_failures_total",
    help: "Failed operations of the database.",
    labelNames: ["operation"],
    registers,
  });
  const pending = new Gauge({
    name: "valetkey_database_pending",
    help: "Operations in progress or waiting for a connection.",
    registers,
  });
  return (operation) => {
    const began = performance.now();
    pending.inc();
    return (error) => {
      pending.dec();
      duration.observe({ operation }, (performance.now() - began) / 1000);
      if (error !== null) failures.inc({ operation });
    };
  };
}

function gaugeServer(registers: Registry[], { store, clock, database_clock }: Server): void {
  new Gauge({
    name: "valetkey_password_queue",
    help: "Passwords that are being checked, or wait for it.",
    labelNames: ["state"],
    registers,
    collect() {
      for (const [state, count] of Object.entries(passwordQueue())) this.set({ state }, count);
    },
  });
  new Gauge({
    name: "valetkey_signing_key_age_seconds",
    help: "Age of each signing key that is not withdrawn.",
    labelNames: ["kid", "alg"],
    aggregator: "max",
    registers,
    async collect() {
      this.reset();
      // While the database is away the other metrics are still useful.
      const keys = await store.listSigningKeys().catch(() => []);
      for (const { kid, alg, created_at, retired_at } of keys)
        if (retired_at === null) this.set({ kid, alg }, Math.floor(clock() / 1000) - created_at);
    },
  });
  new Gauge({
    name: "valetkey_clock_offset_seconds",
    help: "Offset of the database's clock from that of this machine.",
    aggregator: "average",
    registers,
    collect() {
      this.set((database_clock?.offset() ?? 0) / 1000);
    },
  });
}

function gaugeMail(registers: Registry[], mail: Mailer): void {
  new Counter({
    name: "valetkey_visitor_mails_total",
    help: "Mails with codes that visitors asked for: sent, or lost after all tries.",
    labelNames: ["outcome"],
    registers,
    collect() {
      const { sent, lost } = mail.counts();
      this.reset();
      this.inc({ outcome: "sent" }, sent);
      this.inc({ outcome: "lost" }, lost);
    },
  });
  new Gauge({
    name: "valetkey_visitor_mails_waiting",
    help: "Such mails that are not sent yet.",
    registers,
    collect() {
      this.set(mail.counts().waiting);
    },
  });
}

function gaugeWorkers(registers: Registry[], { alive, ended }: Workers): void {
  new Gauge({
    name: "valetkey_workers",
    help: "Worker processes that answer requests.",
    registers,
    collect() {
      this.set(alive());
    },
  });
  new Counter({
    name: "valetkey_worker_ends_total",
    help: "Worker processes that ended unexpectedly; each is replaced.",
    registers,
    collect() {
      this.reset();
      this.inc(ended());
    },
  });
}
