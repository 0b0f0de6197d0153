/** Cookies: `__Host-` and Secure on https, the plain name on http loopback (RFC 6265bis §4.1.3.2). */
import { sha256 } from "../crypto/hash.ts";
import { remember } from "../oauth/remember.ts";
import type { HttpRequest } from "./message.ts";
import { basePath } from "./paths.ts";

export type CookieName = "session" | "browser" | "known" | "accounts" | "language" | "mail" | "way";

const isSecure = (issuer: string): boolean => issuer.startsWith("https:");

/**
 * The name holds a short hash of the issuer's path and its port, since browsers send a cookie to all paths and ports of
 * its host, `__Host-` cookies too.
 */
const nameAround = remember((issuer) => {
  const path = basePath(issuer);
  const { port } = new URL(issuer);
  const ends = [path && sha256(path).slice(0, 8), port].filter(Boolean);
  const before = isSecure(issuer) ? "__Host-valetkey_" : "valetkey_";
  return [before, ends.map((end) => `_${end}`).join("")];
});

function nameOf(name: CookieName, issuer: string, key?: string): string {
  const [before, after] = nameAround(issuer);
  return `${before}${name}${key === undefined ? "" : `_${key}`}${after}`;
}

/** The cookies of a request, in the order of its header. */
function cookiesOf(request: HttpRequest): [name: string, value: string][] {
  const cookies: [string, string][] = [];
  for (const pair of (request.header("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at > 0) cookies.push([pair.slice(0, at).trim(), pair.slice(at + 1).trim()]);
  }
  return cookies;
}

export function readCookie(request: HttpRequest, name: CookieName, issuer: string): string | null {
  const wanted = nameOf(name, issuer);
  for (const [each, value] of cookiesOf(request)) if (each === wanted) return value;
  return null;
}

/**
 * Characters of the key in the name of a cookie. Cookies of one kind either all have a key or none has, so no key is
 * taken for the hash of a path.
 */
export const COOKIE_KEY = 8;

/** The cookies of this name that hold a key, by key. The first of equal names counts. */
export function readKeyedCookies(
  request: HttpRequest,
  name: CookieName,
  issuer: string,
): Map<string, string> {
  const [before, after] = nameAround(issuer);
  const start = `${before}${name}_`;
  const found = new Map<string, string>();
  for (const [each, value] of cookiesOf(request)) {
    const key = each.slice(start.length, start.length + COOKIE_KEY);
    if (each === `${start}${key}${after}` && KEY.test(key) && !found.has(key))
      found.set(key, value);
  }
  return found;
}
const KEY = /^[A-Za-z0-9_-]{8}$/;

/**
 * @param key makes one of several cookies of this name: 8 characters of base64url
 * @param max_age seconds; null: until the browser ends, 0: removes the cookie
 */
export function setCookie(
  name: CookieName,
  value: string,
  { issuer, max_age, key }: { issuer: string; max_age: number | null; key?: string },
): readonly [string, string] {
  const attributes = [
    `${nameOf(name, issuer, key)}=${value}`,
    "Path=/",
    "HttpOnly",
    "SameSite=Lax",
    ...(isSecure(issuer) ? ["Secure"] : []),
    ...(max_age === null ? [] : [`Max-Age=${max_age}`]),
  ];
  return ["set-cookie", attributes.join("; ")];
}
