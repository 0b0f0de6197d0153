/** Initial access tokens: an operator makes them, and apps register themselves with them (RFC 7591 §3). */
import type { InitialAccessToken } from "./records.ts";
import type { Alongside, Page } from "./store.ts";

export interface InitialAccessTokenStore {
  /** False: there is one with this id. */
  addInitialAccessToken(token: InitialAccessToken, alongside?: Alongside): Promise<boolean>;
  findInitialAccessToken(token_id: string): Promise<InitialAccessToken | null>;
  /** The oldest first. */
  listInitialAccessTokens(page: Page<"created_at" | "token_id">): Promise<InitialAccessToken[]>;
  /** False: there is none. */
  removeInitialAccessToken(token_id: string, alongside?: Alongside): Promise<boolean>;
}

/** One use of a token, which has to have one left and to be live at `now`. */
export interface SpentToken {
  token_id: string;
  now: number;
}
