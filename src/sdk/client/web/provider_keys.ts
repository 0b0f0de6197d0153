/** Signatures of a provider, by its published keys (RFC 7517). */
import { bytesIn } from "../../base64url.ts";
import { type Keys, keysAt } from "../../keys.ts";
import { byWebCrypto } from "../../signature.ts";
import type { Party } from "../party.ts";

const known = new WeakMap<Party, Keys>();

function keysOf(party: Party): Keys {
  const keys =
    known.get(party) ??
    keysAt(async () => (await party.server()).jwks_uri ?? party.issuer, {
      fetch: party.fetch,
      verifierOf: byWebCrypto,
    });
  known.set(party, keys);
  return keys;
}

/**
 * Whether the provider has signed this.
 * @throws AuthError `issuer_unreachable`, `invalid_response` or `configuration` without its keys
 */
export async function isSignedBy(
  party: Party,
  { alg, kid }: { alg: unknown; kid: unknown },
  { signed, signature }: { signed: string; signature: string },
): Promise<boolean> {
  const name = typeof kid === "string" ? kid : undefined;
  const [data, bytes] = [new TextEncoder().encode(signed), bytesIn(signature)];
  for (const verify of await keysOf(party).find({ alg: String(alg), kid: name }))
    if (await verify(data, bytes)) return true;
  return false;
}
