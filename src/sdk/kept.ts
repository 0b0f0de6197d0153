/** A document of an issuer: asked for when it is needed, kept, and used on while the issuer gives no usable one. */
import { AuthError } from "./errors.ts";

/** Seconds for which it is used on. */
const STALE = 86_400;
/** Seconds between two requests, for a newer one and in an outage. */
const PACE = 30;

export interface Kept<T> {
  /** @throws what `load` throws, if none is kept */
  get(): Promise<T>;
  /** One that was asked for after this one, if the last request is not a moment ago; else this one. */
  newer(known: T): Promise<T>;
}

/**
 * @param load concurrent calls share it
 * @param fresh seconds for which a document is used without asking again
 */
export function kept<T>(load: () => Promise<T>, fresh: number): Kept<T> {
  let known: { document: T; at: number } | null = null;
  let tried = Number.NEGATIVE_INFINITY;
  let loading: Promise<T> | null = null;

  async function ask(): Promise<T> {
    tried = seconds();
    try {
      const document = await load();
      known = { document, at: tried };
      return document;
    } catch (error) {
      // No outage: it is another issuer by now.
      if (error instanceof AuthError && error.code === "issuer_mismatch") known = null;
      throw error;
    }
  }

  function askOnce(): Promise<T> {
    loading ??= ask().finally(() => {
      loading = null;
    });
    return loading;
  }

  return {
    async get() {
      const now = seconds();
      if (!known || now - known.at >= STALE) return askOnce();
      const { document, at } = known;
      if (now - at < fresh) return document;
      const is_outage = tried > at;
      if (now - tried < PACE) return document;
      const asked = askOnce().catch((error) => {
        if (known) return document;
        throw error;
      });
      if (!is_outage) return asked;
      // In an outage, calls go on with the known document and wait for nothing.
      asked.catch(() => {});
      return document;
    },
    newer: (document) =>
      seconds() - tried < PACE ? Promise.resolve(document) : askOnce().catch(() => document),
  };
}

/** Of a clock that nobody sets. */
export const seconds = (): number => performance.now() / 1000;
