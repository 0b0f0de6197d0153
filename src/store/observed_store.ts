/** A store whose operations are heard of, for metrics and traces. Without anybody who listens it is the store itself. */
import type { Store } from "./store.ts";

/** Called when an operation begins; what it returns, when it has ended. Null: not this one. */
export type StoreWatch = (operation: string) => ((error: unknown) => void) | null;

/** What is not an operation of requests is not watched. */
const SILENT: readonly string[] = ["close", "migrate"];

export function observedStore(store: Store, watches: readonly StoreWatch[]): Store {
  if (watches.length === 0) return store;
  const observed: Record<string, unknown> = { ...store };
  for (const [operation, run] of Object.entries(store))
    if (typeof run === "function" && !SILENT.includes(operation))
      observed[operation] = watched(operation, run, { store, watches });
  return { ...store, ...observed };
}

function watched(
  operation: string,
  run: (...args: unknown[]) => unknown,
  { store, watches }: { store: Store; watches: readonly StoreWatch[] },
) {
  return async (...args: unknown[]): Promise<unknown> => {
    const ends = watches.map((watch) => watch(operation));
    try {
      const result = await run.apply(store, args);
      for (const end of ends) end?.(null);
      return result;
    } catch (error) {
      for (const end of ends) end?.(error);
      throw error;
    }
  };
}
