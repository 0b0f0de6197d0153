/** Sessions that are gone with this process. */
import type { Storage, Writing } from "./storage.ts";
import type { Stored } from "./stored.ts";

export function memoryStorage(): Storage {
  const sessions = new Map<string, Stored>();
  let last: Promise<unknown> = Promise.resolve();
  const read = async (name: string): Promise<Stored | null> => sessions.get(name) ?? null;
  const put = (stored: Stored): Stored => {
    const next = { ...stored, rev: (sessions.get(stored.name)?.rev ?? 0) + 1 };
    // The newest one is the current one.
    sessions.delete(stored.name);
    sessions.set(stored.name, next);
    return next;
  };
  const writing: Writing = {
    read,
    write: async (stored) => (sessions.get(stored.name)?.rev === stored.rev ? put(stored) : null),
    add: async (stored) => put(stored),
    remove: async ({ name }) => sessions.delete(name),
  };
  return {
    read,
    place: async () => "the memory of this process",
    names: async () =>
      [...sessions.values()]
        .filter(({ ended_at }) => ended_at === undefined)
        .map(({ name }) => name)
        .reverse(),
    prepare: async () => {},
    change(work) {
      const done = last.then(() => work(writing));
      last = done.catch(() => {});
      return done;
    },
  };
}
