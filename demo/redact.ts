/** Makes requests and responses fit to be shown: shortens secrets and decodes tokens. */
import { decodeJwt, decodeProtectedHeader, errors } from "jose";

/** A readable form of a body. */
export type Shown =
  | { kind: "fields"; fields: readonly Field[] }
  | { kind: "json"; text: string; tokens: readonly Token[] }
  | { kind: "note"; text: string };

export interface Field {
  readonly name: string;
  readonly value: string;
}

/** A decoded JWT: its holders can read it, and nobody can change it. */
export interface Token {
  readonly name: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

const SECRET = new Set([
  "access_token",
  "client_secret",
  "code",
  "code_verifier",
  "id_token",
  "refresh_token",
  // Sealed, and of no use elsewhere. In full it would fill the page.
  "state",
  "token",
]);

/** The headers to show; the others do not matter to the story. */
const HEADERS = ["authorization", "content-type", "www-authenticate", "location", "retry-after"];

/** The beginning of a secret, to tell two apart, and the number of omitted characters. */
export function shorten(secret: string, keep = 12): string {
  return secret.length <= keep ? "…" : `${secret.slice(0, keep)}… (${secret.length} characters)`;
}

export function redactHeaders(headers: Headers): [string, string][] {
  return HEADERS.flatMap((name): [string, string][] => {
    const value = headers.get(name);
    if (value === null) return [];
    return [[name, name === "authorization" ? redactAuthorization(value) : value]];
  });
}

function redactAuthorization(value: string): string {
  const [scheme = "", credentials = ""] = value.split(" ");
  if (scheme.toLowerCase() !== "basic") return `${scheme} ${shorten(credentials)}`;
  const [id = "", secret = ""] = Buffer.from(credentials, "base64").toString("utf8").split(":");
  // Both halves are form-encoded before they are joined (RFC 6749 §2.3.1).
  return `${scheme} base64(${id}:${shorten(secret.replaceAll("%5F", "_"), 8)})`;
}

/** Path without its query, and the query as fields. */
export function redactUrl(url: URL): { url: string; body: Shown | null } {
  const fields = [...url.searchParams].map(([name, value]) => field(name, value));
  return {
    url: url.origin + url.pathname,
    body: fields.length > 0 ? { kind: "fields", fields } : null,
  };
}

export function redactBody(text: string, content_type: string | null): Shown | null {
  if (text === "") return null;
  const type = content_type?.split(";")[0] ?? "";
  if (type === "application/x-www-form-urlencoded") {
    const fields = [...new URLSearchParams(text)].map(([name, value]) => field(name, value));
    return { kind: "fields", fields };
  }
  if (type.endsWith("json")) return redactJson(text);
  const size = Math.round(Buffer.byteLength(text) / 1024);
  return { kind: "note", text: type.startsWith("image/") ? `a picture, ${size} kB` : type };
}

const field = (name: string, value: string): Field => ({
  name,
  value: SECRET.has(name) ? shorten(value) : value,
});

function redactJson(text: string): Shown {
  const tokens: Token[] = [];
  const shortened = (name: string, member: unknown): unknown => {
    if (!SECRET.has(name) || typeof member !== "string") return member;
    const token = open(name, member);
    if (token) tokens.push(token);
    return shorten(member);
  };
  try {
    const value: unknown = JSON.parse(text, shortened);
    return { kind: "json", text: JSON.stringify(value, null, 2), tokens };
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: "note", text: "not JSON, though it says so" };
    throw error;
  }
}

function open(name: string, text: string): Token | null {
  if (!/^eyJ[^.]*\.[^.]+\.[^.]+$/.test(text)) return null;
  try {
    return { name, header: { ...decodeProtectedHeader(text) }, claims: decodeJwt(text) };
  } catch (error) {
    // It only looked like a JWT.
    if (error instanceof TypeError || error instanceof errors.JWTInvalid) return null;
    throw error;
  }
}
