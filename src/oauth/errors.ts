/** The one kind of refusal that a client may see (RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1). */

/** Error codes that this server can answer, as registered with IANA. */
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

/**
 * Says what the client did wrong. `description` is lower case ASCII without `"` and `\`, and never holds
 * a secret or what the client sent. `reason` is for the log and the operator: it may quote.
 */
export class OAuthError extends Error {
  override readonly name = "OAuthError";
  readonly error: ErrorCode;
  readonly status: number;
  readonly reason: Readonly<Record<string, unknown>>;
  constructor(
    error: ErrorCode,
    description: string,
    options: ErrorOptions & { status?: number; reason?: Record<string, unknown> } = {},
  ) {
    super(description, options);
    this.error = error;
    this.status = options.status ?? STATUS[error] ?? 400;
    this.reason = options.reason ?? {};
  }
}
