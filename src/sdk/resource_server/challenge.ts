/** The refusals of an API: `WWW-Authenticate` and status (RFC 6750 §3, RFC 9470 §3, RFC 9728 §5.1). */

/** One way to authenticate, with its parameters. Those that are undefined are left out. */
export interface Challenge {
  scheme: string;
  params: Readonly<Record<string, string | undefined>>;
}

/** The value of `WWW-Authenticate`, with one challenge for each scheme that the API takes (RFC 9110 §11.6.1). */
export const challengeText = (challenges: readonly Challenge[]): string =>
  challenges
    .map(({ scheme, params }) => {
      const parts = Object.entries(params).flatMap(([name, value]) =>
        value === undefined ? [] : `${name}="${quotable(value)}"`,
      );
      return parts.length === 0 ? scheme : `${scheme} ${parts.join(", ")}`;
    })
    .join(", ");

/** Texts of tokens must not break out of a quoted string, or out of the header. */
const quotable = (text: string): string => text.replaceAll(/[^\x20-\x7e]|["\\]/g, "'");

export interface Refusal {
  status: 401 | 403;
  error?: "invalid_token" | "insufficient_scope" | "insufficient_user_authentication";
  description?: string;
  /** The requirements of a new token. */
  scope?: readonly string[];
  acr?: readonly string[] | undefined;
  maxAge?: number | undefined;
}

/** @param schemes that the API takes, the preferred one first */
export function refusalResponse(
  { status, error, description, scope = [], acr = [], maxAge }: Refusal,
  { schemes, resourceMetadata }: { schemes: readonly string[]; resourceMetadata: string | null },
): Response {
  // It may repeat what a stranger wrote into a token, and proxies take short headers only.
  const short = description?.slice(0, 300);
  const params = {
    error,
    error_description: short,
    scope: scope.length > 0 ? scope.join(" ") : undefined,
    acr_values: acr.length > 0 ? acr.join(" ") : undefined,
    max_age: maxAge?.toString(),
    resource_metadata: resourceMetadata ?? undefined,
  };
  const text = challengeText(schemes.map((scheme) => ({ scheme, params })));
  return answer(status, { error, error_description: short }, { "www-authenticate": text });
}

/** The issuer can't be asked: the token may be good. */
export const unavailableResponse = (description: string): Response =>
  answer(
    503,
    { error: "temporarily_unavailable", error_description: description },
    { "retry-after": "5" },
  );

const answer = (status: number, body: object, headers: Record<string, string>): Response =>
  Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
