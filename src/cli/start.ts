/** `valetkey start` */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Command } from "commander";
import type { Log } from "../context.ts";
import { createLog, gatheredOutput } from "../node/log.ts";
import { type Running, serve } from "../node/serve.ts";
import { databaseExists, keyFileOf, parseDatabase, shownDatabase } from "../store/open_store.ts";
import { complete, parsePort, parseWorkers } from "./command.ts";
import { sayMade } from "./database.ts";
import { print, say, warn } from "./output.ts";
import { warnIfOpen } from "./secret_file.ts";
import { readSettings, type ServerFlags, type Settings } from "./settings.ts";
import { stopSignal } from "./signal.ts";

export function declareStart(command: Command): void {
  command
    .description(
      "Run the server until SIGTERM or SIGINT. Logs go to stdout: JSON lines, or calm ones on a terminal.",
    )
    .option("--port <number>", "port (default: 4000)", parsePort)
    .option("--host <address>", "address to listen on (default: localhost)")
    .option("--tls-cert <file>", "serve https with this certificate (PEM, with intermediates)")
    .option("--tls-key <file>", "its key; both are read again when they change")
    .option("--metrics <host:port>", "serve /metrics for Prometheus there (default: nowhere)")
    .option("--workers <number>", "processes that answer, or auto (default: 1)", parseWorkers)
    .option(
      "--allow-private-fetch",
      "requests of the server itself may reach this computer (for development)",
    )
    .option("--issuer <url>", "how people and apps reach it (default: http://localhost:PORT)");
  complete<ServerFlags>(
    command,
    [
      "valetkey start",
      "valetkey start --issuer https://id.example.com --config valetkey.config.ts",
    ],
    start,
  );
}

async function start(flags: ServerFlags): Promise<void> {
  const settings = await readSettings(flags);
  const { full, secrets } = settings;
  const json = flags.json === true || !process.stdout.isTTY;
  const log = createLog({ json, write: gatheredOutput((text) => process.stdout.write(text)) });
  const { database } = full;
  const address = parseDatabase(database);
  const in_memory = database === "sqlite::memory:";
  // Checked before the server creates it. The server reports a PostgreSQL that is away.
  const fresh = !in_memory && !(await databaseExists(database).catch(() => true));
  // A signal during the start stops the server as well.
  const stopping = stopSignal();
  const running = await run(settings, { json, log });

  if (settings.config_file === null) sayUnused();
  const keeps_key = address.kind === "sqlite" && secrets.secret === undefined;
  if (fresh) sayMade(database, secrets.secret !== undefined);
  else if (keeps_key) warnIfOpen(keyFileOf(address.path));
  if (full.issuer.startsWith("https:") && !full.tls && full.trust_proxy.length === 0)
    warn(
      "issuer is https, and trust_proxy is empty: pages open only behind a proxy that is listed there",
    );
  if (full.allow_private_fetch)
    warn(
      "allow_private_fetch is on: addresses that clients give may lead to this computer; it is for development only",
    );
  const { mode, allowed_redirect_hosts } = full.registration;
  if (mode === "open" && allowed_redirect_hosts.includes("*"))
    warn(
      "registration is open for every https host: anybody can register an app that asks people for access, under any name",
    );
  if (json) logListening(running, log, database);
  else announce(running, settings);
  await sayHowToBegin(running);

  const signal = await stopping;
  log.info("stopping", { signal });
  await running.stop();
  log.info("stopped");
  // Open handles of a configuration's code must not keep the process alive.
  setTimeout(() => process.exit(), 500).unref();
}

async function run(
  { config, full, secrets, config_file }: Settings,
  { json, log }: { json: boolean; log: Log },
): Promise<Running> {
  const workers = full.workers === "auto" ? availableParallelism() : full.workers;
  if (workers === 1) return serve(config, { ...secrets, log });
  const { serveWithWorkers } = await import("../node/serve_with_workers.ts");
  const program = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
  const entry = new URL(program, import.meta.url);
  return serveWithWorkers(config, { workers, entry, config_file, secrets, json, log });
}

/** A file with the usual name that lies here was probably meant. */
function sayUnused(): void {
  const found = ["ts", "js", "json"]
    .map((ending) => `valetkey.config.${ending}`)
    .find((name) => existsSync(name));
  if (found !== undefined) say(`${found} is here, and is not used without --config ${found}`);
}

/** Never logs the password in the address of the database. */
function logListening(
  { address, metrics_address, server }: Running,
  log: Log,
  database: string,
): void {
  const { issuer } = server;
  const metrics = metrics_address === null ? {} : { metrics: metrics_address };
  log.info("listening", { address, issuer, database: shownDatabase(database), ...metrics });
}

function announce(
  { address, metrics_address, server }: Running,
  { full, config_file }: Settings,
): void {
  print("");
  print(`  Valetkey is ready at ${server.issuer}`);
  print("");
  if (address !== server.issuer) print(`  listens on  ${address}`);
  print(`  database    ${shownDatabase(full.database)}`);
  if (metrics_address !== null) print(`  metrics     ${metrics_address}`);
  if (config_file !== null) print(`  settings    ${config_file}`);
  print("");
}

/** On stderr: the link creates an administrator, so it must not be in a log. */
async function sayHowToBegin({ server }: Running): Promise<void> {
  const link = await server.setupLink();
  if (link === null) return;
  say("There is no account yet. Create the administrator here, once, within a day:");
  say("");
  say(`  ${link}`);
  say("");
}
