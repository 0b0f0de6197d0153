/** Configuration: its keys, their defaults, and what is checked at start (contract, “Config”). */
import { z } from "zod";
import { proxyTrust } from "./http/proxy.ts";
import { isOpenIdScope, isScopeToken } from "./oauth/scope.ts";
import { checkTextOverrides, type TextOverrides } from "./pages/texts.ts";
import { createTheme, type ThemeOptions } from "./pages/theme.ts";
import type { Users } from "./people/users.ts";

const seconds = (otherwise: number) => z.int().min(1).max(3_155_760_000).default(otherwise);
const count = (otherwise: number) => z.int().min(1).max(1_000_000_000).default(otherwise);
const rate = (otherwise: number) => z.int().min(0).max(1_000_000_000).default(otherwise);
/** Far more than pay off: of SQLite one process writes, of PostgreSQL each holds connections. */
const MOST_WORKERS = 64;

const resource = z.strictObject({
  name: z.string().min(1),
  scopes: z.array(z.string()).default([]),
  access_token: z.enum(["jwt", "opaque"]).default("jwt"),
  open: z.boolean().default(false),
});

/** Each key, its default and its bounds; docs/configuration.md explains them. */
export const schema = z.strictObject({
  issuer: z.string().optional(),
  port: z.int().min(0).max(65_535).default(4000),
  host: z.string().min(1).default("127.0.0.1"),
  database: z.string().min(1).default("sqlite:valetkey.sqlite"),
  tls: z.strictObject({ cert: z.string().min(1), key: z.string().min(1) }).optional(),
  metrics: z.string().optional(),
  workers: z
    .union([z.literal("auto"), z.int().min(1).max(MOST_WORKERS)], {
      error: `must be a whole number from 1 to ${MOST_WORKERS}, or "auto"`,
    })
    .default(1),
  trust_proxy: z.array(z.string()).default([]),
  scopes: z.record(z.string(), z.string().min(1)).default({}),
  resources: z.record(z.string(), resource).default({}),
  acr_values: z.array(z.string().min(1)).default([]),
  lifetimes: z
    .strictObject({
      authorization_code: seconds(60),
      access_token: seconds(600),
      id_token: seconds(3600),
      authorization_request: seconds(3600),
      // Known, so that one file serves every version; nothing uses these two yet.
      pushed_request: seconds(60),
      device_code: seconds(600),
      refresh_token: seconds(31_536_000),
      refresh_token_idle: seconds(2_592_000),
      refresh_replay: z.int().min(0).max(3600).default(60),
      session: seconds(2_592_000),
      session_idle: seconds(604_800),
      client_secret_overlap: seconds(86_400),
    })
    .prefault({}),
  sign_in_limits: z
    .strictObject({ account: count(5), address: count(100), window: seconds(900) })
    .prefault({}),
  limits: z
    .strictObject({
      body: count(65_536),
      header: count(16_384),
      parameters: count(100),
      password: z.int().min(64).max(4096).default(1024),
    })
    .prefault({}),
  audit: z.strictObject({ retention: seconds(31_536_000) }).prefault({}),
  rate_limits: z
    .strictObject({
      window: z.int().min(1).max(3600).default(60),
      client: rate(600_000),
      account: rate(600_000),
      address: rate(600_000),
    })
    .prefault({}),
  sign_up: z.boolean().default(false),
  your_apps: z.enum(["admins", "everyone"]).default("admins"),
  theme: z
    .strictObject({
      product_name: z.string().min(1).max(60).default("Valetkey"),
      accent: z.string().optional(),
      accent_dark: z.string().optional(),
      logo: z
        .strictObject({
          src: z.string().min(1),
          src_dark: z.string().min(1).optional(),
          alt: z.string(),
        })
        .optional(),
    })
    .prefault({}),
  texts: z.record(z.string(), z.record(z.string(), z.string())).default({}),
});

/** What an operator or an embedding app writes: every key has a default. Times in seconds. */
export type Config = z.input<typeof schema> & {
  /** People kept elsewhere; left out: Valetkey's own accounts. Only in code. */
  users?: Users;
};

/** Checked, with every default filled in. */
export type FullConfig = Omit<z.output<typeof schema>, "issuer" | "theme" | "texts"> & {
  issuer: string;
  theme: ThemeOptions;
  texts: TextOverrides;
  users: Users | null;
};

/** A key of the configuration is wrong: the message names it and says what is wanted. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly hint: string;
  constructor(message: string, hint = "see docs/configuration.md for every key") {
    super(message);
    this.hint = hint;
  }
}

/** Gives a configuration file its types: `export default defineConfig({ … })`. */
export const defineConfig = (config: Config): Config => config;

