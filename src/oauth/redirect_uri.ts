/** Redirect URIs: the rules for registration, and the matching of requests (OAuth 2.1 §2.3, RFC 8252 §7). */
import { OAuthError } from "./errors.ts";
import { remember } from "./remember.ts";

export type ApplicationType = "web" | "native";

/** Schemes that run in a browser, read files, or open something other than an app. */
const NEVER = new Set(
  (
    "javascript vbscript data file filesystem blob about view-source jar ws wss ftp ftps mailto tel " +
    "sms intent chrome chrome-extension moz-extension edge resource"
  ).split(" "),
);
/** Members of the authorization response: a registered query with one of them could pass for a response. */
const RESERVED = ["code", "state", "error", "iss", "response"];

/** Whether an app may have this scheme for itself: in lower case, without the colon (RFC 8252 §7.1). */
export const isPrivateScheme = (scheme: string): boolean =>
  /^[a-z][a-z\d+.-]*$/.test(scheme) && !NEVER.has(scheme);

const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::([1-9]\d{0,4}))?((?:[/?].*)?)$/;
const LONGEST = 2000;

export interface RedirectUriRules {
  application_type: ApplicationType;
  /** Allowed private-use schemes without a dot, or `any` if the operator decides. */
  short_schemes: readonly string[] | "any";
}

/** @throws OAuthError `invalid_redirect_uri` for a URI that may not be registered; the message says what to change */
export function checkRedirectUri(
  uri: string,
  rules: RedirectUriRules,
  member: "redirect_uris" | "post_logout_redirect_uris" = "redirect_uris",
): void {
  const found = redirectUriProblem(uri, rules);
  if (!found) return;
  // The message is about one value, although the member is a list.
  const one = member.slice(0, -1);
  throw new OAuthError("invalid_redirect_uri", `${one} ${found.problem}`, {
    parameter: member,
    reason: { redirect_uri: uri },
  });
}

/** A reason why a redirect URI can't be registered. */
export interface RedirectUriProblem {
  kind: "invalid" | "fragment" | "https" | "spelling" | "not_allowed";
  /** Continues a sentence about the address: "must not have a fragment". */
  problem: string;
  /** With `spelling`: the accepted spelling of the same address. */
  write_as?: string;
}

/** @returns the problem that prevents the registration; null: none */
export function redirectUriProblem(
  uri: string,
  rules: RedirectUriRules,
): RedirectUriProblem | null {
  const found = problemOf(uri, rules);
  if (found?.kind !== "spelling") return found;
  const write_as = URL.parse(uri)?.href ?? uri;
  // The spelling is named only if it would be accepted.
  if (/[\p{Cc}\\]/u.test(uri) || problemOf(write_as, rules)) return notAllowed(found.problem);
  return { ...found, problem: `${found.problem}: write it as ${write_as}`, write_as };
}

