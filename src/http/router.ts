/** Finds the route of a path: an exact path by one look-up, others by patterns with named segments. */
import type { PathParams, Route } from "./route.ts";

export interface Match {
  route: Route;
  params: PathParams;
}
export type Router = (path: string) => Match | null;

/** Characters of one decoded segment; all ids are far shorter. */
const LONGEST = 512;
const LITERAL = /^[A-Za-z0-9._~-]+$/;
const NAMED = /^\{([a-z_]+)\}$/;
/** A segment as RFC 3986 §3.3 has it: unreserved, sub-delims, `:` and `@`, or escapes. */
const SEGMENT = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+$/;

interface Pattern {
  route: Route;
  /** A literal segment, or the name of a variable one. */
  segments: readonly (string | { name: string })[];
}

/**
 * Compares paths as they were sent, so that router and rules see the same path; only named segments are decoded.
 * An exact path wins over a pattern.
 * @throws Error for a pattern that is malformed, or two that could answer the same path
 */
export function createRouter(routes: readonly Route[]): Router {
  const exact = new Map<string, Match>();
  const patterns = new Map<number, Pattern[]>();
  for (const route of routes) {
    const pattern = parsePattern(route);
    const { length } = pattern.segments;
    const others = patterns.get(length) ?? [];
    const isExact = pattern.segments.every((each) => typeof each === "string");
    if (exact.has(route.path) || (!isExact && others.some((other) => overlap(pattern, other))))
      throw new Error(`two routes answer ${route.path}`);
    if (isExact) exact.set(route.path, { route, params: {} });
    else patterns.set(length, [...others, pattern]);
  }
  const mostSegments = Math.max(0, ...patterns.keys());

  return (path) => {
    const match = exact.get(path);
    if (match || mostSegments === 0) return match ?? null;
    // One segment more than the longest pattern is enough to know that none matches.
    const segments = path.split("/", mostSegments + 2).slice(1);
    for (const pattern of patterns.get(segments.length) ?? []) {
      const params = paramsOf(pattern, segments);
      if (params) return { route: pattern.route, params };
    }
    return null;
  };
}

function parsePattern(route: Route): Pattern {
  const [before, ...parts] = route.path.split("/");
  const names = new Set<string>();
  const segments = parts.map((part) => {
    const name = NAMED.exec(part)?.[1];
    if (name === undefined) return part;
    names.add(name);
    return { name };
  });
  const literals = segments.filter((each) => typeof each === "string");
  const isRoot = route.path === "/";
  const valid =
    before === "" && parts.length > 0 && (isRoot || literals.every((each) => LITERAL.test(each)));
  if (!valid || names.size !== segments.length - literals.length)
    throw new Error(`${route.path} is no path of a route`);
  return { route, segments };
}

const overlap = (one: Pattern, other: Pattern): boolean =>
  one.segments.every((segment, i) => {
    const beside = other.segments[i];
    return typeof segment !== "string" || typeof beside !== "string" || segment === beside;
  });

function paramsOf({ segments }: Pattern, sent: readonly string[]): PathParams | null {
  const params: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    const given = sent[i] ?? "";
    if (typeof segment === "string") {
      if (segment !== given) return null;
      continue;
    }
    const value = decodeSegment(given);
    if (value === null) return null;
    params[segment.name] = value;
  }
  return params;
}

/** Null for text that is no segment or no UTF-8, is too long, or could be read as a path step such as `..`. */
function decodeSegment(text: string): string | null {
  // An escape has three characters for each byte, and a character has at most four bytes.
  if (text.length > LONGEST * 12 || !SEGMENT.test(text)) return null;
  try {
    const value = text.includes("%") ? decodeURIComponent(text) : text;
    const isStep = value === "." || value === "..";
    return value.length > LONGEST || isStep || /\p{Cc}/u.test(value) ? null : value;
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
