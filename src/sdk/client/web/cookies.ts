/** The three cookies of an app (RFC 6265). */

/**
 * - `session`: the session, or where it is stored.
 * - `browser`: a random value. A sign-in that began in this browser ends in this browser.
 * - `ended`: the id of the last session that was logged out, so that a late answer does not bring it back.
 */
export type CookieName = "session" | "browser" | "ended";

/**
 * With `__Host-`, no other host can set it (RFC 6265bis §4.1.3.2). That needs https; on http, which is a loopback
 * address, the port tells apps apart, since all ports of a host share their cookies.
 */
export function fullName(origin: string, name: CookieName): string {
  const { protocol, port } = new URL(origin);
  if (protocol === "https:") return `__Host-vk_${name}`;
  return port === "" ? `vk_${name}` : `vk_${name}_${port}`;
}

/** The value of a cookie; of several with this name, the first. */
export function readCookie(request: Request, origin: string, name: CookieName): string | undefined {
  const start = `${fullName(origin, name)}=`;
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(start))?.slice(start.length);
}

/** A `Set-Cookie` line. @param maxAge seconds; 0 deletes it */
export function cookieLine(
  origin: string,
  name: CookieName,
  { value, maxAge }: { value: string; maxAge: number },
): string {
  const secure = origin.startsWith("https:") ? "; Secure" : "";
  return `${fullName(origin, name)}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`;
}
