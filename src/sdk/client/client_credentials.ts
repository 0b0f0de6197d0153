/** Tokens for the client itself, without a person (OAuth 2.1 §4.2). */
import * as oauth from "oauth4webapi";
import type { Tokens } from "../tokens.ts";
import type { Party } from "./party.ts";
import type { RefreshOptions } from "./refresh_token.ts";
import { requestTokens } from "./token_request.ts";

/** @throws AuthError */
export function clientCredentials(
  party: Party,
  { scope, resource }: RefreshOptions = {},
): Promise<Tokens> {
  const parameters = new URLSearchParams();
  if (scope !== undefined) parameters.set("scope", scope);
  if (resource !== undefined) parameters.set("resource", resource);
  return requestTokens(party, {
    asked: "client",
    secrets: [],
    scope: scope ?? "",
    expected: { idToken: false },
    send: (server, authentication, options) =>
      oauth.clientCredentialsGrantRequest(
        ...([server, party.client, authentication, parameters] as const),
        options,
      ),
  });
}
