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
  | "consent_required"
  | "interaction_required"
  | "request_not_supported"
  | "request_uri_not_supported"
  | "registration_not_supported"
  | "authorization_pending"
  | "slow_down"
  | "expired_token"
  | "invalid_redirect_uri"
  | "invalid_client_metadata"
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
  constructor(error: ErrorCode, description: string, options: OAuthErrorOptions = {}) {
    super(description, options);
    this.error = error;
    this.parameter = options.parameter ?? null;
    this.status = options.status ?? STATUS[error] ?? 400;
    this.headers = options.headers ?? [];
    this.reason = options.reason ?? {};
  }
}

/** The same error with additional headers. */
export const withErrorHeaders = (cause: OAuthError, headers: OAuthError["headers"]): OAuthError => {
  const { error, message, parameter, status, reason } = cause;
  const all = [...cause.headers, ...headers];
  return new OAuthError(error, message, { parameter, status, reason, headers: all, cause });
};
