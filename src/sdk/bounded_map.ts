/** A map whose entries make room if they were not used lately. */
export interface BoundedMap<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): void;
}

/**
 * Two halves: a full one becomes the older one, which is dropped when the next is full. Finding the oldest entry of one
 * large map takes longer and longer, since a map keeps the places of what was deleted.
 * @param most entries of both
 */
export function boundedMap<T>(most: number): BoundedMap<T> {
  const half = Math.ceil(most / 2);
  let young = new Map<string, T>();
  let old = new Map<string, T>();

  function set(key: string, value: T): void {
    if (half <= 0) return;
    if (young.size >= half) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  }

  return {
    set,
    get(key) {
      const found = young.get(key);
      if (found !== undefined) return found;
      const older = old.get(key);
      if (older === undefined) return undefined;
      old.delete(key);
      set(key, older);
      return older;
    },
    delete(key) {
      young.delete(key);
      old.delete(key);
    },
  };
}
