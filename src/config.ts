/** Configuration: the checks at start, and the default of the issuer. */
import type { z } from "zod";
import { ConfigError, found, meant, together } from "./config_error.ts";
import type { ConfigHover } from "./config_hover.ts";
import { keysAt } from "./config_keys.ts";
import { checkCatalogue } from "./config_resources.ts";
import { type Settings, schema } from "./config_schema.ts";
import { checkRelyingParty, relyingParty } from "./factors/relying_party.ts";
import { proxyTrust } from "./http/proxy.ts";
import { checkMail } from "./mail/check_mail.ts";
import type { MailConfig } from "./mail/mailer.ts";
import type { MailSender } from "./mail_sender.ts";
import { checkAllowedHost, checkAllowedScheme } from "./oauth/allowed_redirects.ts";
import { checkLink } from "./pages/foot.ts";
import { checkSignInHelp } from "./pages/sign_in_help.ts";
import { checkTextOverrides } from "./pages/texts.ts";
import { createTheme } from "./pages/theme.ts";
import { checkUsers } from "./people/check_users.ts";
import type { Users } from "./people/users.ts";
import { parseDatabase } from "./store/database_address.ts";

/** The configuration as an operator or an embedding app writes it: every key has a default. Times are in seconds. */
export type Config = z.input<typeof schema> &
  ConfigHover & {
    /** People kept elsewhere; left out: Valetkey's own accounts. Only in code. */
    users?: Users;
    mail?: {
      /** Sends mail in place of an SMTP server. Only in code. */
      sender?: MailSender;
    };
  };

/** The checked configuration, with all defaults. */
export type FullConfig = Settings & { users: Users | null; mail?: MailConfig | undefined };

export { ConfigError, together };

/** Gives a configuration file its types: `export default defineConfig({ … })`. */
export const defineConfig = (config: Config): Config => config;

/**
 * Checks a configuration and fills in the defaults.
 * @throws ConfigError that names every wrong key, unknown ones included
 */
export function parseConfig(input: Config): FullConfig {
  const { users = null, ...others } = input;
  const { sender, ...mail } = others.mail ?? {};
  const rest = { ...others, ...(others.mail && { mail }) };
  const parsed = schema.safeParse(rest);
  const issues = parsed.error?.issues ?? [];
  // A configuration with a wrong key is checked nevertheless, so that all mistakes are reported at once.
  const wrong = new Set(issues.flatMap(topLevelKeys));
  const config = parsed.data ?? soundPart(rest, issues);
  const issuer = (config.issuer ?? defaultIssuer(config)).replace(/\/$/, "");
  const problems = [
    ...issues.map((issue) => problemOf(issue, rest)),
    ...checkAll(
      { config, issuer, users, sender, described: Object.keys(Object(rest.scopes)) },
      (...keys) => keys.every((key) => !wrong.has(key)),
    ),
  ];
  if (problems.length > 0) throw together(problems);
  return { ...config, issuer, users, ...(config.mail && { mail: { ...config.mail, sender } }) };
}

/**
 * @param sound whether the values of these keys match the schema: otherwise a check would report consequential errors
 */
function checkAll(
  {
    config,
    issuer,
    users,
    sender,
    described,
  }: {
    config: z.output<typeof schema>;
    issuer: string;
    users: Users | null;
    sender: MailSender | undefined;
    /** The names of all scopes, wrong ones included. */
    described: readonly string[];
  },
  sound: (...keys: (keyof Settings)[]) => boolean,
): ConfigError[] {
  const { metrics, trust_proxy, theme, links, sign_in_help, texts, registration } = config;
  return [
    ...(config.issuer !== undefined || sound("issuer", "host", "port", "tls")
      ? found(() => checkIssuer(issuer))
      : []),
    ...found(() => parseDatabase(config.database)),
    ...checkCatalogue(config, issuer, described),
    ...found(() => checkLevelNames(config.acr)),
    ...(sound("issuer", "host", "port", "tls", "passkeys")
      ? found(() => checkRelyingParty({ ...config, issuer }))
      : []),
    ...(sound("sign_in", "passkeys") ? found(() => checkSignIn({ ...config, issuer })) : []),
    ...(sound("sign_in", "sign_up") ? found(() => checkSignUp(config)) : []),
    ...registration.allowed_redirect_hosts.flatMap((host) => found(() => checkAllowedHost(host))),
    ...registration.allowed_schemes.flatMap((scheme) => found(() => checkAllowedScheme(scheme))),
    ...found(() => metrics !== undefined && parseListenAddress(metrics)),
    ...trust_proxy.flatMap((entry) => found(() => proxyTrust([entry]))),
    ...found(() => createTheme(theme)),
    ...Object.entries(links).flatMap(([name, link]) =>
      found(() => link !== undefined && checkLink(`links.${name}`, link)),
    ),
    ...found(() => sign_in_help && sound("sign_in_help") && checkSignInHelp(sign_in_help)),
    ...checkTextOverrides(texts).map(
      ({ problem, name, known }) => new ConfigError(`${problem}${meant(name, known)}`),
    ),
    ...(config.mail && sound("mail")
      ? checkMail({ ...config.mail, sender }).map((problem) => new ConfigError(problem))
      : []),
    ...checkUsers(users, config).map(
      (problem) => new ConfigError(problem, "docs/embedding.md shows a complete object"),
    ),
  ];
}

