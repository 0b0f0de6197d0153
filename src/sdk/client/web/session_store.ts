/** Where sessions are kept instead of in the cookie. */

/** What a session is found by. All of it is text to be compared as it is. */
export interface SessionIndex {
  /** The person. */
  sub: string;
  /** The session at the provider, where it has a name. */
  sid?: string;
  /** When the row can be deleted, in seconds since the epoch. */
  until: number;
}

/** A place for sessions, such as a table with the columns id, value, rev, sub, sid and until. Values are sealed. */
export interface SessionStore {
  /** @returns null when there is none, or when it has ended */
  get(id: string): Promise<{ value: string; rev: number } | null>;
  /**
   * Writes in one step: only while the stored `rev` is this one; 0 means that there is none with this id. The written
   * `rev` is one higher. @returns false when it was not as expected, and nothing is written
   */
  put(id: string, value: string, rev: number, index: SessionIndex): Promise<boolean>;
  /** Deletes all sessions with this id, this person or this session at the provider. */
  end(by: { id?: string; sub?: string; sid?: string }): Promise<void>;
}

/** Sessions in the memory of this process, for tests and for trying out: they end with it. */
export function memoryStore(): SessionStore {
  const rows = new Map<string, { value: string; rev: number; index: SessionIndex }>();
  const isOver = ({ index }: { index: SessionIndex }): boolean => index.until * 1000 <= Date.now();
  return {
    async get(id) {
      const row = rows.get(id);
      return row && !isOver(row) ? { value: row.value, rev: row.rev } : null;
    },
    async put(id, value, rev, index) {
      for (const [each, row] of rows) if (isOver(row)) rows.delete(each);
      if ((rows.get(id)?.rev ?? 0) !== rev) return false;
      rows.set(id, { value, rev: rev + 1, index });
      return true;
    },
    async end({ id, sub, sid }) {
      if (id !== undefined) rows.delete(id);
      for (const [each, { index }] of rows)
        if ((sub !== undefined && index.sub === sub) || (sid !== undefined && index.sid === sid))
          rows.delete(each);
    },
  };
}
