/** A store that reports its operations, for metrics and traces. Without a watch it is the store itself. */
import { methodsOf } from "./methods.ts";
import type { Store } from "./store.ts";

/**
 * Called when an operation begins; the function that it returns is called when the operation has ended. Null: this
 * operation is not watched.
 */
export type StoreWatch = (operation: string) => ((error: unknown) => void) | null;

/** These are no operations of requests. */
const SILENT: readonly string[] = ["close", "migrate"];

export function observedStore(store: Store, watches: readonly StoreWatch[]): Store {
  if (watches.length === 0) return store;
  const methods = methodsOf(store);
  const observed: Record<string, unknown> = {};
  for (const [operation, run] of Object.entries(methods))
    if (!SILENT.includes(operation)) observed[operation] = watched(operation, run, watches);
  return { ...methods, ...observed };
}

function watched(
  operation: string,
  run: (...args: unknown[]) => unknown,
  watches: readonly StoreWatch[],
) {
  return async (...args: unknown[]): Promise<unknown> => {
    const ends = watches.map((watch) => watch(operation));
    try {
      const result = await run(...args);
      for (const end of ends) end?.(null);
      return result;
    } catch (error) {
      for (const end of ends) end?.(error);
      throw error;
    }
  };
}