function problemOf(uri: string, rules: RedirectUriRules): RedirectUriProblem | null {
  if (uri.length > LONGEST) return notAllowed(`is longer than ${LONGEST} characters`);
  if (!/^[\x21-\x7e]+$/.test(uri) || /[\\*<>"{}|^`]/.test(uri))
    return otherSpelling("has a character that is not allowed (wildcards are not)");
  if (uri.includes("#")) return { kind: "fragment", problem: "must not have a fragment" };
  const url = URL.canParse(uri) ? new URL(uri) : null;
  if (!url) return { kind: "invalid", problem: "is not an absolute URI" };
  if (url.username || url.password || /^[a-z][a-z\d+.-]*:\/\/[^/?]*@/i.test(uri))
    return notAllowed("must not have a user name or password");
  const scheme = url.protocol.slice(0, -1);
  const unfit = schemeProblem(scheme, rules);
  if (unfit) return unfit;
  // URIs are compared byte by byte, so a spelling that hides its target, or that no browser sends, is refused.
  if (url.href !== inOneSpelling(uri, scheme)) return otherSpelling("is not in normal form");
  if (RESERVED.some((name) => url.searchParams.has(name)))
    return notAllowed("must not have code, state, error, iss or response in its query");
  return scheme !== "http" || LOOPBACK.test(uri)
    ? null
    : needsHttps("must use https, or http on 127.0.0.1, [::1] or localhost");
}

/**
 * Normalizes harmless differences of spelling: capitals in scheme and host, the default port, an empty path. On
 * loopback the host is compared as text, so capitals there are not accepted.
 */
function inOneSpelling(uri: string, scheme: string): string {
  const [, start = "", authority = "", rest = ""] = /^([^:]*:\/\/)([^/?]*)(.*)$/s.exec(uri) ?? [];
  if (scheme === "https")
    return `https://${authority.toLowerCase().replace(/:443$/, "")}${withPath(rest)}`;
  if (scheme === "http") return `${start}${authority.replace(/:80$/, "")}${withPath(rest)}`;
  return `${scheme}${uri.slice(scheme.length)}`;
}

const withPath = (rest: string): string => (rest.startsWith("/") ? rest : `/${rest}`);

function schemeProblem(
  scheme: string,
  { application_type, short_schemes }: RedirectUriRules,
): RedirectUriProblem | null {
  if (NEVER.has(scheme)) return notAllowed("has a scheme that is never allowed");
  if (scheme === "https" || scheme === "http") return null;
  if (application_type !== "native")
    return needsHttps("must use https (a private-use scheme needs application_type native)");
  if (!scheme.includes(".") && short_schemes !== "any" && !short_schemes.includes(scheme))
    return notAllowed("has a scheme without a dot (use one such as com.example.app)");
  return null;
}

const notAllowed = (problem: string): RedirectUriProblem => ({ kind: "not_allowed", problem });
const needsHttps = (problem: string): RedirectUriProblem => ({ kind: "https", problem });
const otherSpelling = (problem: string): RedirectUriProblem => ({ kind: "spelling", problem });

/**
 * The only redirect URI matcher: equal byte for byte; on loopback only the port may differ (RFC 8252 §7.3), on
 * `localhost` only for native clients. A stored URI that could not be registered today matches nothing.
 */
export function matchesRedirectUri(
  requested: string,
  registered: readonly string[],
  application_type: ApplicationType,
): boolean {
  if (requested.length > LONGEST) return false;
  const match = registered.includes(requested)
    ? requested
    : registered.find((uri) => isSameButForThePort(requested, uri, application_type));
  return match !== undefined && REGISTRABLE[application_type](match);
}

/**
 * Addresses for after a logout are compared byte for byte, loopback ports included (OpenID RP-Initiated Logout §3). No
 * secret travels there, so apps on a person's device need no port of their own.
 */
export const matchesPostLogoutUri = (
  requested: string,
  registered: readonly string[],
  application_type: ApplicationType,
): boolean => registered.includes(requested) && REGISTRABLE[application_type](requested);

const registrable = (application_type: ApplicationType) =>
  remember((uri) => redirectUriProblem(uri, { application_type, short_schemes: "any" }) === null);
const REGISTRABLE: Readonly<Record<ApplicationType, (uri: string) => boolean>> = {
  web: registrable("web"),
  native: registrable("native"),
};

function isSameButForThePort(
  requested: string,
  registered: string,
  application_type: ApplicationType,
): boolean {
  const asked = loopback(requested);
  if (!asked || (asked.host === "localhost" && application_type !== "native")) return false;
  const known = loopback(registered);
  return known !== null && known.host === asked.host && known.rest === asked.rest;
}

function loopback(uri: string): { host: string; rest: string } | null {
  const [, host, port, rest] = LOOPBACK.exec(uri) ?? [];
  if (host === undefined || rest === undefined || Number(port ?? 80) > 65_535) return null;
  return { host, rest };
}

/** Whether any program on the person's computer could receive the answer. */
export const isOnThisComputer = (uri: string): boolean => !/^https:/i.test(uri);
