/** Reads a long list page by page, so that no more than one page is in memory. */

const AT_ONCE = 500;

/**
 * Every record of a list, in its order.
 * @param most records at most
 * @example
 * for await (const client of everyRecord((page) => store.listClients(page))) …
 */
export async function* everyRecord<T>(
  list: (page: { after?: T | undefined; limit: number }) => Promise<readonly T[]>,
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<T> {
  let after: T | undefined;
  let left = most;
  do {
    const limit = Math.min(AT_ONCE, left);
    const found: readonly T[] = await list({ after, limit });
    yield* found;
    left -= found.length;
    after = found.length === limit && left > 0 ? found.at(-1) : undefined;
  } while (after !== undefined);
}
