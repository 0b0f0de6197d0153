/**
 * The names under which ended access tokens are listed (docs/ended-tokens.md). A token has several names, and any of
 * them ends it. APIs compare hashes of names.
 */

/** All access tokens of a grant. */
export const grantName = (grant_id: string): string => `g:${grant_id}`;
/** Those of one access epoch of a grant. */
export const epochName = (grant_id: string, access_epoch: number): string =>
  `g:${grant_id}:${access_epoch}`;
/** All access tokens of a client. */
export const clientName = (client_id: string): string => `c:${client_id}`;
/** One access token. */
export const tokenName = (jti: string): string => `j:${jti}`;
/** All tokens that a key signed. */
export const keyName = (kid: string): string => `k:${kid}`;

/** Bytes of SHA-256 that are listed of each name. */
export const NAME_BYTES = 8;

/**
 * A request that overlaps with the end may still get a token, issued this many seconds after the end at most. A later
 * token was issued since grant or client hold again.
 */
export const RACING = 5;

/** The names that end a token whenever it was issued, and those that end it if it was issued before. */
export interface EndedNames {
  always: string[];
  earlier: string[];
}

/**
 * The names of a token by its claims. `grant_id` and `access_epoch` may be lists, for a token that rests on several
 * grants.
 * @param kid of the key that signed it
 */
export function namesOf(claims: Readonly<Record<string, unknown>>, kid: string): EndedNames {
  const { grant_id, access_epoch, client_id, jti } = claims;
  const grants = listOf(grant_id);
  const epochs = listOf(access_epoch);
  return {
    always: [
      keyName(kid),
      ...listOf(jti).map(tokenName),
      ...grants.flatMap((id) => epochs.map((epoch) => epochName(id, Number(epoch)))),
    ],
    earlier: [...grants.map(grantName), ...listOf(client_id).map(clientName)],
  };
}

function listOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
