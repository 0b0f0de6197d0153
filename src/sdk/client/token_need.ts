/** An access token that an app asks a session for. */
import { type AccessToken, isFresh, isUnexpired } from "./access_token.ts";

export interface TokenOptions {
  /** URI of the API (RFC 8707). Default: `resource` of the app. */
  resource?: string;
  /** Fewer scopes than the session has, separated by spaces. Default: all of them. */
  scope?: string;
  /** Seconds for which the token has to live on. Default: 60, and half of the life of a token that lives shorter. */
  minimumLife?: number;
}

/** Access tokens, by what they were asked for, and whether the session can get another. */
export interface Holding {
  tokens: Readonly<Record<string, AccessToken>>;
  refresh_token: string | null;
}

/** What is to be true of a session afterwards. */
export interface Need {
  /** The access token, by what it is asked for; `""`: that of the sign-in. */
  key: string;
  /** URI of the API. */
  resource: string | undefined;
  /** Fewer scopes. */
  scope: string | undefined;
  /** Whether the session is as it has to be. */
  isMet(holding: Holding): boolean;
}

/**
 * @param options `refused` is a token that the API did not take: another one is needed
 * @param usual URI of the API that tokens are for, unless another one is asked for
 */
export function needOf(
  { resource, scope, minimumLife, refused }: TokenOptions & { refused?: string },
  usual: string | undefined,
): Need {
  const api = resource === usual ? "" : (resource ?? "");
  // A scope may look like a resource: the space tells which it is.
  const key = scope ? `${api} ${scope}` : api;
  return {
    ...{ key, scope, resource: resource ?? usual },
    isMet({ tokens, refresh_token }) {
      const token = tokens[key];
      if (!token || token.access_token === refused) return false;
      // Without a refresh token, it is used to its last second.
      return refresh_token === null ? isUnexpired(token) : isFresh(token, minimumLife);
    },
  };
}
