/** Makes the token response (RFC 6749 §5.1) of a decision that has passed the gate. It writes nothing. */
import type { Context } from "../context.ts";
import type { SigningKey } from "../crypto/signing_key.ts";
import { accessTokenClaims, mintAccessToken } from "./access_token.ts";
import type { Authorization } from "./authorization.ts";
import { mintIdToken } from "./id_token.ts";

export interface TokenResponse {
  access_token: string;
  token_type: Authorization["token_type"];
  expires_in: number;
  scope?: string;
  refresh_token?: string;
  id_token?: string;
}

/** @throws NoSigningKey */
export function mintTokens(
  allowed: Authorization,
  keys: readonly SigningKey[],
  ctx: Context,
): TokenResponse {
  const { client, granted, audience, token_type, refresh_token, id_token } = allowed;
  const claims = accessTokenClaims(allowed, ctx);
  const person = granted?.person ?? null;
  const access_token = mintAccessToken({ claims, audience, person }, keys, ctx);
  const response: TokenResponse = {
    access_token,
    token_type,
    expires_in: claims.exp - ctx.now,
  };
  if (claims.scope !== undefined) response.scope = claims.scope;
  if (refresh_token !== null) response.refresh_token = refresh_token;
  if (id_token && granted) {
    response.id_token = mintIdToken({ ...id_token, ...granted, client, access_token }, keys, ctx);
  }
  return response;
}
