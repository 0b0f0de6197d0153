import {
  across,
  type Canvas,
  line,
  linear,
  n,
  type Point,
  path,
  polygon,
  rect,
  under,
} from "../canvas.ts";
import { mix, shade } from "../colour.ts";
import { dawn, day, golden, type Mood, mist, rose, sunset } from "../moods.ts";
import { birds, clouds, cypress, sky, sun, veil } from "../nature.ts";
import { noise } from "../random.ts";
import type { Scene } from "../scene.ts";

/** Rolling hills with the air between them, a road of cypresses, and one house. */
export const hills: Scene = {
  name: "hills",
  shapes: ["wide", "wide", "square", "tall"],
  moods: [golden, dawn, mist, day, rose, sunset],
  places: ["Val d'Orcia", "The long road", "Above Pienza", "Moravia", "Seven hills"],
  subject: "Rolling hills with cypresses",
  paint(c, mood) {
    const { rng, width: w, height: h } = c;
    const horizon = h * rng.between(0.4, 0.48);
    const lightX = w * rng.between(0.25, 0.75);
    sky(c, mood, horizon + h * 0.1);
    sun(c, mood, [lightX, horizon - h * rng.between(0.08, 0.18)], Math.min(w, h) * 0.042);
    clouds(c, mood, h * 0.06, horizon * 0.9, 8);
    const layers = 6;
    for (let i = 0; i < layers; i += 1) {
      const t = i / (layers - 1);
      const edge = ridge(
        c,
        horizon + h * (0.02 + 0.5 * t ** 1.25),
        h * (0.05 + 0.1 * t),
        1.7 - t * 0.6,
      );
      const ground = mix(mood.haze, mix(mood.leaf, mood.near, 0.6 * t ** 1.5), 0.12 + 0.88 * t);
      const fill = linear(c, [
        [0, mix(ground, mood.glow, 0.6 - 0.25 * t)],
        [0.12, mix(ground, mood.glow, 0.2)],
        [0.4, ground],
        [1, shade(ground, -0.16)],
      ]);
      if (i === 2 || i === 3) trees(c, mood, edge, t, i === 3);
      if (i === 3) house(c, mood, edge, h * 0.05);
      c.add(path(under(c, edge), fill));
      if (i === 2) road(c, mood, edge);
      if (t > 0.5) furrows(c, edge, mix(ground, mood.glow, 0.5), t);
      veil(c, mood.haze, horizon, horizon + h * (0.1 + 0.5 * t), 0.16 * (1 - t));
    }
    birds(c, [w - lightX, horizon * 0.6], rng.int(2, 5), mix(mood.near, mood.sky[2], 0.3));
  },
};

function ridge(c: Canvas, base: number, swing: number, pace: number): Point[] {
  const wave = noise(c.rng, 3, 0.42);
  const start = c.rng.between(0, 30);
  return across(c, 26, (t) => base + swing * 1.5 * wave(start + t * pace * 2.4));
}

function trees(c: Canvas, mood: Mood, edge: readonly Point[], t: number, row: boolean): void {
  const { rng } = c;
  const colour = mix(mood.haze, mood.near, 0.35 + 0.6 * t);
  const first = rng.int(3, 9);
  const count = row ? rng.int(6, 9) : rng.int(3, 5);
  for (let i = 0; i < count; i += 1) {
    const at = row ? first + i : rng.int(3, edge.length - 4);
    const point = edge[at];
    if (!point) continue;
    cypress(
      c,
      [point[0] + rng.between(-9, 9), point[1] + 5],
      c.height * (0.045 + 0.1 * t) * rng.between(0.65, 1.15),
      colour,
    );
  }
}

function house(c: Canvas, mood: Mood, edge: readonly Point[], size: number): void {
  const point = edge[c.rng.int(17, 21)];
  if (!point) return;
  const [x, y] = point;
  const wall = mix("#f3dfc1", mood.haze, 0.35);
  const roof = mix("#b4593f", mood.haze, 0.3);
  c.add(
    rect(x, y - size * 0.75, size * 1.5, size, wall) +
      rect(x + size, y - size * 0.75, size * 0.5, size, shade(wall, -0.12)) +
      path(
        polygon([
          [x - size * 0.1, y - size * 0.72],
          [x + size * 0.25, y - size * 1.15],
          [x + size * 1.3, y - size * 1.15],
          [x + size * 1.6, y - size * 0.72],
        ]),
        roof,
      ) +
      rect(x + size * 0.2, y - size * 0.5, size * 0.18, size * 0.26, mood.near, 'opacity="0.7"') +
      rect(x + size * 0.6, y - size * 0.5, size * 0.18, size * 0.26, mood.near, 'opacity="0.7"'),
  );
}

/** A pale road that winds down from the crest, broader as it comes nearer. */
function road(c: Canvas, mood: Mood, edge: readonly Point[]): void {
  const start = edge[c.rng.int(8, 18)];
  if (!start) return;
  const lean = c.rng.chance(0.5) ? 1 : -1;
  const side = (s: number): Point[] =>
    Array.from({ length: 9 }, (_, i) => {
      const t = i / 8;
      const sway = Math.sin(t * 7) * c.width * 0.075 * t ** 0.8;
      return [
        start[0] + lean * (sway + c.width * 0.12 * t) + s * (1 + 9 * t),
        start[1] - 2 + c.height * 0.24 * t ** 1.1,
      ];
    });
  c.add(
    path(
      `${line(side(-1))}L${line(side(1).reverse()).slice(1)}Z`,
      mix(mood.sand, mood.light, 0.35),
      'opacity="0.75"',
    ),
  );
}

/** Plough lines that follow the ground. */
function furrows(c: Canvas, edge: readonly Point[], colour: string, t: number): void {
  const lean = c.rng.between(-0.3, 0.3);
  for (let i = 1; i < 9; i += 1) {
    const drop = c.height * 0.019 * i ** 1.35;
    const points = edge.map(
      ([x, y], at): Point => [x + lean * drop, y + drop * (1 + 0.3 * Math.sin(at / 5))],
    );
    c.add(
      `<path d="${line(points)}" fill="none" stroke="${colour}" stroke-width="${n(1 + t * i * 0.35)}" opacity="${n(0.55 - 0.03 * i)}"/>`,
    );
  }
}
