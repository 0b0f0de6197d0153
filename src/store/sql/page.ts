/** One page of a list, found by the key of the last record of the page before. */
import type { Page } from "../store.ts";
import type { Value } from "./driver.ts";

/**
 * @param order the columns that order the list, all of them together unique; the last one breaks ties
 * @returns a condition that begins with AND, its arguments with the limit, and ORDER BY … LIMIT
 */
export function pageAfter<Keys extends string>(
  { after, limit }: Page<Keys>,
  order: Readonly<Record<Keys, "ASC" | "DESC">>,
): { where: string; args: Value[]; tail: string } {
  const columns = Object.entries<"ASC" | "DESC">(order) as [Keys, "ASC" | "DESC"][];
  const tail = `ORDER BY ${columns.map(([name, way]) => `${name} ${way}`).join(", ")} LIMIT ?`;
  if (!after) return { where: "", args: [limit], tail };
  const [first, second] = columns;
  if (!first || !second) throw new TypeError("a page is ordered by two columns");
  const [[one, one_way], [two, two_way]] = [first, second];
  const beyond = (way: "ASC" | "DESC") => (way === "ASC" ? ">" : "<");
  // `<=` and `>=` first, so that an index finds where to begin.
  const where =
    ` AND ${one} ${beyond(one_way)}= ? AND (${one} ${beyond(one_way)} ? ` +
    `OR ${two} ${beyond(two_way)} ?)`;
  return { where, args: [after[one], after[one], after[two], limit], tail };
}
