/** Ends grants that no index finds: the store passes through all of them, a few in each call. */
export interface GrantWalks {
  /**
   * Reads the next `limit` grants in the order of their ids, and revokes those whose key is or was made under one of
   * these secrets.
   */
  revokeGrantsUnder(secret_ids: readonly string[], walk: GrantWalk): Promise<WalkStep>;
  /** The same for grants of these clients that were created until `walk.now`, itself included. */
  revokeGrantsOf(client_ids: readonly string[], walk: GrantWalk): Promise<WalkStep>;
}

export interface GrantWalk {
  /** The id of the last grant that was read; empty: begin. */
  after: string;
  limit: number;
  now: number;
}

export interface WalkStep {
  /** The number of revoked grants. */
  revoked: number;
  /** The id to go on after; null: there are no more. */
  next: string | null;
}
