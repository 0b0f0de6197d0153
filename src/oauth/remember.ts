/**
 * Caches the results of a pure function by its text, so that the same text is not parsed at each request. Strangers may
 * choose the texts: when there are too many, the cache is cleared.
 * @param most texts in the cache
 */
export function remember<T>(compute: (text: string) => T, most = 1000): (text: string) => T {
  const known = new Map<string, { value: T }>();
  return (text) => {
    const found = known.get(text);
    if (found) return found.value;
    if (known.size >= most) known.clear();
    const value = compute(text);
    known.set(text, { value });
    return value;
  };
}
