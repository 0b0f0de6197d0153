/** A session: a person who is signed in to this app, and the tokens that came with it. */
import type { User } from "../../tokens.ts";
import type { Settings } from "./options.ts";

export interface Session {
  /** That of the sign-in that began it: one sign-in begins one session. */
  id: string;
  /** Rises with each change. */
  rev: number;
  /** Its sign-in began because a page failed for want of it. */
  recovers?: true;
  /** As in `providers`; empty for `issuer`. */
  provider: string;
  /** Of the client that began it: its tokens go to no other one, though that has the same name in `providers`. */
  mark: string;
  user: User;
  /** Times in seconds: of the sign-in, of the last use (up to an hour may be missing), of the last word of the provider. */
  began: number;
  seen: number;
  checked: number;
  refreshToken?: string;
  /** For the logout at the provider. */
  idToken?: string;
  /** The provider's id of its session, for its logout. */
  sid?: string;
  /** Access tokens, by what they were asked for; `""`: those of the sign-in. */
  tokens: Record<string, AccessToken>;
  /** With a store: since when a process has been refreshing it. */
  claimed?: number;
}

export interface AccessToken {
  accessToken: string;
  /** Seconds since the epoch; null: the provider does not say. */
  expiresAt: number | null;
}

export const seconds = (): number => Math.floor(Date.now() / 1000);

/** When it ends, unless it is used before. */
export const endOf = ({ began, seen }: Session, { lifetime, idle }: Settings): number =>
  Math.min(began + lifetime, seen + idle);

/** Whether the last use is worth writing: hourly, more often where sessions end sooner. */
export const isUnseen = ({ seen }: Session, { idle }: Settings): boolean =>
  seconds() - seen >= Math.min(3600, idle / 4);

/** Seconds of life below which a token is fetched anew. */
const MARGIN = 60;

/** Whether an access token lasts long enough to be sent. Of one with a short life, half is enough. */
export function isFresh(token: AccessToken | undefined, { checked }: Session): boolean {
  if (!token) return false;
  if (token.expiresAt === null) return true;
  const margin = Math.max(0, Math.min(MARGIN, (token.expiresAt - checked) / 2));
  return token.expiresAt - seconds() > margin;
}

export const isUnexpired = ({ expiresAt }: AccessToken): boolean =>
  expiresAt === null || expiresAt > seconds();
