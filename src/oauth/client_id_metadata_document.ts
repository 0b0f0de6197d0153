/** Client ID Metadata Documents (draft-ietf-oauth-client-id-metadata-document): the rules for their URLs and contents. */
import {
  type ClientMetadata,
  type ClientMetadataRules,
  parseClientMetadata,
} from "./client_metadata.ts";
import { OAuthError } from "./errors.ts";
import { isJsonObject } from "./json.ts";
import { OPERATORS_METADATA } from "./optional_metadata.ts";

/** Bytes of a document, as the draft recommends (§6.6). */
export const MOST_DOCUMENT_BYTES = 5120;
/** The URL is part of many rows, and of addresses of pages. */
const LONGEST_URL = 500;
/** No secret can be shared with a client that nobody registered (§4.1). */
const SECRETS = ["client_secret", "client_secret_expires_at"];
const METHODS = ["none", "private_key_jwt"];
const GRANT_TYPES = ["authorization_code", "refresh_token"];

/** Whether a `client_id` is meant as the URL of a document. No registered id looks like this. */
export const looksLikeDocumentUrl = (client_id: string): boolean => /^https?:/i.test(client_id);

/**
 * What is wrong with the URL of a document (§3); null: nothing. Only one spelling of a URL is accepted, since it is
 * compared as text.
 * @param allow_loopback also accepts http on this computer, for development
 */
export function documentUrlProblem(
  client_id: string,
  { allow_loopback }: { allow_loopback: boolean },
): string | null {
  if (client_id.length > LONGEST_URL) return `is longer than ${LONGEST_URL} characters`;
  const url = URL.parse(client_id);
  if (!url) return "is not a URL";
  const is_loopback = ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  const may_be_plain = url.protocol === "http:" && is_loopback && allow_loopback;
  if (url.protocol !== "https:" && !may_be_plain) return "is not an https URL";
  if (client_id.includes("#")) return "has a fragment";
  if (url.username !== "" || url.password !== "") return "has a user name or password";
  // Dot segments, other spellings of a host, and characters that have to be encoded.
  if (url.href !== client_id) return "is not in normal form";
  // The same host without the dot is another text, which the lists of hosts would not know.
  if (url.hostname.endsWith(".")) return "has a host that ends with a dot";
  if (url.pathname === "/") return "has no path";
  return null;
}

export interface HostRules {
  /** Empty: all hosts. */
  readonly allow: readonly string[];
  /** Wins over `allow`. */
  readonly deny: readonly string[];
}

/** Whether documents of this host are served. `*.example.com` stands for every name below example.com. */
export function isHostAllowed(url: string, { allow, deny }: HostRules): boolean {
  const { hostname } = new URL(url);
  const isNamed = (entry: string): boolean =>
    entry.startsWith("*.") ? hostname.endsWith(entry.slice(1)) : hostname === entry;
  return !deny.some(isNamed) && (allow.length === 0 || allow.some(isNamed));
}

/**
 * Reads a document with the parser of all client metadata (§4.1).
 * @param url where it was found
 * @throws OAuthError that tells what is wrong
 */
export function parseMetadataDocument(
  document: unknown,
  url: string,
  rules: ClientMetadataRules,
): ClientMetadata {
  if (!isJsonObject(document)) throw refuse("client_id", "the document is not a JSON object");
  if (document.client_id !== url)
    throw refuse("client_id", "client_id in the document is not the URL of the document");
  const secret = SECRETS.find((name) => Object.hasOwn(document, name));
  if (secret !== undefined) throw refuse(secret, `${secret} must not be in a public document`);
  // Each document is a sector of its own for pairwise subjects, so that no change of it makes people strangers.
  if ((document.sector_identifier_uri ?? null) !== null)
    throw refuse("sector_identifier_uri", "sector_identifier_uri is for registered clients");
  const own = Object.entries(document).filter(([name]) => !isOfOperators(name));
  return parseClientMetadata(
    { ...methodOf(document), ...Object.fromEntries(own) },
    {
      ...rules,
      // Never what only old clients need, and nothing without a person.
      grant_types: rules.grant_types.filter((name) => GRANT_TYPES.includes(name)),
      response_types: rules.response_types.filter((name) => name === "code"),
      token_endpoint_auth_methods: rules.token_endpoint_auth_methods.filter((name) =>
        METHODS.includes(name),
      ),
    },
  );
}

/** The default of RFC 7591, a secret, is impossible here. A client that publishes keys is expected to use them. */
function methodOf(document: Record<string, unknown>): { token_endpoint_auth_method: string } {
  const has_keys = (document.jwks ?? document.jwks_uri ?? null) !== null;
  return { token_endpoint_auth_method: has_keys ? "private_key_jwt" : "none" };
}

const isOfOperators = (name: string): boolean =>
  OPERATORS_METADATA.some((member) => member === name);

const refuse = (parameter: string, problem: string): OAuthError =>
  new OAuthError("invalid_client_metadata", problem, { parameter });
