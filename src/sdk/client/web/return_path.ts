/** Where a person goes after a sign-in: a path of this app, never another site (RFC 9700 §4.11). */
import type { AuthError } from "../../errors.ts";

const LONGEST = 1024;
/** Browsers read `\` as `/`, and ignore some control characters. */
const DANGEROUS = /[\\\p{Cc}]/u;

/**
 * The path as a browser would write it, or `/` when it could lead elsewhere, or back into a sign-in.
 * @param origin of this app
 */
export function returnPath(
  path: string | null | undefined,
  { origin, prefix }: { origin: string; prefix: string },
): string {
  if (!path || !/^\/(?!\/)/.test(path) || DANGEROUS.test(path)) return "/";
  const url = URL.parse(path, origin);
  if (url?.origin !== origin) return "/";
  const { pathname, search, hash } = url;
  const isOwn = pathname === prefix || pathname.startsWith(`${prefix}/`);
  const written = pathname + search + hash;
  // Without its dots, `/.//host` is another host.
  return isOwn || written.startsWith("//") || written.length > LONGEST ? "/" : written;
}

/** The name of the parameter with which a return path says that the sign-in was refused. */
export const AUTH_ERROR = "auth_error";

/** The path with the parameter `auth_error`. */
export function refusedPath(path: string, { code }: AuthError): string {
  const url = new URL(path, "http://localhost");
  url.searchParams.set(AUTH_ERROR, code);
  return `${url.pathname}${url.search}${url.hash}`;
}
