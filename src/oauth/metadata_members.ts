/** Reads single members of client metadata from submitted JSON. Each error names the member. */
import { type ErrorCode, OAuthError } from "./errors.ts";
import { formatScope, isScopeToken } from "./scope.ts";

/** A member that is null counts as absent (RFC 7592 §2.2). */
export type Members = ReadonlyMap<string, unknown>;

/** @param kind `link`: an https address; `picture`: that, or a picture inside the page */
export function readText(
  given: Members,
  name: string,
  { longest, kind = "text" }: { longest: number; kind?: "text" | "link" | "picture" },
): string | undefined {
  const value = given.get(name);
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string" || value.length > longest || hasControlCharacter(value))
    throw refuse(name, `must be a plain string of at most ${longest} characters`);
  const picture = kind === "picture" && /^data:image\/[a-z+]+[;,]/.test(value);
  if (kind !== "text" && !picture && !isWebLink(value))
    throw refuse(name, "must be an https address");
  return value;
}

/** @param known the scopes of this server. Others are left out, or refused if none is left */
export function readScope(
  value: unknown,
  known: readonly string[] | undefined,
): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const names = typeof value === "string" ? value.split(" ").filter(Boolean) : [];
  if (names.length === 0 || !names.every(isScopeToken))
    throw refuse("scope", "must be a string of scope names with spaces between");
  const kept = known ? names.filter((name) => known.includes(name)) : names;
  if (kept.length === 0) throw refuse("scope", "holds no scope that this server knows");
  return formatScope([...new Set(kept)]);
}

export function strings(given: Members, name: string): string[] | undefined {
  const value = given.get(name);
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || value.length > 100 || !value.every((v) => typeof v === "string"))
    throw refuse(name, "must be an array of strings");
  return [...new Set<string>(value)];
}

interface Supported {
  allowed: readonly string[];
  otherwise: string[];
  /** A value as this server spells it. */
  spelled?: (value: string) => string;
}

/** Leaves out unsupported values; refuses the member if none is left. */
export function supported(
  given: Members,
  name: string,
  { allowed, otherwise, spelled = (value) => value }: Supported,
): string[] {
  // The default is checked too, since a server may not offer it.
  const asked = [...new Set((strings(given, name) ?? otherwise).map(spelled))];
  const kept = asked.filter((value) => allowed.includes(value));
  if (asked.length > 0 && kept.length === 0)
    throw refuse(name, `may hold ${allowed.join(", ")} only`);
  return kept;
}

export function oneOf<T extends string>(
  given: Members,
  name: string,
  allowed: readonly T[],
  otherwise?: T,
): T {
  const value = given.get(name) ?? otherwise;
  const found = allowed.find((each) => each === value);
  if (!found) throw refuse(name, `must be one of ${allowed.join(", ")}`);
  return found;
}

/**
 * Control characters are not needed in names. Invisible and reordering characters are removed when a name is shown
 * (pages/foreign.ts).
 */
const hasControlCharacter = (text: string): boolean => /[\p{Cc}\p{Cs}]/u.test(text);

/** An https address; http on this computer only. */
export function isWebLink(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  const loopback = ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
  return protocol === "https:" || (protocol === "http:" && loopback);
}

export function refuse(
  member: string,
  problem: string,
  error: ErrorCode = "invalid_client_metadata",
): OAuthError {
  return new OAuthError(error, `${member} ${problem}`, { parameter: member });
}
