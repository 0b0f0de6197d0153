/** Addresses of our own: below the issuer, which may have a path. */
import type { Server } from "../context.ts";

/** Path of the issuer, without a slash at its end; empty at the root of the origin. */
export const basePath = (issuer: string): string => new URL(issuer).pathname.replace(/\/$/, "");

export function pathOf(
  { issuer }: Pick<Server, "issuer">,
  path: string,
  query: Readonly<Record<string, string>> = {},
): string {
  const search = new URLSearchParams(query).toString();
  return `${basePath(issuer)}${path}${search === "" ? "" : `?${search}`}`;
}
