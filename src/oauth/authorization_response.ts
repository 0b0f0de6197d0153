/** The authorization response: its members, and how they are delivered (RFC 6749 §4.1.2 and §4.2.2, RFC 9207). */

import type { OAuthError } from "./errors.ts";
import { type Delivery, RESPONSE_MODES, type ResponseMembers } from "./response_mode.ts";
import type { ResponseTarget } from "./response_target.ts";

export type ResponseParameters = Readonly<Record<string, string>>;

export const errorResponse = ({ error, message }: OAuthError): ResponseParameters => ({
  error,
  error_description: message,
});

/** All members of a response: `state` unchanged, and always `iss` (RFC 9207 §2). */
export function responseMembers(
  parameters: ResponseParameters,
  { state }: ResponseTarget,
  issuer: string,
): ResponseMembers {
  return [
    ...Object.entries(parameters),
    ...(state === null ? [] : [["state", state] as const]),
    ["iss", issuer],
  ];
}

export const delivered = (
  members: ResponseMembers,
  { redirect_uri, response_mode }: ResponseTarget,
): Delivery => RESPONSE_MODES[response_mode].deliver(redirect_uri, members);
