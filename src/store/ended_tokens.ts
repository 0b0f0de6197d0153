/** The list of ended access tokens, by which APIs learn of revocations (docs/ended-tokens.md). */

/** `person`: names at places of people. `directory`: those of clients and keys. */
export const END_KINDS = ["person", "directory"] as const;
export type EndKind = (typeof END_KINDS)[number];

export interface EndedName {
  /** In seconds, as the database saw it at the end of the transaction that lists the name. */
  ended_at: number;
  /** As in `oauth/ended.ts`. */
  name: string;
}

export interface EndedSecond {
  kind: EndKind;
  ended_at: number;
  /** The number of its names. */
  count: number;
}

/**
 * Names are listed by the operations that end something, in their own transaction and as its last statement. So a
 * transaction that ends within 50 seconds brings no name that is older than that. Names are never changed, and the
 * sweep removes them when every token that they end has expired.
 */
export interface EndedTokenStore {
  /** The seconds from `since` on in which names were listed. */
  countEnded(since: number): Promise<EndedSecond[]>;
  /** Names of these seconds, both included, ordered by `ended_at` and `name`. */
  listEnded(
    which: { kind: EndKind; from: number; to: number },
    page: { after?: EndedName | undefined; limit: number },
  ): Promise<EndedName[]>;
  /** Notes that tokens with this lifetime (seconds) may be issued at `now`. */
  noteAccessTokenLife(life: number, now: number): Promise<void>;
}

/** The list of ended access tokens, in memory. */
export interface EndedTokens {
  /**
   * Names that were listed since the second `after`, itself included.
   * @param window seconds for which names are listed: earlier ones are left out
   */
  since(after: number, times: { now: number; window: number }): Promise<EndedList>;
}

export interface EndedList {
  /** The beginning of the list: `after`, unless it is outside of the window. */
  after: number;
  /** JSON: pairs of seconds after `after`, and the hashes of the names of this second, as base64url. */
  ended: string;
  /** Where the list goes on; null: it is complete. */
  next: number | null;
  /** Differs whenever another member differs. */
  etag: string;
}

/** Seconds for which APIs keep the keys of the server. */
const KEYS_KEPT = 600;
/** Seconds beyond the life of a token: requests that overlap with an end, and clocks that differ. */
const SLACK = 60;
/** A node notes its lifetime again every hour, and may come late. */
const NOTED_FOR = 2 * 3600;

/** Nodes note the lifetime of their access tokens again after so many seconds. */
export const NOTE_EVERY = 3600;

/**
 * The number of seconds for which an ended name has to be listed: the longest life of tokens that may still be valid.
 * Where the configuration was changed to a shorter life, that is the former life for a while.
 * @param lives by lifetime, when it was noted last
 */
export function endedWindow(lives: Readonly<Record<string, number>>, now: number): number {
  let longest = KEYS_KEPT;
  for (const [life, noted_at] of Object.entries(lives)) {
    const seconds = Number(life);
    if (noted_at + NOTED_FOR + seconds > now) longest = Math.max(longest, seconds);
  }
  return longest + SLACK;
}
