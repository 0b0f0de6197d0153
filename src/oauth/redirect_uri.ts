/** Redirect URIs: which may be registered, and which may be asked for (OAuth 2.1 §2.3, RFC 8252 §7). */
import { OAuthError } from "./errors.ts";
import { remember } from "./remember.ts";

export type ApplicationType = "web" | "native";

/** Schemes that a browser runs, reads files with, or that lead to something other than an app. */
const NEVER = new Set(
  (
    "javascript vbscript data file filesystem blob about view-source jar ws wss ftp ftps mailto tel " +
    "sms intent chrome chrome-extension moz-extension edge resource"
  ).split(" "),
);
/** Members of our own response: a registered query that holds one could pass for an answer. */
const RESERVED = ["code", "state", "error", "iss", "response"];
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::([1-9]\d{0,4}))?((?:[/?].*)?)$/;
const LONGEST = 2000;

export interface RedirectUriRules {
  application_type: ApplicationType;
  /** Private-use schemes without a dot that are allowed, or `any` where the operator decides. */
  short_schemes: readonly string[] | "any";
}

/** @throws OAuthError `invalid_redirect_uri` for one that may not be registered, saying what to change */
export function checkRedirectUri(
  uri: string,
  rules: RedirectUriRules,
  member: "redirect_uris" | "post_logout_redirect_uris" = "redirect_uris",
): void {
  const found = redirectUriProblem(uri, rules);
  if (!found) return;
  // The member is a list, and the sentence is about one of its values.
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
  /** With `spelling`: how the same address could be registered. */
  write_as?: string;
}

/** @returns what to change before this can be registered; null: nothing */
export function redirectUriProblem(
  uri: string,
  rules: RedirectUriRules,
): RedirectUriProblem | null {
  const found = problemOf(uri, rules);
  if (found?.kind !== "spelling") return found;
  const write_as = URL.parse(uri)?.href ?? uri;
  // It is only named when it would be taken.
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
  // We compare bytes: a spelling that hides where it leads, or that no browser sends, is not kept.
  if (url.href !== inOneSpelling(uri, scheme)) return otherSpelling("is not in normal form");
  if (RESERVED.some((name) => url.searchParams.has(name)))
    return notAllowed("must not have code, state, error, iss or response in its query");
  return scheme !== "http" || LOOPBACK.test(uri)
    ? null
    : needsHttps("must use https, or http on 127.0.0.1, [::1] or localhost");
}

/**
 * Takes back what clients write in more than one way and every reader understands alike: capitals in scheme and host, the
 * port that the scheme has anyway, an empty path. On loopback the host is compared as text, so there it has no capitals.
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
 * The one redirect URI matcher: equal byte for byte; on loopback only the port may differ (RFC 8252 §7.3),
 * on `localhost` only for native clients. One that could not be registered today matches nothing, however it
 * came to be stored.
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

/** Whether any program on the person's computer could be the one that receives the answer. */
export const isOnThisComputer = (uri: string): boolean => !/^https:/i.test(uri);
