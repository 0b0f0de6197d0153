/** The settings of a command: flags win over VALETKEY_ variables, these over the configuration file. */
import { type Config, ConfigError, type FullConfig, parseConfig, together } from "../config.ts";
import { nearest } from "../config_keys.ts";
import type { GivenSecrets } from "../store/open_store.ts";
import type { CommonFlags } from "./command.ts";
import { readConfigFile } from "./config_file.ts";
import { warn } from "./output.ts";
import { readSecrets } from "./secret_file.ts";

export interface Settings {
  /** As written, merged. */
  config: Config;
  /** Checked, with every default. */
  full: FullConfig;
  secrets: GivenSecrets;
  /** Null: there is none, so its settings, such as scopes, are unknown here. */
  config_file: string | null;
}

export interface ServerFlags extends CommonFlags {
  issuer?: string;
  host?: string;
  port?: number;
  tlsCert?: string;
  tlsKey?: string;
  metrics?: string;
  workers?: number | "auto";
  allowPrivateFetch?: boolean;
}

const TLS_VARIABLES = "VALETKEY_TLS_CERT and VALETKEY_TLS_KEY";

type Environment = Readonly<Record<string, string | undefined>>;

/** Every variable of the environment that is read. */
export const VARIABLES: ReadonlySet<string> = new Set(
  (
    "VALETKEY_ISSUER VALETKEY_HOST VALETKEY_PORT VALETKEY_DATABASE VALETKEY_TRUST_PROXY VALETKEY_WORKERS " +
    "VALETKEY_METRICS VALETKEY_SMTP_PASSWORD VALETKEY_TLS_CERT VALETKEY_TLS_KEY VALETKEY_CONFIG VALETKEY_SECRET VALETKEY_SECRET_PREVIOUS VALETKEY_SECRET_LEAKED"
  ).split(" "),
);

/**
 * Kubernetes sets variables of these names in every container of a namespace with a Service `valetkey` (or
 * `valetkey-metrics`, …); Docker links do the same.
 */
const SERVICE_LINK =
  /^VALETKEY(_[A-Z\d_]+)?_(SERVICE_(HOST|PORT)(_[A-Z\d_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)?|NAME)$/;
/** The value of such a `VALETKEY_PORT`: `tcp://10.0.0.5:4000`. */
const isLink = (value: string): boolean => value.includes("://");

function unknownVariable(name: string): string {
  const near = nearest(name, [...VARIABLES]);
  const meant = near === null ? "" : `: did you mean ${near}?`;
  return `${name} is not a variable that valetkey knows${meant}`;
}

/** @throws ConfigError or CliError that names the problem and its place */
export async function readSettings(
  flags: ServerFlags,
  env: Environment = process.env,
): Promise<Settings> {
  for (const name of Object.keys(env))
    if (name.startsWith("VALETKEY_") && !VARIABLES.has(name) && !SERVICE_LINK.test(name))
      warn(unknownVariable(name));
  const config_file = flags.config ?? (env.VALETKEY_CONFIG || null);
  const problems: ConfigError[] = [];
  const found: Found = (read, otherwise) => {
    try {
      return read();
    } catch (cause) {
      if (!(cause instanceof ConfigError)) throw cause;
      problems.push(cause);
      return otherwise;
    }
  };
  const written = config_file === null ? {} : await readConfigFile(config_file);
  if (config_file !== null) found(() => checkFile(config_file, written), null);
  const { issuer, host, port, database, metrics, workers } = flags;
  const config: Config = {
    ...written,
    ...fromEnvironment(unset(env, { VALETKEY_PORT: port, VALETKEY_WORKERS: workers }), found),
    ...(issuer !== undefined && { issuer }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(database !== undefined && { database }),
    ...(metrics !== undefined && { metrics }),
    ...(workers !== undefined && { workers }),
    ...(flags.allowPrivateFetch && { allow_private_fetch: true }),
    ...found(() => tlsFrom(flags.tlsCert, flags.tlsKey, "--tls-cert and --tls-key"), {}),
  };
  // The whole is judged when each part of it is right: else it would be said what follows from that.
  if (problems.length > 0) throw together(problems);
  const full = parseConfig(config);
  return { config, full, secrets: readSecrets(flags.secretFile, env), config_file };
}

/** Reads a part; what is wrong with it is noted, and reading goes on with another value. */
type Found = <T>(read: () => T, otherwise: T) => T;

/** Leaves out variables whose flag is given, since the flag wins even over an invalid variable. */
const unset = (env: Environment, given: Readonly<Record<string, unknown>>): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => given[name] === undefined));

function tlsFrom(
  cert: string | undefined,
  key: string | undefined,
  names: string,
): Pick<Config, "tls"> {
  if (!cert && !key) return {};
  if (!cert || !key)
    throw new ConfigError(
      `${names} belong together`,
      "name both files: the certificate with its intermediates, and its key",
    );
  return { tls: { cert, key } };
}

/** Checked alone first, so that an error of the file names the file. */
function checkFile(file: string, written: Config): void {
  try {
    parseConfig(written);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new ConfigError(`${file}: ${cause.message}`, cause.hint);
  }
}

/** The keys with a single value; an empty variable counts as not set. */
function fromEnvironment(env: Environment, found: Found): Config {
  const { VALETKEY_ISSUER, VALETKEY_HOST, VALETKEY_DATABASE, VALETKEY_METRICS } = env;
  const { VALETKEY_PORT, VALETKEY_TRUST_PROXY, VALETKEY_WORKERS } = env;
  return {
    ...(VALETKEY_ISSUER && { issuer: VALETKEY_ISSUER }),
    ...(VALETKEY_HOST && { host: VALETKEY_HOST }),
    ...(VALETKEY_DATABASE && { database: VALETKEY_DATABASE }),
    ...(VALETKEY_METRICS && { metrics: VALETKEY_METRICS }),
    ...(VALETKEY_PORT &&
      !isLink(VALETKEY_PORT) &&
      found<Config>(() => ({ port: portFrom(VALETKEY_PORT) }), {})),
    ...(VALETKEY_WORKERS && found<Config>(() => ({ workers: workersFrom(VALETKEY_WORKERS) }), {})),
    ...(VALETKEY_TRUST_PROXY && {
      trust_proxy: VALETKEY_TRUST_PROXY.split(",")
        .map((entry) => entry.trim())
        .filter(Boolean),
    }),
    ...found(() => tlsFrom(env.VALETKEY_TLS_CERT, env.VALETKEY_TLS_KEY, TLS_VARIABLES), {}),
  };
}

function portFrom(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new ConfigError(
      `VALETKEY_PORT: ${text} is not a port`,
      "a port is a number from 0 to 65535",
    );
  return Number(text);
}

function workersFrom(text: string): number | "auto" {
  if (text === "auto") return text;
  if (!/^\d{1,3}$/.test(text))
    throw new ConfigError(
      `VALETKEY_WORKERS: ${text} is not a number of processes`,
      "write a number from 1 on, or auto for one per core",
    );
  return Number(text);
}
