/** Makes the token response (RFC 6749 §5.1) of what has passed the gate. Nothing is written here. */
import type { Context } from "../context.ts";
import { accessTokenClaims, mintAccessToken } from "./access_token.ts";
import type { Authorization } from "./authorization.ts";
import { mintIdToken } from "./id_token.ts";

export interface TokenResponse {
  access_token: string;
  token_type: "Bearer";
  expires_in: number;
  scope?: string;
  refresh_token?: string;
  id_token?: string;
}

export async function mintTokens(allowed: Authorization, ctx: Context): Promise<TokenResponse> {
  const { client, grant, audience, refresh_token, id_token } = allowed;
  const claims = accessTokenClaims(allowed, ctx);
  const access_token = await mintAccessToken(claims, audience.format, ctx);
  const response: TokenResponse = {
    access_token,
    token_type: "Bearer",
    expires_in: claims.exp - ctx.now,
  };
  if (claims.scope !== undefined) response.scope = claims.scope;
  if (refresh_token !== null) response.refresh_token = refresh_token;
  if (id_token && grant) {
    const { nonce } = id_token;
    response.id_token = await mintIdToken({ client, grant, nonce, access_token }, ctx);
  }
  return response;
}
