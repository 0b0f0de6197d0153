/** A list with at least one member, so that picking from it always gives something. */
export type Some<T> = readonly [T, ...T[]];

/** Chance that can be repeated: the same seed gives the same numbers, on every machine. */
export interface Random {
  next(): number;
  between(low: number, high: number): number;
  int(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(from: Some<T>): T;
  shuffle<T>(list: readonly T[]): T[];
}

export function random(seed: string): Random {
  let state = hash(seed);
  // mulberry32: small, fast, and even enough for pictures. Never for anything secret.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    int,
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    pick: (from) => from[int(0, from.length - 1)] ?? from[0],
    shuffle: (list) =>
      list
        .map((item) => ({ item, order: next() }))
        .sort((a, b) => a.order - b.order)
        .map(({ item }) => item),
  };
}

/** FNV-1a with a last stir, so that seeds that differ in one letter share nothing. */
export function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Smooth noise along a line, between -1 and 1: hills, shores, the edge of a cloud. */
export function noise(rng: Random, octaves = 4, roughness = 0.5): (x: number) => number {
  const tables = Array.from({ length: octaves }, () =>
    Array.from({ length: 64 }, () => rng.between(-1, 1)),
  );
  return (x) => {
    let sum = 0;
    let weight = 0;
    tables.forEach((table, octave) => {
      const amplitude = roughness ** octave;
      sum += amplitude * sample(table, x * 2 ** octave);
      weight += amplitude;
    });
    return sum / weight;
  };
}

function sample(table: readonly number[], x: number): number {
  const at = Math.floor(x);
  const t = x - at;
  const a = table[((at % 64) + 64) % 64] ?? 0;
  const b = table[(((at + 1) % 64) + 64) % 64] ?? 0;
  return a + (b - a) * t * t * (3 - 2 * t);
}
