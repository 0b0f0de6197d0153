import { canvas } from "./pictures/canvas.ts";
import type { Mood } from "./pictures/moods.ts";
import { develop } from "./pictures/nature.ts";
import { hash, random } from "./pictures/random.ts";
import type { Scene, Shape } from "./pictures/scene.ts";
import { aurora } from "./pictures/scenes/aurora.ts";
import { balloons } from "./pictures/scenes/balloons.ts";
import { canal } from "./pictures/scenes/canal.ts";
import { citrus } from "./pictures/scenes/citrus.ts";
import { city } from "./pictures/scenes/city.ts";
import { coast } from "./pictures/scenes/coast.ts";
import { dunes } from "./pictures/scenes/dunes.ts";
import { forest } from "./pictures/scenes/forest.ts";
import { hills } from "./pictures/scenes/hills.ts";
import { meadow } from "./pictures/scenes/meadow.ts";
import { peaks } from "./pictures/scenes/peaks.ts";
import { pond } from "./pictures/scenes/pond.ts";
import { shore } from "./pictures/scenes/shore.ts";
import { tiles } from "./pictures/scenes/tiles.ts";

const scenes: readonly Scene[] = [
  aurora,
  balloons,
  canal,
  citrus,
  city,
  coast,
  dunes,
  forest,
  hills,
  meadow,
  peaks,
  pond,
  shore,
  tiles,
];

const sizes: Record<Shape, readonly [number, number]> = {
  wide: [1200, 800],
  tall: [800, 1200],
  square: [1000, 1000],
};

/** A photograph, and all that it takes to draw it again. */
export interface Picture {
  readonly id: string;
  readonly title: string;
  /** What it shows, for those who cannot see it. */
  readonly alt: string;
  readonly shape: Shape;
  readonly width: number;
  readonly height: number;
  readonly taken: string;
  svg(): string;
}

/** The photographs of one owner: always the same for that owner, and no two of them alike. */
export function album(owner: string, count = 12): Picture[] {
  const rng = random(`album ${owner}`);
  const kinds = rng.shuffle(scenes);
  const used = new Set<Mood>();
  const pictures = Array.from({ length: count }, (_, i) => {
    const scene = kinds[i % kinds.length] ?? coast;
    // Rather an hour that the album has not seen yet; when all were seen, any.
    const mood = rng.shuffle(scene.moods).find((m) => !used.has(m)) ?? rng.pick(scene.moods);
    used.add(mood);
    if (used.size > 5) used.clear();
    return picture(scene, mood, `${owner} ${i}`);
  });
  return pictures.sort((a, b) => b.taken.localeCompare(a.taken));
}

function picture(scene: Scene, mood: Mood, seed: string): Picture {
  const rng = random(`picture ${seed}`);
  const shape = rng.pick(scene.shapes);
  const [width, height] = sizes[shape];
  const title = `${rng.pick(scene.places)}, ${rng.pick(mood.words)}`;
  const taken = new Date(Date.UTC(2025, rng.int(0, 11), rng.int(1, 28))).toISOString().slice(0, 10);
  return {
    id: `${scene.name}-${hash(seed).toString(36)}`,
    title,
    alt: `${scene.subject} ${mood.phrase}`,
    shape,
    width,
    height,
    taken,
    svg: () => {
      const c = canvas(width, height, random(`paint ${seed}`));
      scene.paint(c, mood);
      develop(c, mood);
      return c.toSvg(title);
    },
  };
}