/**
 * Checks a configuration and fills in the defaults.
 * @throws ConfigError naming the key, unknown ones included
 */
export function parseConfig(input: Config): FullConfig {
  const { users = null, ...rest } = input;
  const parsed = schema.safeParse(rest);
  if (!parsed.success) throw new ConfigError(describeIssue(parsed.error));
  const { theme, texts, ...config } = parsed.data;
  const [problem] = checkTextOverrides(texts as TextOverrides);
  if (problem !== undefined) throw new ConfigError(problem);
  if (config.metrics !== undefined) parseListenAddress(config.metrics);
  const issuer = checkIssuer(config.issuer ?? defaultIssuer(config));
  checkCatalogue(config, issuer);
  blame(() => proxyTrust(config.trust_proxy));
  blame(() => createTheme(theme as ThemeOptions));
  if (users !== null && typeof users.find !== "function")
    throw new ConfigError("users: must be an object with find, findByLogin and verifyPassword");
  return {
    ...config,
    issuer,
    theme: theme as ThemeOptions,
    texts: texts as TextOverrides,
    users,
  };
}

function describeIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  if (!issue) return "the configuration is not valid";
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    const keys = issue.keys.map((key) => (path === "" ? key : `${path}.${key}`));
    return `unknown configuration key: ${keys.join(", ")}`;
  }
  return `${path || "configuration"}: ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`;
}

/** @throws ConfigError when it is not `HOST:PORT` */
export function parseListenAddress(text: string): { host: string; port: number } {
  const [, host, bare, port = ""] = /^(?:\[([\da-f:.]+)\]|([^:\s/]+)):(\d{1,5})$/i.exec(text) ?? [];
  const name = host ?? bare;
  if (name === undefined || Number(port) > 65_535)
    throw new ConfigError(
      `metrics: ${text} is not an address and a port`,
      "for example 127.0.0.1:9464, or [::1]:9464",
    );
  return { host: name, port: Number(port) };
}

function defaultIssuer({ host, port, tls }: Pick<FullConfig, "host" | "port" | "tls">): string {
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  const scheme = tls ? "https" : "http";
  const text = `${scheme}://${name.includes(":") ? `[${name}]` : name}:${port}`;
  // In its one spelling: without the port when that is the scheme's own.
  return URL.canParse(text) ? new URL(text).origin : text;
}

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);

/** RFC 8414 §2: https, no query, no fragment; http is for this computer only. */
function checkIssuer(issuer: string): string {
  const refuse = (why: string) =>
    new ConfigError(`issuer: ${why}`, "for example https://id.example.com");
  if (!URL.canParse(issuer)) throw refuse("is not a URL");
  const url = new URL(issuer);
  if (url.search || url.hash || issuer.includes("?") || issuer.includes("#"))
    throw refuse("must not have a query or fragment");
  if (url.username || url.password) throw refuse("must not have a user name or password");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)))
    throw refuse("must be https; http is allowed only on 127.0.0.1, [::1] and localhost");
  // Clients compare it byte for byte: one spelling, without a slash at its end.
  const normal = url.href.replace(/\/$/, "");
  if (normal !== issuer.replace(/\/$/, "")) throw refuse(`write it as ${normal}`);
  return normal;
}

function checkCatalogue(
  { scopes, resources }: Pick<z.output<typeof schema>, "scopes" | "resources">,
  issuer: string,
): void {
  for (const name of Object.keys(scopes)) {
    if (!isScopeToken(name)) throw new ConfigError(`scopes.${name}: is not a valid scope name`);
    if (isOpenIdScope(name))
      throw new ConfigError(`scopes.${name}: is defined by OpenID Connect and always there`);
  }
  for (const [uri, { scopes: listed }] of Object.entries(resources)) {
    if (!URL.canParse(uri) || uri.includes("#"))
      throw new ConfigError(`resources: ${uri} is not an absolute URI without fragment`);
    if (uri === issuer) throw new ConfigError("resources: the issuer itself is not a resource");
    for (const name of listed)
      if (!Object.hasOwn(scopes, name))
        throw new ConfigError(
          `resources.${uri}.scopes: ${name} is not described`,
          `add it to scopes: { "${name}": "what it lets an app do, in words for people" }`,
        );
  }
}

/** What these throw names the key, and is the operator's to mend. */
function blame(check: () => unknown): void {
  try {
    check();
  } catch (cause) {
    throw new ConfigError(cause instanceof Error ? cause.message : String(cause));
  }
}
