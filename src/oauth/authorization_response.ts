/** The authorization response: its target and its members (RFC 6749 §4.1.2, RFC 9207). */
import type { ResponseTarget } from "./authorization_request.ts";
import type { OAuthError } from "./errors.ts";

export type ResponseParameters = Readonly<Record<string, string>>;

export const codeResponse = (code: string): ResponseParameters => ({ code });

export const errorResponse = ({ error, message }: OAuthError): ResponseParameters => ({
  error,
  error_description: message,
});

/** All members of a response: `state` unchanged, and always `iss` (RFC 9207 §2). */
export function responseMembers(
  parameters: ResponseParameters,
  { state }: ResponseTarget,
  issuer: string,
): [string, string][] {
  return [
    ...Object.entries(parameters),
    ...(state === null ? [] : [["state", state] as [string, string]]),
    ["iss", issuer],
  ];
}

/** The URL of a response in the query or the fragment. A registered query is kept. */
export function responseUrl(
  members: readonly [string, string][],
  { redirect_uri, response_mode }: ResponseTarget,
): string {
  const answer = new URLSearchParams(members.map(([name, value]) => [name, value])).toString();
  if (response_mode === "fragment") return `${redirect_uri}#${answer}`;
  const separator = !redirect_uri.includes("?") ? "?" : /[?&]$/.test(redirect_uri) ? "" : "&";
  return `${redirect_uri}${separator}${answer}`;
}
