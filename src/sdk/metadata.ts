/** The metadata that an issuer publishes about itself (RFC 8414, OpenID Connect Discovery 1.0). */
import { isJsonObject } from "../oauth/json.ts";
import { AuthError } from "./errors.ts";
import { type BoundedFetch, readJson } from "./fetch.ts";
import { kept } from "./kept.ts";

/** Seconds for which a document is used without asking again. */
const FRESH = 3600;

/** Members as specified; each is untrusted until it is used. */
export interface Metadata extends Record<string, unknown> {
  issuer: string;
}

export interface MetadataOptions {
  /** Sends the requests. */
  fetch: BoundedFetch;
  /**
   * The document to ask for first: `openid` for `/.well-known/openid-configuration` (the default), `oauth` for
   * `/.well-known/oauth-authorization-server`. The other one is asked for when the first does not exist.
   */
  first?: "openid" | "oauth";
  /** The issuer that the document has to name. Default: the issuer itself. */
  names?: string;
}

/**
 * The metadata of an issuer, kept for an hour, and for a day while the issuer is unavailable.
 * @returns a function that gives the metadata; concurrent calls share a request
 * @throws AuthError `configuration` for an unusable issuer. The function throws `issuer_unreachable`,
 * `issuer_mismatch` and `invalid_response`
 */
export function metadataOf(issuer: string, options: MetadataOptions): () => Promise<Metadata> {
  checkIssuer(issuer);
  return kept(() => fetchMetadata(issuer, options), FRESH).get;
}

/**
 * An https URL without query and fragment (RFC 8414 §2); http is for loopback addresses.
 * @throws AuthError `configuration`
 */
export function checkIssuer(issuer: string): void {
  const url = URL.parse(issuer);
  const problem = !url
    ? "is not a URL"
    : url.search !== "" || url.hash !== "" || /[?#]/.test(issuer)
      ? "has a query or a fragment"
      : !isSecure(url)
        ? "is not https"
        : null;
  if (problem === null) return;
  const missing = issuer === "" ? "; is an environment variable missing?" : "";
  throw new AuthError("configuration", `the issuer ${JSON.stringify(issuer)} ${problem}`, {
    hint: `set issuer to the https URL of your provider; http works on loopback addresses only${missing}`,
  });
}

/** https, or http to this machine. */
export function isSecure({ protocol, hostname }: URL): boolean {
  const isLoopback = /^(?:localhost|(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
  return protocol === "https:" || (protocol === "http:" && isLoopback);
}

async function fetchMetadata(
  issuer: string,
  { fetch, first, names }: MetadataOptions,
): Promise<Metadata> {
  const both = [openidDocument(issuer), oauthDocument(issuer)];
  if (first === "oauth") both.reverse();
  let status = 0;
  for (const url of both) {
    const response = await fetch(url, { headers: { accept: "application/json" } });
    ({ status } = response);
    if (status === 429 || status >= 500) throw unavailable(url, status);
    if (status !== 200) continue;
    const document = await readJson(response);
    if (isJsonObject(document) && typeof document.issuer === "string")
      return checkNamed({ ...document, issuer: document.issuer }, names ?? issuer);
    throw new AuthError("invalid_response", `${url} has no metadata of an issuer`, {
      hint: "set issuer to the URL that the provider's documentation names",
      status,
    });
  }
  throw new AuthError("invalid_response", `${both.join(" and ")} do not exist`, {
    hint: "set issuer to the URL that the provider's documentation names",
    status,
  });
}

/** Compared byte for byte (RFC 8414 §3.3). */
function checkNamed(metadata: Metadata, expected: string): Metadata {
  if (metadata.issuer === expected) return metadata;
  const what = `the metadata says ${JSON.stringify(metadata.issuer)}, the configuration ${JSON.stringify(expected)}`;
  throw new AuthError("issuer_mismatch", what, {
    hint: "set issuer to exactly what the provider's own metadata says, if that is the provider you mean",
  });
}

/** OpenID Connect Discovery 1.0 §4.1: appended to the path. */
function openidDocument(issuer: string): string {
  return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}

/** RFC 8414 §3.1: in front of the path. */
function oauthDocument(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, "")}`;
}

function unavailable(url: string, status: number): AuthError {
  return new AuthError("issuer_unreachable", `${url} answered with status ${status}`, {
    hint: "try again later",
    retryable: true,
    status,
  });
}
