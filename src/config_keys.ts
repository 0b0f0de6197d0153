/** Suggests the intended name for a mistyped one: for keys of the configuration and other typed names. */
import { z } from "zod";
import { schema } from "./config_schema.ts";

type JsonSchema = Exclude<z.core.JSONSchema._JSONSchema, boolean>;

/** The existing keys below a path, such as `["lifetimes"]`. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  const whole: JsonSchema = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const found = path.reduce<JsonSchema[]>(
    (at, key) => at.flatMap((each) => childrenOf(each, String(key))),
    [whole],
  );
  return found.flatMap(alternatives).flatMap(({ properties }) => Object.keys(properties ?? {}));
}

const childrenOf = (at: JsonSchema, key: string): JsonSchema[] =>
  alternatives(at)
    .map(({ properties = {}, additionalProperties }) =>
      Object.hasOwn(properties, key) ? properties[key] : additionalProperties,
    )
    .filter(isSchema);

const alternatives = (at: JsonSchema): JsonSchema[] => (at.anyOf ?? [at]).filter(isSchema);

const isSchema = (value: z.core.JSONSchema._JSONSchema | undefined): value is JsonSchema =>
  typeof value === "object";

/**
 * @returns the most similar name, with at most two different letters and less than half of them; null: there is none
 */
export function nearest(name: string, known: readonly string[]): string | null {
  const most = Math.min(2, Math.floor((name.length - 1) / 2));
  const near = known
    .map((each) => ({ each, distance: distanceOf(name, each, most) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.each ?? null;
}

/**
 * Letters to insert, delete, change or swap with the next (Damerau–Levenshtein distance). Beyond `most`, some larger
 * number.
 */
function distanceOf(from: string, to: string, most: number): number {
  if (Math.abs(from.length - to.length) > most) return most + 1;
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1];
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, row] = [row, next];
  }
  return row[to.length] ?? 0;
}
