/** An access token that is kept, and how long it serves. */
import type { Tokens } from "../tokens.ts";

export interface AccessToken {
  access_token: string;
  /** Seconds since the epoch; null: the provider does not say. */
  expires_at: number | null;
  /** Since when, in seconds since the epoch. */
  at: number;
}

export const nowInSeconds = (): number => Math.floor(Date.now() / 1000);

/** Seconds of life below which a token is fetched anew. */
const MARGIN = 60;

/**
 * Whether an access token lasts long enough to be sent. Of one with a short life, half is enough. A clock that was set
 * back would let it live on: such a token is from the future.
 * @param minimumLife seconds. Default: 60
 */
export function isFresh(token: AccessToken | undefined, minimumLife = MARGIN): boolean {
  if (!token) return false;
  const { expires_at, at } = token;
  const now = nowInSeconds();
  if (now < at - SKEW) return false;
  if (expires_at === null) return true;
  const margin = minimumLife === MARGIN ? Math.min(MARGIN, (expires_at - at) / 2) : minimumLife;
  return expires_at - now > margin;
}

/** Seconds by which the clocks of two processes may differ, as on a shared disk. */
const SKEW = 30;

/** Whether it can be sent at all. */
export const isUnexpired = ({ expires_at }: AccessToken): boolean =>
  expires_at === null || expires_at > nowInSeconds();

export const accessTokenOf = ({ accessToken, expiresAt }: Tokens): AccessToken => ({
  ...{ access_token: accessToken, expires_at: expiresAt, at: nowInSeconds() },
});

/** Of `known`, those that can still be sent, and a new one. Those that nobody asks for any more would pile up. */
export function withToken(
  known: Readonly<Record<string, AccessToken>>,
  key: string,
  tokens: Tokens,
): Record<string, AccessToken> {
  const living = Object.entries(known).filter(([, token]) => isUnexpired(token));
  return { ...Object.fromEntries(living), [key]: accessTokenOf(tokens) };
}
