/** Signs what a client is sent, with the algorithm that it registered (OpenID Connect Registration §2). */
import type { Context } from "../context.ts";
import { type JwtType, leftHalfHash, type SigningAlg, signJwt } from "../crypto/jwt.ts";
import { keyToSign, NoSigningKey, SIGNING_ALGS, type SigningKey } from "../crypto/signing_key.ts";
import type { ClientMetadata } from "../oauth/client_metadata.ts";

interface Purpose {
  typ: JwtType;
  algOf(metadata: ClientMetadata): SigningAlg;
}

const asIdToken = ({ id_token_signed_response_alg }: ClientMetadata): SigningAlg =>
  id_token_signed_response_alg;

const PURPOSES = {
  id_token: { typ: "JWT", algOf: asIdToken },
  /** Only for clients that registered an algorithm. */
  userinfo: {
    typ: "JWT",
    algOf: (metadata) => signedUserinfoAlg(metadata) ?? asIdToken(metadata),
  },
  /** OpenID Connect Back-Channel Logout §2.4: like the ID tokens of the client. */
  logout_token: { typ: "logout+jwt", algOf: asIdToken },
} as const satisfies Readonly<Record<string, Purpose>>;

/** Null: userinfo is plain JSON for this client. */
export const signedUserinfoAlg = ({ userinfo_signed_response_alg: alg }: ClientMetadata) =>
  SIGNING_ALGS.find((each) => each === alg) ?? null;

export interface Signer {
  /** @throws Error of node when the key can't sign */
  sign(claims: object): string;
  /** `at_hash`, `c_hash`: the left half of the hash that belongs to the algorithm (OpenID Connect Core §3.1.3.6). */
  halfHash(text: string): string;
}

/**
 * @param keys from `withSigningKeys`
 * @throws NoSigningKey
 */
export function signerFor(
  { metadata }: { metadata: ClientMetadata },
  purpose: keyof typeof PURPOSES,
  { keys, now }: { keys: readonly SigningKey[]; now: number },
): Signer {
  const { typ, algOf } = PURPOSES[purpose];
  const alg = algOf(metadata);
  const key = keyToSign(keys, alg, now);
  return {
    sign: (claims) => signJwt(claims, typ, key),
    halfHash: (text) => leftHalfHash(text, alg),
  };
}

/**
 * Calls `mint` with the signing keys. If it lacks the key of an algorithm that nobody has used before, the key is made,
 * and `mint` is called again, so it must have no effect until it returns.
 * @throws KeysSealed, DatabaseUnavailable, or what `mint` throws
 */
export async function withSigningKeys<T>(
  mint: (keys: readonly SigningKey[]) => T,
  ctx: Pick<Context, "keys" | "addFirstKeys">,
): Promise<T> {
  const made = new Set<SigningAlg>();
  for (;;) {
    try {
      return mint(await ctx.keys());
    } catch (error) {
      if (!(error instanceof NoSigningKey) || made.has(error.alg)) throw error;
      made.add(error.alg);
      await ctx.addFirstKeys([error.alg]);
    }
  }
}
