/** A stored session, and what is secret about it. */
import type { User } from "../../tokens.ts";
import type { AccessToken } from "../access_token.ts";

export interface Stored {
  /** Issuer, client id and account, separated by spaces. */
  name: string;
  /** 0: it is not stored yet. */
  rev: number;
  sub: string;
  /** The scopes that were asked for, separated by spaces. */
  scope: string;
  /** The scopes that were granted; left out when they are those that were asked for. */
  granted?: string;
  /** The app has chosen the name of the account; else it is named after the person. */
  is_named?: true;
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

/** Issuer and client id of a session, from its name. */
export const providerIn = (name: string): string => name.split(" ", 2).join(" ");
