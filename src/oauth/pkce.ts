/** Proof Key for Code Exchange, S256 only (RFC 7636, OAuth 2.1 §4.1.1). */
import { OAuthError } from "./errors.ts";

const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

/** @throws OAuthError `invalid_request` unless the challenge is the BASE64URL of a SHA-256, sent with `S256` */
export function checkCodeChallenge(code_challenge: string, method: string | undefined): void {
  if (method !== "S256")
    throw new OAuthError("invalid_request", "code_challenge_method must be S256", {
      parameter: "code_challenge_method",
    });
  if (!CHALLENGE.test(code_challenge))
    throw new OAuthError("invalid_request", "code_challenge must be 43 base64url characters", {
      parameter: "code_challenge",
    });
}

/**
 * Compares the verifier with the challenge of the request (RFC 7636 §4.6).
 * @param sha256 BASE64URL(SHA256(text))
 * @throws OAuthError `invalid_grant`, also for a verifier without an earlier challenge (RFC 9700 §2.1.1)
 */
export function checkCodeVerifier(
  code_challenge: string | null,
  code_verifier: string | undefined,
  sha256: (text: string) => string,
): void {
  if (code_challenge === null) {
    if (code_verifier === undefined) return;
    throw wrongVerifier("was sent, but the request had no challenge");
  }
  if (code_verifier === undefined) throw wrongVerifier("is missing");
  if (!VERIFIER.test(code_verifier) || sha256(code_verifier) !== code_challenge)
    throw wrongVerifier("does not match the code_challenge");
}

const wrongVerifier = (problem: string): OAuthError =>
  new OAuthError("invalid_grant", `code_verifier ${problem}`, { parameter: "code_verifier" });
