/** A list that is shown page by page. */

/** Rows on one page. */
const A_PAGE = 50;

/**
 * Reads one more than is shown, which tells whether there is another page.
 * @param list at most so many records, after the last one of the page before
 * @returns `last`: the record after which the next page begins; null: this is the end
 */
export async function onePage<T>(
  list: (limit: number) => Promise<T[]>,
): Promise<{ shown: T[]; last: T | null }> {
  const found = await list(A_PAGE + 1);
  const shown = found.slice(0, A_PAGE);
  return { shown, last: found.length > A_PAGE ? (shown.at(-1) ?? null) : null };
}
