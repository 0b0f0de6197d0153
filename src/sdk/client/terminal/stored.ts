/** A stored session, and what is secret about it. */
import type { Tokens, User } from "../../tokens.ts";

export interface Stored {
  /** Issuer, client id and account, separated by spaces. */
  name: string;
  /** 0: it is not stored yet. */
  rev: number;
  sub: string;
  /** The scopes that were asked for, separated by spaces. */
  scope: string;
  /** Since when the provider has refused it, in seconds since the epoch. */
  ended_at?: number;
  secrets: Secrets;
}

export interface Secrets {
  /** Null: the sign-in did not ask who it is. */
  user: User | null;
  /** Null: there is none, and the session lasts as long as its access token. */
  refresh_token: string | null;
  /** By what they were asked for; `""`: as in the sign-in. */
  tokens: Record<string, AccessToken>;
  /** Level and time of the sign-in, where the ID token tells. */
  acr: string | null;
  auth_time: number | null;
  /** The key that the tokens are bound to. Nothing binds them yet. */
  key: null;
}

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
