/** Scope (RFC 6749 §3.3, OpenID Connect Core §5.4): a list inside, a string on the wire. */
import { OAuthError } from "./errors.ts";

/** Scopes that OpenID Connect defines; every server has them. */
export const OPENID_SCOPES = [
  "openid",
  "profile",
  "email",
  "address",
  "phone",
  "offline_access",
] as const;

const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/;

export const isScopeToken = (text: string): boolean => SCOPE_TOKEN.test(text);
const OPENID: ReadonlySet<string> = new Set(OPENID_SCOPES);
export const isOpenIdScope = (name: string): boolean => OPENID.has(name);

/** @throws OAuthError `invalid_scope` for a character that RFC 6749 does not allow */
export function parseScope(text: string): string[] {
  if (isScopeToken(text)) return [text];
  const names = [...new Set(text.split(" ").filter(Boolean))];
  if (names.length === 0 || !names.every(isScopeToken))
    throw new OAuthError("invalid_scope", "scope is malformed", { parameter: "scope" });
  return names;
}

export const formatScope = (scope: readonly string[]): string => scope.join(" ");

/** The scopes that are also in `bound`, in the order of `scope`. */
export const within = (scope: readonly string[], bound: readonly string[]): string[] =>
  scope.filter((name) => bound.includes(name));

export const isWithin = (scope: readonly string[], bound: readonly string[]): boolean =>
  scope.every((name) => bound.includes(name));
