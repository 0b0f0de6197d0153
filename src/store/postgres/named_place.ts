/** Finds the place that a statement names. Each text is parsed once. */
import type { Value } from "../sql/driver.ts";

const INSERT = /^\s*INSERT INTO \w+(?: AS \w+)? \(([^)]*)\)/;
const CONDITION = /\bplace = \?/;

/** The position of the place among the arguments of a statement; null: it names none. */
export function placeArgument(sql: string): number | null {
  const [, columns] = INSERT.exec(sql) ?? [];
  const column = columns?.split(",").findIndex((name) => name.trim() === "place") ?? -1;
  if (column >= 0) return argumentOf(sql, column);
  const condition = CONDITION.exec(sql);
  return condition ? marksIn(sql.slice(0, condition.index)) : null;
}

/** A constant among the values takes no argument. */
function argumentOf(sql: string, column: number): number {
  const values = /\b(?:VALUES|SELECT)\b\s*\(?(.*)$/s.exec(sql)?.[1] ?? "";
  return marksIn(values.split(",").slice(0, column).join(","));
}

const marksIn = (sql: string): number => sql.split("?").length - 1;

/** The place that a statement names; null: none. The server's own statements are few, so their texts are kept. */
export function placeNamedBy(sql: string, args: readonly Value[]): number | null {
  let position = known.get(sql);
  if (position === undefined) {
    position = placeArgument(sql);
    known.set(sql, position);
  }
  const value = position === null ? null : args[position];
  return typeof value === "number" ? value : null;
}
const known = new Map<string, number | null>();
