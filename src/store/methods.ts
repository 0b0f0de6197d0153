/** The operations of a store, bound to it: a store may be an object literal or an instance of a class. */
import type { Store } from "./store.ts";

/** A plain object with every method of `store`, those of its class included, which `{ ...store }` would drop. */
export function methodsOf(store: Store): Store {
  const methods: Record<string, unknown> = {};
  for (let level: object | null = store; level && level !== Object.prototype; ) {
    for (const name of Object.getOwnPropertyNames(level)) {
      const value: unknown = Reflect.get(store, name);
      if (typeof value === "function" && name !== "constructor")
        methods[name] ??= value.bind(store);
    }
    level = Object.getPrototypeOf(level);
  }
  return methods as unknown as Store;
}
