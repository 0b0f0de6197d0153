/** Calls with one key at a time: those that come meanwhile get the same result. */
export function onceAtATime<Value>(): (key: string, work: () => Promise<Value>) => Promise<Value> {
  const running = new Map<string, Promise<Value>>();
  return (key, work) => {
    const other = running.get(key);
    if (other !== undefined) return other;
    const done = work().finally(() => running.delete(key));
    running.set(key, done);
    return done;
  };
}