/** The keys that an issue is about, or the unknown keys. */
const topLevelKeys = (issue: z.core.$ZodIssue): PropertyKey[] =>
  issue.code === "unrecognized_keys" && issue.path.length === 0
    ? issue.keys
    : issue.path.slice(0, 1);

type Issues = readonly z.core.$ZodIssue[];

/** The configuration without its wrong values: without single members where the rest of their key can stand alone. */
function soundPart(written: object, issues: Issues): z.output<typeof schema> {
  const members = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => [...issue.path, key])
      : [[...issue.path]],
  );
  const copy = new Map<PropertyKey, unknown>(Object.entries(written));
  for (const [key = "", member] of members) {
    const value = copy.get(key);
    const entries = Object.entries(Object(value)).filter(([name]) => name !== member);
    if (member === undefined || Array.isArray(value)) copy.delete(key);
    else copy.set(key, Object.fromEntries(entries));
  }
  const wrong = new Set(issues.flatMap(topLevelKeys));
  return schema.safeParse(Object.fromEntries(copy)).data ?? schema.parse(without(written, wrong));
}

const without = (written: object, keys: ReadonlySet<PropertyKey>): object =>
  Object.fromEntries(Object.entries(written).filter(([key]) => !keys.has(key)));

function problemOf(issue: z.core.$ZodIssue, written: object): ConfigError {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(issue.path);
    const keys = issue.keys.map(
      (key) => `${path === "" ? key : `${path}.${key}`}${meant(key, known)}`,
    );
    return new ConfigError(`unknown configuration key: ${keys.join(", ")}`);
  }
  const message = `${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`;
  const likely =
    issue.code === "invalid_value" ? meant(valueAt(issue.path, written), issue.values) : "";
  return new ConfigError(`${path || "configuration"}: ${message}${likely}`);
}

const valueAt = (path: readonly PropertyKey[], written: object): unknown =>
  path.reduce<unknown>((at, key) => Object(at)[key], written);

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

/** `localhost` for every loopback host, since passkeys do not work on IP addresses. */
function defaultIssuer({ host, port, tls }: Pick<Settings, "host" | "port" | "tls">): string {
  const name = ["127.0.0.1", "::1", "0.0.0.0", "::"].includes(host) ? "localhost" : host;
  const scheme = tls ? "https" : "http";
  const text = `${scheme}://${name.includes(":") ? `[${name}]` : name}:${port}`;
  // Normalised: without the default port.
  return URL.canParse(text) ? new URL(text).origin : text;
}

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);

/** RFC 8414 §2: https, no query, no fragment; http only on this computer. */
function checkIssuer(issuer: string): void {
  const refuse = (why: string) =>
    new ConfigError(`issuer: ${why}`, "for example https://id.example.com");
  if (!URL.canParse(issuer)) throw refuse("is not a URL");
  const url = new URL(issuer);
  if (url.search || url.hash || issuer.includes("?") || issuer.includes("#"))
    throw refuse("must not have a query or fragment");
  if (url.username || url.password) throw refuse("must not have a user name or password");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)))
    throw refuse("must be https; http is allowed only on 127.0.0.1, [::1] and localhost");
  // Clients compare it byte for byte, so it must be normalised, without a slash at the end.
  const normal = url.href.replace(/\/$/, "");
  if (normal !== issuer) throw refuse(`write it as ${normal}`);
}

/** Somebody has to be able to sign in. */
function checkSignIn(settings: Settings): void {
  const { password, passkeys } = settings.sign_in;
  const party = URL.canParse(settings.issuer) ? relyingParty(settings) : null;
  if (!password && !(passkeys && party))
    throw new ConfigError(
      "sign_in.password: false leaves no way to sign in",
      party ? "set sign_in.passkeys to true" : "passkeys need an issuer with a host name",
    );
}

/** A new account begins with a password. */
function checkSignUp({ sign_up, sign_in }: Pick<Settings, "sign_up" | "sign_in">): void {
  if (sign_up && !sign_in.password)
    throw new ConfigError(
      "sign_up: true needs passwords, and sign_in.password is false",
      "set sign_in.password to true, or add people with valetkey user invite",
    );
}

/** Two levels must not have one name: an app that asks for the stronger one could not tell that it got the weaker. */
function checkLevelNames({ single, multi, phishing_resistant }: Settings["acr"]): void {
  if (new Set([single, multi, phishing_resistant]).size < 3)
    throw new ConfigError("acr: two levels have the same name");
}
