/** The photographs of the demo: drawings that are stored as files in assets/. */
import { readFile } from "node:fs/promises";
import { sha256 } from "../../src/crypto/hash.ts";
import { type Entry, photos, type Shape } from "./catalogue.ts";

export interface Picture extends Entry {
  readonly width: number;
  readonly height: number;
}

const sizes: Record<Shape, readonly [number, number]> = {
  wide: [1200, 800],
  tall: [800, 1200],
  square: [1000, 1000],
};

export function pictureOf(entry: Entry): Picture {
  const [width, height] = sizes[entry.shape];
  return { ...entry, width, height };
}

/** The text of the drawing. */
export const svgOf = ({ id }: Picture): Promise<string> =>
  readFile(new URL(`./assets/${id}.svg`, import.meta.url), "utf8");

const ALBUM = 12;

/** The twelve photos of one owner, newest first: always the same ones, and each of another kind. */
export function album(owner: string): Picture[] {
  const order = (entry: Entry): string => sha256(`${owner} ${entry.id}`);
  const shuffled = [...photos].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const kinds = new Set<string>();
  const chosen = shuffled.filter((entry) => {
    const kind = kindOf(entry);
    const fresh = !kinds.has(kind) && kinds.size < ALBUM;
    kinds.add(kind);
    return fresh;
  });
  return chosen.map(pictureOf).sort((a, b) => b.taken.localeCompare(a.taken));
}

export const kindOf = ({ id }: Entry): string => id.replace(/-\d+$/, "");
