/** The one error that the SDKs throw: what happened, and what to do about it. */

/**
 * What went wrong.
 * - `configuration`: an option, or what the provider has stored about this client, is wrong.
 * - `issuer_unreachable`: no usable answer from the provider: network, time-out, 429 or a status from 500 up.
 * - `issuer_mismatch`: another issuer answered than the configured one (RFC 9207, RFC 8414 §3.3).
 * - `invalid_response`: the provider's answer breaks the specification.
 * - `clock_skew`: the clocks of this machine and the provider differ by more than 30 seconds.
 * - `access_denied`: the person or the provider said no.
 * - `login_expired`: a sign-in took too long, or its code was used before.
 * - `login_elsewhere`: the callback belongs to another sign-in, or to another browser.
 * - `wrong_account`: another person signed in than the one that was asked for.
 * - `no_session`: nobody is signed in.
 * - `session_over`: the provider ended the session; the person has to sign in again.
 * - `session_too_large`: a session does not fit into its cookie.
 * - `step_up_needed`: a stronger or a fresher sign-in is needed.
 * - `sign_in_needed`: the provider needs the person, or somebody has to sign in first.
 * - `cancelled`: the caller's signal, or the person, stopped it.
 * - `timed_out`: nobody answered within the given time.
 * - `no_way`: none of the ways to sign in works here.
 * - `keychain_unavailable`, `storage_busy`, `storage_unreadable`: the place where sessions are kept.
 * - `token_refused`: an API refused an access token.
 */
export type Code =
  | "configuration"
  | "issuer_unreachable"
  | "issuer_mismatch"
  | "invalid_response"
  | "clock_skew"
  | "access_denied"
  | "login_expired"
  | "login_elsewhere"
  | "wrong_account"
  | "no_session"
  | "session_over"
  | "session_too_large"
  | "step_up_needed"
  | "sign_in_needed"
  | "cancelled"
  | "timed_out"
  | "no_way"
  | "keychain_unavailable"
  | "storage_busy"
  | "storage_unreadable"
  | "token_refused";

export interface AuthErrorOptions extends ErrorOptions {
  /** What to do about it: lower case, no full stop. */
  hint: string;
  /** The same call may succeed later. Default: false. */
  retryable?: boolean;
  /** Status of the provider's response. */
  status?: number | undefined;
  /** Id of the provider. */
  provider?: string | undefined;
}

/** What happened, without the code and the hint. */
export const whatOf = ({ message, code, hint }: AuthError): string =>
  message.slice(`${code}: `.length, -`. hint: ${hint}`.length);

/** The same error with another hint. */
export function withHint(error: AuthError, hint: string): AuthError {
  const { code, retryable, status, provider, cause } = error;
  return new AuthError(code, whatOf(error), { hint, retryable, status, provider, cause });
}

/**
 * The only error that the SDKs throw. Its message is `code: what happened. hint: what to do`, names both values of a
 * comparison and the provider's own error code, and never contains a token, a code or a secret.
 */
export class AuthError extends Error {
  override readonly name = "AuthError";
  /** What went wrong, for programs. */
  readonly code: Code;
  /** What to do about it, for people. */
  readonly hint: string;
  /** The same call may succeed later: nothing is wrong with its arguments. */
  readonly retryable: boolean;
  /** Status of the provider's response, where there was one. */
  declare status?: number;
  /** Id of the provider, such as `github`, where one was configured. */
  declare provider?: string;

  /** @param what happened: lower case, no full stop, no secret */
  constructor(code: Code, what: string, options: AuthErrorOptions) {
    const { hint, retryable = false, status, provider, ...rest } = options;
    super(`${code}: ${what}. hint: ${hint}`, rest);
    this.code = code;
    this.hint = hint;
    this.retryable = retryable;
    if (status !== undefined) this.status = status;
    if (provider !== undefined) this.provider = provider;
  }
}
