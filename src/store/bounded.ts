/** Bounds on what is kept of a text that a stranger may have written: in a security event, and in a line of the log. */

/** Names and values: never a secret, nor the hash of one. */
export type Members = Readonly<Record<string, unknown>>;

/** Characters of one text. */
const LONGEST = 300;
/** Entries of a list, and members of an object. */
const MOST = 50;
/** Characters of all members together, as JSON. */
const LONGEST_MEMBERS = 8192;
const DEEPEST = 4;

export const cut = (text: string, longest = LONGEST): string => text.slice(0, longest);

/**
 * Members of which each text, each list and the whole are cut to a bounded size.
 * @param longest characters that are kept of one text
 */
export function bounded(members: Members, longest = LONGEST): Members {
  const kept: Record<string, unknown> = {};
  let left = LONGEST_MEMBERS;
  for (const [name, value] of Object.entries(members).slice(0, MOST)) {
    const part = bound(value, { longest, depth: 1 });
    left -= name.length + (JSON.stringify(part) ?? "").length;
    kept[cut(name)] = left < 0 ? "…" : part;
  }
  return kept;
}

function bound(value: unknown, { longest, depth }: { longest: number; depth: number }): unknown {
  if (typeof value === "string") return cut(value, longest);
  if (typeof value !== "object" || value === null) return value;
  if (depth === DEEPEST) return "…";
  const deeper = { longest, depth: depth + 1 };
  if (Array.isArray(value)) return value.slice(0, MOST).map((each) => bound(each, deeper));
  const members = Object.entries(value).slice(0, MOST);
  return Object.fromEntries(members.map(([name, each]) => [cut(name), bound(each, deeper)]));
}
