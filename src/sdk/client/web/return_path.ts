/** Where a person goes after a sign-in: a path of this app, never another site (RFC 9700 §4.11). */
import type { AuthError } from "../../errors.ts";

const LONGEST = 1024;
/** Browsers read `\` as `/`, and ignore some control characters. */
const DANGEROUS = /[\\\p{Cc}]/u;

/**
 * The path itself, or `/` when it could lead elsewhere, or back into a sign-in.
 * @param origin of this app
 */
export function returnPath(
  path: string | null | undefined,
  { origin, prefix }: { origin: string; prefix: string },
): string {
  if (!path || path.length > LONGEST || !/^\/(?!\/)/.test(path) || DANGEROUS.test(path)) return "/";
  const url = URL.parse(path, origin);
  if (url?.origin !== origin) return "/";
  const isOwn = url.pathname === prefix || url.pathname.startsWith(`${prefix}/`);
  return isOwn ? "/" : path;
}

/** The name of the parameter with which a return path says that the sign-in was refused. */
export const AUTH_ERROR = "auth_error";

/** The path with the parameter `auth_error`. */
export function refusedPath(path: string, { code }: AuthError): string {
  const url = new URL(path, "http://localhost");
  url.searchParams.set(AUTH_ERROR, code);
  return `${url.pathname}${url.search}${url.hash}`;
}
