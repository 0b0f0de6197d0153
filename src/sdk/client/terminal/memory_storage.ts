/** Sessions that are gone with this process. */
import type { Storage, Writing } from "./storage.ts";
import type { Stored } from "./stored.ts";

export function memoryStorage(): Storage {
  const sessions = new Map<string, Stored>();
  let last: Promise<unknown> = Promise.resolve();
  const read = async (name: string): Promise<Stored | null> => sessions.get(name) ?? null;
  const put = (stored: Stored, rev: number): Stored => {
    const next = { ...stored, rev };
    sessions.set(stored.name, next);
    return next;
  };
  const isCurrent = ({ name, rev }: Stored): boolean => sessions.get(name)?.rev === rev;
  const writing: Writing = {
    read,
    write: async (stored) => (isCurrent(stored) ? put(stored, stored.rev + 1) : null),
    async add(stored) {
      const rev = sessions.get(stored.name)?.rev ?? 0;
      // The last one is the current one.
      sessions.delete(stored.name);
      return put(stored, rev + 1);
    },
    remove: async (stored) => isCurrent(stored) && sessions.delete(stored.name),
  };
  return {
    read,
    place: async () => "the memory of this process",
    list: async () =>
      [...sessions.values()]
        .map(({ name, ended_at }) => ({ name, has_ended: ended_at !== undefined }))
        .reverse(),
    prepare: async () => {},
    change(work) {
      const done = last.then(() => work(writing));
      last = done.catch(() => {});
      return done;
    },
  };
}
