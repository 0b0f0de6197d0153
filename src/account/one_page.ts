/** Shows a list page by page. */

/** Rows on one page. */
const A_PAGE = 50;

/**
 * Reads one record more than it shows, to learn whether there is another page.
 * @param list reads at most `limit` records, after the last one of the previous page
 * @returns `last`: the record after which the next page begins; null: this is the end
 */
export async function onePage<T>(
  list: (limit: number) => Promise<T[]>,
): Promise<{ shown: T[]; last: T | null }> {
  const found = await list(A_PAGE + 1);
  const shown = found.slice(0, A_PAGE);
  return { shown, last: found.length > A_PAGE ? (shown.at(-1) ?? null) : null };
}
