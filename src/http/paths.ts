/** URLs of the server, below the issuer, which may have a path. */
import type { Server } from "../context.ts";
import { remember } from "../oauth/remember.ts";

/** Path of the issuer, without a slash at its end; empty at the root of the origin. */
export const basePath = remember((issuer) => new URL(issuer).pathname.replace(/\/$/, ""));

/** @param base path of the issuer, or empty */
export const isBelow = (target: string, base: string): boolean =>
  target.startsWith(base) && (base === "" || /^(?:$|[/?])/.test(target.slice(base.length)));

const NONE = {};

export function pathOf(
  { issuer }: Pick<Server, "issuer">,
  path: string,
  query: Readonly<Record<string, string>> = NONE,
): string {
  if (query === NONE) return basePath(issuer) + path;
  const search = new URLSearchParams(query).toString();
  return `${basePath(issuer)}${path}${search === "" ? "" : `?${search}`}`;
}
