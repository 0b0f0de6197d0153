/** The members of client metadata that may be absent: a row each, with the function that reads it. */
import { LEVELS } from "./assurance.ts";
import type { ClientMetadata, ClientMetadataRules } from "./client_metadata.ts";
import type { Found } from "./errors.ts";
import { type Jwks, parseJwks } from "./jwks.ts";
import {
  isWebLink,
  type Members,
  oneOf,
  readScope,
  readText,
  refuse,
  strings,
} from "./metadata_members.ts";
import { SUBJECT_TYPES } from "./subject_type.ts";

/**
 * Algorithms that a client may sign assertions and request objects with (RFC 8725 §3.1). `EdDSA` is the name of `Ed25519` in older
 * libraries (RFC 9864 §2.2).
 */
export const CLIENT_SIGNING_ALGS = [
  "ES256",
  "PS256",
  "RS256",
  "Ed25519",
  "EdDSA",
  "ES384",
  "ES512",
] as const;
/** All names of an algorithm: a client may be registered with one, and its library may write the other. */
export const namesOfAlg = (alg: string): readonly string[] =>
  alg === "EdDSA" || alg === "Ed25519" ? ["Ed25519", "EdDSA"] : [alg];
export const ID_TOKEN_ALGS = ["RS256", "ES256", "PS256", "EdDSA"] as const;
/** `none`: plain JSON. */
export const USERINFO_ALGS = [...ID_TOKEN_ALGS, "none"] as const;
export const ID_TOKEN_CLAIMS = ["scope", "none"] as const;

/**
 * Reads one member. @returns undefined when it is absent
 * @throws OAuthError that names the member
 */
type Read<T> = (given: Members, name: string, rules: ClientMetadataRules) => T | undefined;

/** The names of the members that may be absent. */
type Optional<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];
export type OptionalName = Optional<ClientMetadata>;

const text: Read<string> = (given, name) => readText(given, name, { longest: 200 });
const longText: Read<string> = (given, name) => readText(given, name, { longest: 2000 });
const link: Read<string> = (given, name) => readText(given, name, { longest: 2000, kind: "link" });
const picture: Read<string> = (given, name) =>
  readText(given, name, { longest: 65_536, kind: "picture" });
/** False, the default of every flag, counts as absent. */
const flag: Read<boolean> = (given, name) => {
  const value = given.get(name) ?? false;
  if (typeof value !== "boolean") throw refuse(name, "must be true or false");
  return value || undefined;
};
/** A flag whose default is that of the server. */
const setting: Read<boolean> = (given, name, rules) =>
  given.get(name) === false ? false : flag(given, name, rules);
const seconds: Read<number> = (given, name) => {
  const value = given.get(name) ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 999_999_999)
    throw refuse(name, "must be a number of seconds");
  return value;
};
const choice =
  <T extends string>(allowed: readonly T[]): Read<T> =>
  (given, name) =>
    (given.get(name) ?? "") === "" ? undefined : oneOf(given, name, allowed);

/** In the order in which they are shown. */
const ROWS: { readonly [K in OptionalName]: Read<NonNullable<ClientMetadata[K]>> } = {
  client_name: text,
  client_uri: link,
  logo_uri: picture,
  policy_uri: link,
  tos_uri: link,
  software_id: longText,
  software_version: longText,
  contacts: strings,
  post_logout_redirect_uris: strings,
  request_uris: readRequestUris,
  initiate_login_uri: readLoginUri,
  request_object_signing_alg: choice(CLIENT_SIGNING_ALGS),
  require_signed_request_object: flag,
  backchannel_logout_uri: readLogoutUri,
  backchannel_logout_session_required: flag,
  legacy_assertion_audience: setting,
  resources: readResources,
  scope: (given, name, { scopes }) => readScope(given.get(name), scopes),
  token_endpoint_auth_signing_alg: choice(CLIENT_SIGNING_ALGS),
  jwks: readJwks,
  jwks_uri: link,
  subject_type: choice(SUBJECT_TYPES),
  sector_identifier_uri: link,
  userinfo_signed_response_alg: choice(USERINFO_ALGS),
  id_token_claims: choice(ID_TOKEN_CLAIMS),
  default_max_age: seconds,
  require_auth_time: flag,
  default_acr_values: strings,
  required_acr: choice(LEVELS),
};
const NAMES = Object.keys(ROWS) as OptionalName[];

/** Only an operator decides these: they widen what an app may do, or what people are asked. */
export const OPERATORS_METADATA = [
  "resources",
  "id_token_claims",
  "legacy_assertion_audience",
  "required_acr",
] as const satisfies readonly OptionalName[];

/** A member that is absent, null or empty is left out. Problems are recorded with `found`. */
export function readOptionalMembers(
  given: Members,
  rules: ClientMetadataRules,
  found: Found,
): Pick<ClientMetadata, OptionalName> {
  const read = NAMES.map((name) => [name, found(() => ROWS[name](given, name, rules), undefined)]);
  return Object.fromEntries(read.filter(([, value]) => value !== undefined));
}

/** The name of every member that may be absent. */
export const OPTIONAL_MEMBERS: readonly string[] = NAMES;

/** OpenID Back-Channel Logout §2.2. */
function readLogoutUri(given: Members, name: string): string | undefined {
  const uri = readText(given, name, { longest: 2000, kind: "link" });
  if (uri === undefined) return undefined;
  const { username, password } = new URL(uri);
  if (uri.includes("#") || username !== "" || password !== "")
    throw refuse(name, "must not have a fragment, a user name or a password");
  return uri;
}

function readResources(given: Members, name: string): string[] | undefined {
  const resources = strings(given, name);
  if (resources?.some((uri) => !URL.canParse(uri) || uri.includes("#")))
    throw refuse(name, "must hold absolute URIs without a fragment");
  return resources;
}

/** The fragment of an address is the hash of its content. */
function readRequestUris(given: Members, name: string): string[] | undefined {
  const uris = strings(given, name);
  if (uris?.some((uri) => uri.length > 512 || !isWebLink(uri)))
    throw refuse(name, "must hold https addresses of at most 512 characters");
  return uris;
}

/** The login begins in the browser of a person, so that its address is https even on this computer. */
function readLoginUri(given: Members, name: string): string | undefined {
  const uri = readText(given, name, { longest: 2000, kind: "link" });
  if (uri !== undefined && (!uri.startsWith("https:") || uri.includes("#")))
    throw refuse(name, "must be an https address without a fragment");
  return uri;
}

function readJwks(given: Members, name: string): Jwks | undefined {
  const jwks = given.get(name) ?? undefined;
  return jwks === undefined ? undefined : parseJwks(jwks);
}
