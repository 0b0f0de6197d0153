/** New tokens for a refresh token (OAuth 2.1 §4.3, OpenID Connect Core §12). */
import { AuthError } from "../errors.ts";
import type { Tokens } from "../tokens.ts";
import type { Party } from "./party.ts";
import type { Need } from "./token_need.ts";
import { requestTokens } from "./token_request.ts";

export interface RefreshOptions {
  /** Fewer scopes than were granted, separated by spaces. Default: all of them. */
  scope?: string;
  /** URI of the API that the new access token is for (RFC 8707). Default: the provider decides. */
  resource?: string;
}

/** @throws AuthError `session_over` when the provider no longer accepts the token */
export async function refresh(
  party: Party,
  refreshToken: string,
  { scope, resource }: RefreshOptions = {},
): Promise<Tokens> {
  const grant = party.provider?.exchange ?? "refresh_token";
  const tokens = await requestTokens(party, {
    asked: "refresh",
    secrets: [refreshToken],
    scope: scope ?? "",
    idToken: false,
    expected: { isRefresh: true },
    grant,
    parameters: {
      ...(scope !== undefined && { scope }),
      ...(resource !== undefined && { resource }),
      [grant]: refreshToken,
    },
  });
  // Without a new one, the old one stays in use (RFC 6749 §6).
  return { refreshToken, ...tokens };
}

/** Milliseconds: an answer that is lost sooner is asked for again, and others still get their turn. */
const SOON = 5000;

/**
 * As `refresh`, with the same token once more when the answer was lost.
 * @param soon milliseconds in which that has to show
 * @throws AuthError as `refresh`
 */
export async function refreshAgainIfLost(
  party: Party,
  refreshToken: string,
  { resource, scope }: Pick<Need, "resource" | "scope">,
  soon = SOON,
): Promise<Tokens> {
  const options = {
    ...(resource !== undefined && { resource }),
    ...(scope !== undefined && { scope }),
  };
  const began = performance.now();
  try {
    return await refresh(party, refreshToken, options);
  } catch (error) {
    const isLost =
      error instanceof AuthError &&
      error.code === "issuer_unreachable" &&
      error.status === undefined &&
      performance.now() - began < soon;
    if (!isLost) throw error;
    return refresh(party, refreshToken, options);
  }
}
