/** The keys of the configuration. The types of the written and the checked configuration are inferred from it. */
import { z } from "zod";

const seconds = (otherwise: number) => z.int().min(1).max(3_155_760_000).default(otherwise);
const count = (otherwise: number) => z.int().min(1).max(1_000_000_000).default(otherwise);
const rate = (otherwise: number) => z.int().min(0).max(1_000_000_000).default(otherwise);
/** Values of `acr_values` are separated by spaces (OpenID Connect Core §3.1.2.1). */
const acr = (otherwise: string) =>
  z
    .string()
    .regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces")
    .max(256)
    .default(otherwise);
/** More workers do not pay off: one process writes to SQLite, and each one holds connections to PostgreSQL. */
const MOST_WORKERS = 64;

/** Two or three sentences below the sign-in form. */
const MOST_HELP = 300;
const help_text = z.string().min(1).max(MOST_HELP);

const address = z.string().min(1).max(500);
const link = z
  .union([address, z.record(z.string(), address)], {
    error: 'must be an address, or { en: "…", de: "…" }',
  })
  .optional();

const claim_name = z
  .string()
  .regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces")
  .max(256);
/** A text, or a text with the claims of the scope; parsed to the latter. */
const scope = z.union(
  [
    z
      .string()
      .min(1)
      .transform((text) => ({ text, claims: [] as string[] })),
    z.strictObject({ text: z.string().min(1), claims: z.array(claim_name).default([]) }),
  ],
  { error: 'must be a text, or { text: "…", claims: ["groups"] }' },
);
const signing_alg = z
  .enum(["ES256", "RS256", "EdDSA"], { error: 'must be "ES256", "RS256" or "EdDSA"' })
  .default("ES256");

const host_entry = z
  .string()
  .regex(/^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?|\[[0-9a-f:]+\])$/, {
    error: 'must be a host in lower case, such as "example.com" or "*.example.com"',
  });

const resource = z.strictObject({
  name: z.string().min(1),
  scopes: z.array(z.string()).default([]),
  access_token: z.enum(["jwt", "opaque"]).default("jwt"),
  access_token_signing_alg: signing_alg,
  open: z.boolean().default(false),
});

/** Each key, its default and its bounds; docs/configuration.md explains them. */
export const schema = z.strictObject({
  issuer: z.string().optional(),
  port: z.int().min(0).max(65_535).default(4000),
  host: z.string().min(1).default("localhost"),
  database: z.string().min(1).default("sqlite:valetkey.sqlite"),
  tls: z.strictObject({ cert: z.string().min(1), key: z.string().min(1) }).optional(),
  metrics: z.string().optional(),
  workers: z
    .union([z.literal("auto"), z.int().min(1).max(MOST_WORKERS)], {
      error: `must be a whole number from 1 to ${MOST_WORKERS}, or "auto"`,
    })
    .default(1),
  trust_proxy: z.array(z.string()).default([]),
  allow_private_fetch: z.boolean().default(false),
  scopes: z.record(z.string(), scope).default({}),
  resources: z.record(z.string(), resource).default({}),
  acr: z
    .strictObject({
      single: acr("urn:valetkey:single"),
      multi: acr("urn:valetkey:multi"),
      phishing_resistant: acr("phr"),
    })
    .prefault({}),
  id_token_claims: z.enum(["scope", "none"]).default("scope"),
  access_token_signing_alg: signing_alg,
  require_resource: z.boolean().default(false),
  legacy_grants: z.boolean().default(false),
  legacy_assertion_audience: z.boolean().default(false),
  directory_stale: z.int().min(1).max(86_400).default(30),
  lifetimes: z
    .strictObject({
      authorization_code: seconds(60),
      access_token: seconds(600),
      id_token: seconds(3600),
      authorization_request: seconds(3600),
      refresh_token: seconds(31_536_000),
      refresh_token_idle: seconds(2_592_000),
      refresh_replay: z.int().min(0).max(3600).default(60),
      device_code: seconds(600),
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
      grants: z.int().min(0).max(10_000).default(100),
    })
    .prefault({}),
  audit: z.strictObject({ retention: seconds(31_536_000) }).prefault({}),
  rate_limits: z
    .strictObject({
      window: z.int().min(1).max(3600).default(60),
      client: rate(600_000),
      account: rate(600_000),
      address: rate(600_000),
      changes: rate(300),
      verifications: rate(300),
      fetches: rate(20),
    })
    .prefault({}),
  registration: z
    .strictObject({
      mode: z.enum(["off", "token", "open"]).default("off"),
      allowed_redirect_hosts: z.array(z.string()).default([]),
      allowed_schemes: z.array(z.string()).default([]),
      require_pkce: z.boolean().default(true),
      per_address_hour: count(20),
    })
    .prefault({}),
  sign_up: z.boolean().default(false),
  mail: z.strictObject({ from: address, smtp: address.optional() }).optional(),
  sign_in: z
    .strictObject({
      password: z.boolean().default(true),
      passkeys: z.boolean().default(true),
      email_code: z.boolean().default(true),
      second_factor: z.enum(["optional", "admins", "required"]).default("optional"),
    })
    .prefault({}),
  passkeys: z
    .strictObject({
      rp_id: z.string().min(1).max(253).optional(),
      origins: z.array(z.string().min(1).max(500)).max(20).default([]),
    })
    .prefault({}),
  confirm_life: z.int().min(60).max(86_400).default(600),
  email_code_life: z.int().min(60).max(86_400).default(600),
  client_id_metadata_documents: z
    .strictObject({
      enabled: z.boolean().default(true),
      allow: z.array(host_entry).default([]),
      deny: z.array(host_entry).default([]),
    })
    .prefault({}),
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
  links: z.strictObject({ help: link, privacy: link, terms: link, imprint: link }).prefault({}),
  sign_in_help: z
    .strictObject({
      text: z
        .union([help_text, z.record(z.string(), help_text)], {
          error: 'must be a text, or { en: "…", de: "…" }',
        })
        .optional(),
      href: z.string().min(1).max(500).optional(),
    })
    .optional(),
  texts: z.record(z.string(), z.record(z.string(), z.string())).default({}),
});

/** The configuration with every default filled in. Times are in seconds. */
export type Settings = z.output<typeof schema> & {
  /** Normalised, without a slash at the end. */
  issuer: string;
};
