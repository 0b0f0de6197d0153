/**
 * The storage of oidc-provider: everything in one `Map`, with only the required operations of its adapters. Its own
 * in-memory adapter is for development only: it keeps a thousand entries, and walks all tokens of a grant at each
 * write.
 */

type Payload = Record<string, unknown> & { grantId?: string; uid?: string };
interface Entry {
  payload: Payload;
  expires_at: number;
}

export interface MapStorage {
  /** The adapter for one kind of record, as oidc-provider requires. */
  adapter(kind: string): object;
  /** Drops the records of these kinds, so that one run doesn't pay for the memory of another. */
  drop(kinds: readonly string[]): void;
}

export function mapStorage(): MapStorage {
  const entries = new Map<string, Entry>();
  const sessions = new Map<string, string>();
  const members = new Map<string, Set<string>>();

  function read(key: string): Payload | undefined {
    const entry = entries.get(key);
    if (entry === undefined || entry.expires_at > Date.now()) return entry?.payload;
    remove(key);
    return undefined;
  }

  function remove(key: string): void {
    const { grantId, uid } = entries.get(key)?.payload ?? {};
    entries.delete(key);
    if (grantId !== undefined) members.get(grantId)?.delete(key);
    if (uid !== undefined) sessions.delete(uid);
  }

  return {
    adapter(kind) {
      const keyOf = (id: string): string => `${kind}:${id}`;
      return {
        async upsert(id: string, payload: Payload, expires_in: number): Promise<void> {
          const key = keyOf(id);
          entries.set(key, { payload, expires_at: Date.now() + expires_in * 1000 });
          if (kind === "Session" && payload.uid !== undefined) sessions.set(payload.uid, id);
          if (payload.grantId === undefined) return;
          const known = members.get(payload.grantId);
          if (known) known.add(key);
          else members.set(payload.grantId, new Set([key]));
        },
        find: async (id: string) => read(keyOf(id)),
        findByUid: async (uid: string) => read(keyOf(sessions.get(uid) ?? "")),
        findByUserCode: async () => undefined,
        async consume(id: string): Promise<void> {
          const payload = read(keyOf(id));
          if (payload) payload.consumed = Math.floor(Date.now() / 1000);
        },
        destroy: async (id: string) => remove(keyOf(id)),
        async revokeByGrantId(grant_id: string): Promise<void> {
          for (const key of members.get(grant_id) ?? []) remove(key);
          members.delete(grant_id);
        },
      };
    },
    drop(kinds) {
      for (const key of entries.keys())
        if (kinds.includes(key.slice(0, key.indexOf(":")))) remove(key);
    },
  };
}
