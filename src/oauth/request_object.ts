/** Request objects: the parameters of an authorization request in a signed JWT (OpenID Connect Core §6, RFC 9101). */
import { OAuthError } from "./errors.ts";
import { type Params, paramsOf } from "./params.ts";
import { findResponseType } from "./response_type.ts";

/** Accepted values of `typ` (OpenID Connect Core §6.1 names none; RFC 9101 §10.8). */
export const REQUEST_OBJECT_TYPES = ["jwt", "oauth-authz-req+jwt"];

/** Claims about the JWT itself (RFC 7519 §4.1), which are no parameters. */
const ABOUT_JWT = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
const REFERENCES = ["request", "request_uri"];

type Claims = Readonly<Record<string, unknown>>;

/** Makes one request out of the parameters beside the object and those inside of it. */
type Assembly = (outer: Params, inner: Params) => Params;

export const ASSEMBLIES = {
  /** The object supersedes what is beside it (OpenID Connect Core §6.3.3). */
  openid: (outer, inner) => {
    const beside = outer.names().filter((name) => inner.get(name) === undefined);
    return pick(
      [outer, beside.filter((name) => !REFERENCES.includes(name))],
      [inner, inner.names()],
    );
  },
  /** What is beside the object does not count, except for the client (RFC 9101 §6.3). */
  jar: (outer, inner) => pick([outer, ["client_id"]], [inner, without(inner.names(), "client_id")]),
} as const satisfies Record<string, Assembly>;

const without = (names: readonly string[], name: string): string[] =>
  names.filter((each) => each !== name);

const pick = (...parts: readonly (readonly [Params, readonly string[]])[]): Params =>
  paramsOf(
    parts.flatMap(([params, names]) =>
      names.flatMap((name) => params.all(name).map((value) => [name, value] as const)),
    ),
  );

/**
 * The parameters in an object. Values that JSON has other types for are read as the query writes them: `max_age` as
 * digits, `claims` as JSON.
 * @param most the number of parameters
 * @throws OAuthError `invalid_request_object`
 */
export function parametersOf(claims: Claims, most: number): Params {
  const names = Object.keys(claims).filter((name) => !ABOUT_JWT.includes(name));
  const pairs = names.flatMap((name) =>
    (name === "resource" ? [claims[name]].flat() : [claims[name]])
      .filter((value) => value !== null)
      .map((value) => [name, typeof value === "string" ? value : JSON.stringify(value)] as const),
  );
  if (pairs.length > most) throw refuse("holds too many parameters");
  return paramsOf(pairs);
}

/**
 * Checks what an object says about itself.
 * @throws OAuthError `invalid_request_object`
 */
export function checkRequestObject(
  claims: Claims,
  outer: Params,
  { client_id, issuer }: { client_id: string; issuer: string },
): void {
  if (REFERENCES.some((name) => name in claims)) throw refuse("refers to another request object");
  if ("iss" in claims && claims.iss !== client_id) throw refuse("is not issued by the client");
  if ("aud" in claims && ![claims.aud].flat().includes(issuer))
    throw refuse("is not for this server");
  // A client assertion has the client as its subject (RFC 9101 §10.8).
  if (claims.sub === client_id) throw refuse("is a client assertion");
  if ("client_id" in claims && claims.client_id !== client_id)
    throw refuse("names another client_id than the request");
  const outside = outer.get("response_type");
  if ("response_type" in claims && outside !== undefined && !isSameType(claims, outside))
    throw refuse("names another response_type than the request");
}

function isSameType({ response_type }: Claims, outside: string): boolean {
  const inside = String(response_type);
  const spelled = (text: string) => findResponseType(text)?.name ?? text;
  return spelled(inside) === spelled(outside);
}

export const refuse = (problem: string, reason: Readonly<Record<string, unknown>> = {}) =>
  new OAuthError("invalid_request_object", `the request object ${problem}`, {
    parameter: "request",
    reason,
  });
