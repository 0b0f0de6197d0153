/** Cookies: `__Host-` and Secure on https, the plain name on http loopback (RFC 6265bis §4.1.3.2). */
import { sha256 } from "../crypto/hash.ts";
import { remember } from "../oauth/remember.ts";
import type { HttpRequest } from "./message.ts";
import { basePath } from "./paths.ts";

export type CookieName = "session" | "browser" | "known";

const isSecure = (issuer: string): boolean => issuer.startsWith("https:");

/**
 * The name holds a short hash of the issuer's path, since `__Host-` cookies are sent to all paths. The plain name holds
 * the port, since all ports of a host share their cookies.
 */
const nameAround = remember((issuer) => {
  const path = basePath(issuer);
  const end = path === "" ? "" : `_${sha256(path).slice(0, 8)}`;
  if (isSecure(issuer)) return ["__Host-valetkey_", end];
  const { port } = new URL(issuer);
  return ["valetkey_", port ? `${end}_${port}` : end];
});

function nameOf(name: CookieName, issuer: string): string {
  const [before, after] = nameAround(issuer);
  return `${before}${name}${after}`;
}

export function readCookie(request: HttpRequest, name: CookieName, issuer: string): string | null {
  const wanted = nameOf(name, issuer);
  for (const pair of (request.header("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === wanted) return pair.slice(at + 1).trim();
  }
  return null;
}

/** @param max_age seconds; null: until the browser ends, 0: removes the cookie */
export function setCookie(
  name: CookieName,
  value: string,
  { issuer, max_age }: { issuer: string; max_age: number | null },
): readonly [string, string] {
  const attributes = [
    `${nameOf(name, issuer)}=${value}`,
    "Path=/",
    "HttpOnly",
    "SameSite=Lax",
    ...(isSecure(issuer) ? ["Secure"] : []),
    ...(max_age === null ? [] : [`Max-Age=${max_age}`]),
  ];
  return ["set-cookie", attributes.join("; ")];
}
