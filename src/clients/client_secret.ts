/** Client secrets: 256 random bits, for which a fast hash and a constant-time comparison are enough. */
import { equalSecrets, randomText, sha256 } from "../crypto/hash.ts";
import type { ClientMetadata } from "../oauth/client_metadata.ts";
import type { ClientSecret } from "../store/records.ts";

/** A prefix by which secret scanners find leaked secrets. */
const PREFIX = "vks_";

/** Methods that send the secret itself. A client that is registered for one of them may use the other. */
export const SECRET_METHODS: readonly string[] = ["client_secret_basic", "client_secret_post"];

export const usesSecret = (metadata: Pick<ClientMetadata, "token_endpoint_auth_method">): boolean =>
  SECRET_METHODS.includes(metadata.token_endpoint_auth_method);

/** @returns the secret, to be shown once, and the record to store */
export function makeSecret(now: number): { secret: string; kept: ClientSecret } {
  const secret = PREFIX + randomText(32);
  return { secret, kept: { hash: sha256(secret), created_at: now, expires_at: null } };
}

/** Adds a new secret to the earlier ones, which end after `overlap` seconds; at most two are live. */
export function withNewSecret(
  secrets: readonly ClientSecret[],
  { now, overlap }: { now: number; overlap: number },
): { secret: string; secrets: ClientSecret[] } {
  const { secret, kept } = makeSecret(now);
  const before = secrets
    .filter(({ expires_at }) => expires_at === null || expires_at > now)
    .slice(0, overlap > 0 ? 1 : 0)
    .map((old) => ({ ...old, expires_at: Math.min(old.expires_at ?? Infinity, now + overlap) }));
  return { secret, secrets: [kept, ...before] };
}

/**
 * Names the newest secret in a form, so that the form replaces this secret only. A hash of the stored hash tells nothing
 * about the secret. Null: there is none.
 */
export const newestSecret = ([newest]: readonly ClientSecret[]): string | null =>
  newest ? sha256(`newest ${newest.hash}`) : null;

/** Compares with each live secret. An empty list takes the same time as a wrong secret. */
export function checkSecret(
  secret: string,
  secrets: readonly ClientSecret[],
  now: number,
): boolean {
  const hash = sha256(secret);
  let fits = false;
  for (const kept of secrets) {
    const live = kept.expires_at === null || kept.expires_at > now;
    if (equalSecrets(hash, kept.hash) && live) fits = true;
  }
  return fits;
}
