/** Redirect URIs: which may be registered, and which may be asked for (OAuth 2.1 §2.3, RFC 8252 §7). */
import { OAuthError } from "./errors.ts";

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

/** @throws OAuthError `invalid_redirect_uri` when this may not be registered; it says what to change */
export function checkRedirectUri(uri: string, rules: RedirectUriRules): void {
  const refuse = (why: string) =>
    new OAuthError("invalid_redirect_uri", `redirect_uri ${why}`, {
      reason: { redirect_uri: uri },
    });
  if (uri.length > LONGEST) throw refuse(`is longer than ${LONGEST} characters`);
  if (!/^[\x21-\x7e]+$/.test(uri) || /[\\*<>"{}|^`]/.test(uri))
    throw refuse("has a character that is not allowed (wildcards are not)");
  if (uri.includes("#")) throw refuse("must not have a fragment");
  const url = URL.canParse(uri) ? new URL(uri) : null;
  if (!url) throw refuse("is not an absolute URI");
  // We compare bytes: what is not in normal form would never be matched, or would hide where it leads.
  if (url.href !== uri && url.href !== `${uri}/`) throw refuse("is not in normal form");
  if (url.username || url.password || /^[a-z]+:\/\/[^/?]*@/.test(uri))
    throw refuse("must not have a user name or password");
  if (RESERVED.some((name) => url.searchParams.has(name)))
    throw refuse("must not have code, state, error, iss or response in its query");
  const scheme = url.protocol.slice(0, -1);
  if (scheme === "https") return;
  if (scheme === "http") {
    if (!LOOPBACK.test(uri))
      throw refuse("must use https, or http on 127.0.0.1, [::1] or localhost");
  } else checkPrivateScheme(scheme, rules, refuse);
}

function checkPrivateScheme(
  scheme: string,
  { application_type, short_schemes }: RedirectUriRules,
  refuse: (why: string) => OAuthError,
): void {
  if (NEVER.has(scheme)) throw refuse("has a scheme that is never allowed");
  if (application_type !== "native")
    throw refuse("must use https (a private-use scheme needs application_type native)");
  if (!scheme.includes(".") && short_schemes !== "any" && !short_schemes.includes(scheme))
    throw refuse("has a scheme without a dot (use one such as com.example.app)");
}

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
  return match !== undefined && isRegistrable(match, application_type);
}

function isRegistrable(uri: string, application_type: ApplicationType): boolean {
  try {
    checkRedirectUri(uri, { application_type, short_schemes: "any" });
    return true;
  } catch (error) {
    if (error instanceof OAuthError) return false;
    throw error;
  }
}

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
export const isOnThisComputer = (uri: string): boolean => !uri.startsWith("https:");
