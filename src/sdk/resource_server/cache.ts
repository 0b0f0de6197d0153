/** Verified tokens by their hash, the oldest of which make room. */
export interface Cache<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): void;
}

export function boundedCache<T>(most: number): Cache<T> {
  const known = new Map<string, T>();
  return {
    get: (key) => known.get(key),
    set(key, value) {
      if (most <= 0) return;
      if (known.size >= most)
        for (const oldest of known.keys()) {
          known.delete(oldest);
          break;
        }
      known.set(key, value);
    },
    delete(key) {
      known.delete(key);
    },
  };
}
