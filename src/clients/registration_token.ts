/** Registration access tokens (RFC 7592): with it, a client that registered itself reads and changes its registration. */
import { equalSecrets, randomText, sha256 } from "../crypto/hash.ts";
import type { ClientRecord } from "../store/records.ts";

/** A prefix by which secret scanners find leaked tokens. */
const PREFIX = "vkm_";

/** @returns the token, which only its client has, and the hash to store */
export function makeRegistrationToken(): { token: string; hash: string } {
  const token = PREFIX + randomText(32);
  return { token, hash: sha256(token) };
}

/** @param client null: unknown. It takes the same time as for a known client. */
export function checkRegistrationToken(token: string, client: ClientRecord | null): boolean {
  const hash = sha256(token);
  const stored = client?.registration_hash ?? null;
  // Without a client, the comparison with itself takes as long, and counts for nothing.
  return equalSecrets(hash, stored ?? hash) && stored !== null;
}
