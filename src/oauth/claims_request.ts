/** The `claims` parameter: claims that a client asks for by name (OpenID Connect Core §5.5). */
import { claimsAt } from "./claims.ts";
import { OAuthError } from "./errors.ts";
import { isJsonObject, parseJsonStrictly } from "./json.ts";
import { claimPermission, type Permission, permissionOf, scopesAt } from "./permission.ts";
import type { Catalogue } from "./resource_indicator.ts";

/** The claims by name that a grant holds, at the places where the client wants them. */
export interface NamedClaims {
  userinfo: string[];
  id_token: string[];
}

export const NO_NAMED_CLAIMS: NamedClaims = { userinfo: [], id_token: [] };

/** An `acr` that the client asks for, in the order of its preference. */
export interface AcrRequest {
  values: string[];
  essential: boolean;
}

export interface ClaimsRequest extends NamedClaims {
  /** The one person that the request is for, as the client knows them; null: any. */
  sub: string | null;
  /** Null: none was asked for. */
  acr: AcrRequest | null;
}

const NOTHING: ClaimsRequest = { ...NO_NAMED_CLAIMS, sub: null, acr: null };

/** Characters of the parameter. */
const LONGEST = 4096;

/**
 * Reads the parameter. Claims that the server does not know, and members of a wrong type, are ignored (§5.5). So are
 * values of claims other than `sub` and `acr`: the client compares those itself.
 * @throws OAuthError `invalid_request` for text that is no JSON object, or that is ambiguous or too long
 */
export function parseClaimsRequest(text: string | undefined): ClaimsRequest {
  if (text === undefined) return NOTHING;
  if (text.length > LONGEST) throw invalid(`is longer than ${LONGEST} characters`);
  const asked = new Map(Object.entries(parse(text)));
  const [userinfo, id_token] = [membersOf(asked.get("userinfo")), membersOf(asked.get("id_token"))];
  return {
    userinfo: [...userinfo.keys()],
    id_token: [...id_token.keys()],
    sub: valuesOf(id_token.get("sub"))[0] ?? valuesOf(userinfo.get("sub"))[0] ?? null,
    acr: acrOf(id_token),
  };
}

function parse(text: string): object {
  try {
    const value = parseJsonStrictly(text);
    if (isJsonObject(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw invalid("is not a JSON object, or repeats a key");
}

const membersOf = (value: unknown): ReadonlyMap<string, unknown> =>
  new Map(isJsonObject(value) ? Object.entries(value) : []);

/** `value` or `values`, as far as they are texts. */
function valuesOf(member: unknown): string[] {
  if (!isJsonObject(member)) return [];
  const { value, values } = member;
  const all = value !== undefined ? [value] : Array.isArray(values) ? values : [];
  return all.filter((each) => typeof each === "string");
}

/** Without values nothing certain is asked for: ID tokens have an `acr` anyway. */
function acrOf(id_token: ReadonlyMap<string, unknown>): AcrRequest | null {
  const member = id_token.get("acr");
  const values = valuesOf(member);
  if (values.length === 0) return null;
  return { values, essential: isJsonObject(member) && member.essential === true };
}

interface Asking {
  permissions: readonly Permission[];
  /** The scopes that the client may ask for: a claim is for clients that may have a scope which gives it. */
  allowed_scope: readonly string[];
  catalogue: Catalogue;
}

/**
 * The claims that this request can get, and the permissions for those that its scopes do not give. Without `openid` there
 * is neither an ID token nor userinfo.
 */
export function claimsAsked(
  { userinfo, id_token }: NamedClaims,
  { permissions, allowed_scope, catalogue }: Asking,
): { claims: NamedClaims; permissions: Permission[] } {
  const { issuer } = catalogue;
  // Most requests ask for none.
  const is_empty = userinfo.length === 0 && id_token.length === 0;
  if (is_empty || !permissions.includes(permissionOf(issuer, "openid")))
    return { claims: NO_NAMED_CLAIMS, permissions: [] };
  const allowed = claimsAt(issuer, allowed_scope, catalogue);
  const within = (names: readonly string[]) => names.filter((name) => allowed.includes(name));
  const claims = { userinfo: within(userinfo), id_token: within(id_token) };
  const given = claimsAt(issuer, scopesAt(permissions, issuer), catalogue);
  const beyond = [...claims.userinfo, ...claims.id_token].filter((name) => !given.includes(name));
  return { claims, permissions: [...new Set(beyond)].map((name) => claimPermission(issuer, name)) };
}

/** Whether some scope that the client may have gives the claim. */
export const isClaimAllowed = (
  name: string,
  allowed_scope: readonly string[],
  catalogue: Catalogue,
): boolean => claimsAt(catalogue.issuer, allowed_scope, catalogue).includes(name);

const invalid = (problem: string): OAuthError =>
  new OAuthError("invalid_request", `claims ${problem}`, { parameter: "claims" });
