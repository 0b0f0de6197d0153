/** A store that a test can break: its operations then fail with an error that the test chooses. */

import { parseConfig } from "../../src/config.ts";
import { methodsOf } from "../../src/store/methods.ts";
import { openStore } from "../../src/store/open_store.ts";
import type { Store } from "../../src/store/store.ts";

/** Any secret will do; this one is used nowhere else. */
export const SECRET = Buffer.alloc(32, 7).toString("base64url");

export interface FailingStore {
  store: Store;
  /** Null repairs the store. `only`: the names of the operations that fail; left out: all of them. */
  fail(error: Error | null, only?: readonly (keyof Store)[]): void;
}

export function failingStore(): FailingStore {
  const { database, lifetimes } = parseConfig({ database: "sqlite::memory:" });
  const { store } = openStore({ database, lifetimes }, { secret: SECRET });
  let failure: Error | null = null;
  let failing: readonly string[] | null = null;
  const broken = new Proxy(store, {
    get(target, name, receiver) {
      const operation: unknown = Reflect.get(target, name, receiver);
      if (typeof operation !== "function" || name === "close") return operation;
      return async (...args: unknown[]) => {
        if (failure && (failing === null || failing.includes(String(name)))) throw failure;
        return Reflect.apply(operation, store, args);
      };
    },
  });
  return {
    store: methodsOf(broken),
    fail(error, only) {
      failure = error;
      failing = only ?? null;
    },
  };
}
