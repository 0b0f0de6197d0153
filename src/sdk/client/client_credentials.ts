/** Tokens for the client itself, without a person (OAuth 2.1 §4.2). */
import type { Tokens } from "../tokens.ts";
import type { Party } from "./party.ts";
import type { RefreshOptions } from "./refresh_token.ts";
import { requestTokens } from "./token_request.ts";

/** @throws AuthError */
export function clientCredentials(
  party: Party,
  { scope, resource }: RefreshOptions = {},
): Promise<Tokens> {
  return requestTokens(party, {
    asked: "client",
    secrets: [],
    scope: scope ?? "",
    idToken: false,
    expected: {},
    grant: "client_credentials",
    parameters: {
      ...(scope !== undefined && { scope }),
      ...(resource !== undefined && { resource }),
    },
  });
}
