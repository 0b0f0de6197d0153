/** A long list, read page by page, so that no more than one page is in memory. */

const AT_ONCE = 500;

/**
 * Every record of a list, in its order.
 * @example
 * for await (const client of everyRecord((page) => store.listClients(page))) …
 */
export async function* everyRecord<T>(
  list: (page: { after?: T | undefined; limit: number }) => Promise<readonly T[]>,
): AsyncGenerator<T> {
  let after: T | undefined;
  do {
    const found: readonly T[] = await list({ after, limit: AT_ONCE });
    yield* found;
    after = found.length === AT_ONCE ? found.at(-1) : undefined;
  } while (after !== undefined);
}
