/**
 * Remembers what a pure function said about a text, so that the same text is not parsed at each request. Strangers may
 * choose the texts: when there are too many, all are forgotten.
 * @param most texts at a time
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
