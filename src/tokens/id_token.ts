/** ID tokens (OpenID Connect Core §2, §3.1.3.6, §12.2). */
import { hash } from "node:crypto";
import type { Context } from "../context.ts";
import { signJwt } from "../crypto/jwt.ts";
import { type SigningKey, signingKeyAt } from "../crypto/signing_key.ts";
import { reached } from "../oauth/assurance.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";

export interface IdTokenOf {
  client: ClientRecord;
  grant: GrantRecord;
  nonce: string | null;
  access_token: string;
}

/** Signed with the algorithm that the client registered. Claims about the person are at userinfo. */
export function mintIdToken(
  { client, grant, nonce, access_token }: IdTokenOf,
  keys: readonly SigningKey[],
  ctx: Context,
): string {
  const alg = client.metadata.id_token_signed_response_alg;
  const key = signingKeyAt(keys, alg, ctx.now);
  if (!key) throw new Error(`no ${alg} signing key`);
  const { level, amr, auth_time } = reached(grant.proofs);
  const claims = {
    iss: ctx.issuer,
    sub: grant.sub,
    aud: client.client_id,
    exp: ctx.now + ctx.settings.lifetimes.id_token,
    iat: ctx.now,
    auth_time,
    acr: ctx.settings.acr[level],
    amr,
    sid: grant.sid,
    at_hash: leftHalfHash(access_token),
    ...(nonce !== null && { nonce }),
  };
  return signJwt(claims, "JWT", key);
}

/** Left half of the SHA-256, which is the hash of both our algorithms (OpenID Connect Core §3.1.3.6). */
const leftHalfHash = (text: string): string =>
  hash("sha256", text, "buffer").subarray(0, 16).toString("base64url");
