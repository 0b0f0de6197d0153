/** Claims about a person, and which scope asks for which (OpenID Connect Core §5.1, §5.4). */

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

/** The person's claims that `scope` asks for. One without a value is left out, never null or empty. */
export function claimsForScope(scope: readonly string[], claims: Claims): Record<string, unknown> {
  const names = scope.flatMap((name) => SCOPE_CLAIMS[name] ?? []);
  const chosen: Record<string, unknown> = {};
  for (const name of names) if (hasValue(claims[name])) chosen[name] = claims[name];
  return chosen;
}

function hasValue(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/** Members that only the server sets: a user store can't put them into a token (OpenID Connect Core §2). */
export const RESERVED_CLAIMS: ReadonlySet<string> = new Set(
  "iss sub aud exp nbf iat jti nonce acr amr azp auth_time at_hash c_hash s_hash sid cnf act scope client_id events".split(
    " ",
  ),
);
