/** Claims about a person: the scopes that give them, and their types (OpenID Connect Core §5.1, §5.4). */
import { isJsonValue, isPlainObject } from "./json.ts";
import { belongsTo, claimOf, type Permission, resourceOf, scopeOf } from "./permission.ts";
import type { Catalogue } from "./resource_indicator.ts";

export type Claims = Readonly<Record<string, unknown>>;

export const SCOPE_CLAIMS: Readonly<Record<string, readonly string[]>> = {
  profile: [
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
  ],
  email: ["email", "email_verified"],
  address: ["address"],
  phone: ["phone_number", "phone_number_verified"],
};

/** The claims of a scope, defined by OpenID Connect or by the configuration. */
export function claimsOfScope(name: string, { scopes }: Pick<Catalogue, "scopes">): string[] {
  if (Object.hasOwn(SCOPE_CLAIMS, name)) return [...(SCOPE_CLAIMS[name] ?? [])];
  return Object.hasOwn(scopes, name) ? [...(scopes[name]?.claims ?? [])] : [];
}

/**
 * The claims that scopes give at a resource, each once. Those of the issuer's own scopes are for the app, at userinfo and in
 * ID tokens; those of an API's scopes are for that API, in its access tokens and at introspection.
 */
export function claimsAt(
  resource: string,
  scope: readonly string[],
  catalogue: Catalogue,
): string[] {
  const own = scope.filter((name) => belongsTo(name, resource, catalogue));
  return [...new Set(own.flatMap((name) => claimsOfScope(name, catalogue)))];
}

/** False: such a claim is left out, never sent as null or empty (OpenID Connect Core §5.3.2). */
export function hasValue(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return !(Array.isArray(value) || isPlainObject(value)) || Object.keys(value).length > 0;
}

/**
 * Members that only the server sets: a user store can't add them to a token (OpenID Connect Core §2, RFC 7662 §2.2).
 */
export const RESERVED_CLAIMS: ReadonlySet<string> = new Set(
  (
    "iss sub aud exp nbf iat jti nonce acr amr azp auth_time at_hash c_hash s_hash sid cnf act may_act scope client_id " +
    "events sub_jwk authorization_details _claim_names _claim_sources grant_id access_epoch active username token_type"
  ).split(" "),
);

interface Kind {
  wanted: string;
  holds(value: unknown): boolean;
}

const isText = (value: unknown): value is string => typeof value === "string";
const text: Kind = { wanted: "a string", holds: isText };
const flag: Kind = { wanted: "true or false", holds: (value) => typeof value === "boolean" };
const time: Kind = {
  wanted: "a number of seconds since 1970",
  holds: (value) => typeof value === "number" && Number.isFinite(value),
};
const email: Kind = {
  wanted: "an e-mail address",
  holds: (value) => isText(value) && /^[^@\s]+@[^@\s]+$/.test(value),
};
const link: Kind = {
  wanted: "a web address",
  holds: (value) => isText(value) && /^https?:\/\//i.test(value) && URL.canParse(value),
};
const address: Kind = {
  wanted: 'an object of strings, such as {"country":"DE"}',
  holds: (value) => isPlainObject(value) && Object.values(value).every(isText),
};
const birthdate: Kind = {
  wanted: "a date such as 1815-12-10, 0000-12-10 without the year, or a year alone",
  holds: (value) =>
    isText(value) && /^\d{4}(?:-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))?$/.test(value),
};
const anything: Kind = {
  wanted: "a value that JSON can hold",
  holds: (value) => isJsonValue(value),
};

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ...Object.values(SCOPE_CLAIMS)
    .flat()
    .map((name) => [name, text] as const),
  ["email_verified", flag],
  ["phone_number_verified", flag],
  ["updated_at", time],
  ["email", email],
  ["profile", link],
  ["picture", link],
  ["website", link],
  ["address", address],
  ["birthdate", birthdate],
]);

/** The type that a claim must have, in words, if this value has another one; null: the value is right. */
export function wantedInstead(name: string, value: unknown): string | null {
  const { wanted, holds } = KINDS.get(name) ?? anything;
  return holds(value) ? null : wanted;
}

/**
 * The permissions to ask a person for. A claim that the account does not have, and a scope of the issuer that gives claims
 * of which it has none, are left out: agreeing to it would cover unseen claims that the account gets later. It is asked for once the account has such
 * a claim.
 */
export function worthAsking(
  permissions: readonly Permission[],
  claims: Claims,
  catalogue: Catalogue,
): Permission[] {
  const has = (name: string): boolean => {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    return hasValue(value) && wantedInstead(name, value) === null;
  };
  const worth = permissions.filter((each) => {
    const claim = claimOf(each);
    if (claim !== null) return has(claim);
    const scope = resourceOf(each) === catalogue.issuer ? scopeOf(each) : null;
    const names = scope === null ? [] : claimsOfScope(scope, catalogue);
    return names.length === 0 || names.some(has);
  });
  // A request for such scopes only is not changed: an empty one could not be answered.
  return worth.length > 0 ? worth : [...permissions];
}
