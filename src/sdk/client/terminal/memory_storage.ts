/** Sessions that are gone with this process. */
import type { Storage, Writing } from "./storage.ts";
import { providerIn, type Stored } from "./stored.ts";

export function memoryStorage(): Storage {
  const sessions = new Map<string, Stored>();
  /** By issuer and client id. */
  const current = new Map<string, string>();
  let last: Promise<unknown> = Promise.resolve();
  const read = async (name: string): Promise<Stored | null> => sessions.get(name) ?? null;
  const put = (stored: Stored, rev: number): Stored => {
    const next = { ...stored, rev };
    sessions.set(stored.name, next);
    return next;
  };
  const makeCurrent = (name: string): void => {
    const provider = providerIn(name);
    current.delete(provider);
    current.set(provider, name);
  };
  const isCurrent = ({ name, rev }: Stored): boolean => sessions.get(name)?.rev === rev;
  const writing: Writing = {
    read,
    write: async (stored) => (isCurrent(stored) ? put(stored, stored.rev + 1) : null),
    async add(stored, replaces = []) {
      const rev = sessions.get(stored.name)?.rev ?? 0;
      for (const name of [stored.name, ...replaces]) sessions.delete(name);
      makeCurrent(stored.name);
      return put(stored, rev + 1);
    },
    choose: async (name) => {
      if (sessions.has(name)) makeCurrent(name);
      return sessions.has(name);
    },
    remove: async (stored) => isCurrent(stored) && sessions.delete(stored.name),
  };
  return {
    read,
    place: async () => "the memory of this process",
    list: async () =>
      [...sessions.values()]
        .map(({ name, sub, is_named = false, ended_at }) => ({
          ...{ name, sub, is_named, has_ended: ended_at !== undefined },
          is_current: current.get(providerIn(name)) === name,
        }))
        .reverse(),
    last: async () => [...current.values()].at(-1) ?? null,
    prepare: async () => {},
    change(work) {
      const done = last.then(() => work(writing));
      last = done.catch(() => {});
      return done;
    },
  };
}
