/** The only kind of error that a client may see (RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1). */

/** Error codes of this server, as registered with IANA. */
export type ErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "invalid_scope"
  | "invalid_target"
  | "invalid_token"
  | "insufficient_scope"
  | "access_denied"
  | "login_required"
  | "account_selection_required"
  | "consent_required"
  | "interaction_required"
  | "unmet_authentication_requirements"
  | "invalid_request_object"
  | "invalid_request_uri"
  | "request_uri_not_supported"
  | "registration_not_supported"
  | "authorization_pending"
  | "slow_down"
  | "expired_token"
  | "invalid_redirect_uri"
  | "invalid_client_metadata"
  | "invalid_software_statement"
  | "unapproved_software_statement"
  | "temporarily_unavailable"
  | "server_error";

const STATUS: Partial<Record<ErrorCode, number>> = {
  invalid_client: 401,
  invalid_token: 401,
  insufficient_scope: 403,
  temporarily_unavailable: 503,
  server_error: 500,
};

export interface OAuthErrorOptions extends ErrorOptions {
  /** The wrong request parameter or metadata member. Decisions use this, never the description. */
  parameter?: string | null;
  status?: number;
  /** Response headers of the error, such as a challenge. Names in lower case. */
  headers?: readonly (readonly [name: string, value: string])[];
  /** Details for the log and the operator, which may quote the request. */
  reason?: Readonly<Record<string, unknown>>;
  /** Of an error that stands for several: each of them. */
  problems?: readonly OAuthError[];
}

/**
 * Describes a mistake of the client. `description` is lower case ASCII without `"` and `\`, and never holds a secret or
 * input of the client.
 */
export class OAuthError extends Error {
  override readonly name = "OAuthError";
  readonly error: ErrorCode;
  readonly parameter: string | null;
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly reason: Readonly<Record<string, unknown>>;
  readonly problems: readonly OAuthError[];
  constructor(error: ErrorCode, description: string, options: OAuthErrorOptions = {}) {
    super(description, options);
    this.error = error;
    this.parameter = options.parameter ?? null;
    this.status = options.status ?? STATUS[error] ?? 400;
    this.headers = options.headers ?? [];
    this.reason = options.reason ?? {};
    this.problems = options.problems ?? [];
  }
}

/** Reads one value. A problem is recorded, and reading goes on with another value. */
export type Found = <T>(read: () => T, otherwise: T) => T;

/** @param problems gets each OAuthError of a read */
export const recordIn =
  (problems: OAuthError[]): Found =>
  (read, otherwise) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      problems.push(error);
      return otherwise;
    }
  };

/** Problems in one refusal: a list of a hundred addresses may have as many. */
const MOST_TOLD = 10;

/** One error for all: it names the member of the first, and describes each. @returns null: there is no problem */
export function joined(problems: readonly OAuthError[]): OAuthError | null {
  const [first, ...others] = problems;
  if (!first || others.length === 0) return first ?? null;
  const { error, parameter, reason } = first;
  const text = listed(problems, ({ message }) => message);
  return new OAuthError(error, text, { parameter, reason, problems });
}

/** The first problems in one line, and the number of the others. */
export function listed(
  problems: readonly OAuthError[],
  describe: (problem: OAuthError) => string,
): string {
  const more = problems.length - MOST_TOLD;
  const told = problems.slice(0, MOST_TOLD).map(describe);
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

/** The same error with additional headers. */
export const withErrorHeaders = (cause: OAuthError, headers: OAuthError["headers"]): OAuthError => {
  const { error, message, parameter, status, reason } = cause;
  const all = [...cause.headers, ...headers];
  return new OAuthError(error, message, { parameter, status, reason, headers: all, cause });
};
