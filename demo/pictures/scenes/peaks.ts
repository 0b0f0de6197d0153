import { across, type Canvas, group, linear, type Point, path, polygon, under } from "../canvas.ts";
import { mix, shade } from "../colour.ts";
import { dawn, day, dusk, type Mood, night, rose, sunset } from "../moods.ts";
import { clouds, fir, glitter, ripples, sky, stars, sun, veil, water } from "../nature.ts";
import { noise, type Random } from "../random.ts";
import type { Scene } from "../scene.ts";

/** Snow mountains that stand on their heads in a lake. */
export const peaks: Scene = {
  name: "peaks",
  shapes: ["wide", "tall", "square", "wide"],
  moods: [rose, day, dawn, night, dusk, sunset],
  places: ["Lac Blanc", "The hut above", "Engadin", "Tatra", "Where the path ends"],
  subject: "Snow mountains above a lake",
  paint(c, mood) {
    const { rng, width: w, height: h } = c;
    const shore = h * rng.between(0.6, 0.68);
    const lightX = w * rng.between(0.15, 0.85);
    sky(c, mood, shore);
    if (mood === night) stars(c, shore * 0.8, 150);
    sun(c, mood, [lightX, h * rng.between(0.12, 0.24)], Math.min(w, h) * 0.036);
    clouds(c, mood, h * 0.1, shore * 0.5, 7);
    const lit = lightX > w / 2 ? 1 : -1;
    const land = range(c, mood, shore, lit);
    c.add(land);
    veil(c, mix(mood.haze, mood.light, 0.35), shore - h * 0.16, shore + h * 0.03, 0.7);
    water(c, mood, shore);
    const sheen = linear(c, [
      [0, "#fff", 0.75],
      [0.7, "#fff", 0.25],
      [1, "#fff", 0],
    ]);
    const mask = c.define(
      (id) =>
        `<mask id="${id}"><rect x="0" y="${shore}" width="${w}" height="${h - shore}" fill="${sheen}"/></mask>`,
    );
    c.add(
      group(
        group(land, `transform="matrix(1 0 0 -0.8 0 ${Math.round(shore * 1.8)})"`),
        `mask="${mask}" opacity="0.75"`,
      ),
    );
    ripples(c, mood, shore, 130);
    if (mood.moon) glitter(c, mood, lightX, shore);
    woods(c, mood, shore);
  },
};

/** Far and near range, each a row of peaks with a lit and a shaded side. */
function range(c: Canvas, mood: Mood, shore: number, lit: number): string {
  const { rng, height: h } = c;
  const far = peakLine(rng, c.width, shore, h * rng.between(0.26, 0.32), rng.int(4, 5));
  const near = peakLine(rng, c.width, shore, h * rng.between(0.34, 0.44), rng.int(2, 3));
  const rock = mix(mood.haze, mood.near, 0.55);
  return (
    mountains(
      c,
      far,
      shore,
      mix(mood.haze, mood.near, 0.16),
      mix(mood.snow, mood.haze, 0.4),
      lit,
      mood,
    ) + mountains(c, near, shore, rock, mood.snow, lit, mood)
  );
}

function peakLine(rng: Random, width: number, shore: number, rise: number, count: number): Point[] {
  return Array.from({ length: count }, (_, i) => [
    ((i + 0.5 + rng.between(-0.24, 0.24)) / count) * width,
    shore - rise * rng.between(0.72, 1.08),
  ]);
}

function mountains(
  c: Canvas,
  tops: readonly Point[],
  shore: number,
  rock: string,
  snow: string,
  lit: number,
  mood: Mood,
): string {
  const spread = (c.width / tops.length) * 0.95;
  const inOrder = [...tops].sort((a, b) => a[1] - b[1]);
  return inOrder
    .map((top) =>
      mountain(c, top, spread * c.rng.between(0.85, 1.15), shore, { rock, snow, lit, mood }),
    )
    .join("");
}

interface Stone {
  rock: string;
  snow: string;
  lit: number;
  mood: Mood;
}

function mountain(
  c: Canvas,
  [x, y]: Point,
  reach: number,
  shore: number,
  { rock, snow, lit, mood }: Stone,
): string {
  const rough = noise(c.rng, 4, 0.6);
  const flank = (side: number): Point[] =>
    Array.from({ length: 15 }, (_, i) => {
      const t = i / 14;
      const ease = t ** 0.92;
      return [
        x + side * reach * ease + side * reach * 0.045 * rough(t * 7 + side * 9) * t ** 0.3,
        y + (shore - y) * t + (i ? 9 * rough(t * 11 + side) : 0),
      ];
    });
  const spine: Point[] = Array.from({ length: 11 }, (_, i) => {
    const t = i / 10;
    return [
      x +
        lit * reach * 0.2 * Math.sin(t * 4.2) * t +
        (i % 2 ? 1 : -1) * reach * 0.03 * (i > 0 ? 1 : 0),
      y + (shore - y) * t,
    ];
  });
  const fill = (colour: string): string =>
    linear(c, [
      [0, colour],
      [0.6, mix(colour, mood.haze, 0.3)],
      [1, mix(colour, mood.haze, 0.72)],
    ]);
  const [light, dark] = [mix(rock, mood.glow, 0.24), shade(rock, -0.07)];
  const left = [...flank(-1), ...[...spine].reverse()];
  const right = [...flank(1), ...[...spine].reverse()];
  const cap = (side: number): string =>
    path(
      polygon(snowCap(c, flank(side), spine, [x, y])),
      fill(side === lit ? mix(snow, mood.light, 0.4) : mix(snow, mood.sky[1], 0.42)),
    );
  return (
    path(polygon(left), fill(lit < 0 ? light : dark)) +
    path(polygon(right), fill(lit < 0 ? dark : light)) +
    cap(-1) +
    cap(1)
  );
}

/** Snow reaches down in tongues, less far in the gullies. */
function snowCap(c: Canvas, flank: readonly Point[], spine: readonly Point[], top: Point): Point[] {
  const [a, b] = [flank[6] ?? top, spine[c.rng.int(4, 6)] ?? top];
  const edge = Array.from({ length: 10 }, (_, i): Point => {
    const t = i / 9;
    const tooth = (i % 2 ? 1 : -0.35) * (b[1] - top[1]) * c.rng.between(0.06, 0.24);
    return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t + (i === 0 || i === 9 ? 0 : tooth)];
  });
  const upSpine = spine.filter(([, y]) => y < b[1]).reverse();
  return [...flank.slice(0, 7), ...edge, ...upSpine];
}

function woods(c: Canvas, mood: Mood, shore: number): void {
  const { rng, height: h, width: w } = c;
  const bank = across(c, 12, (t) => shore + h * (0.006 + 0.008 * Math.sin(t * 9)));
  const distant = mix(mood.haze, mood.near, 0.62);
  for (let x = -10; x < w + 10; x += w * rng.between(0.011, 0.022))
    if (Math.sin(x / (w * 0.08)) > -0.2)
      fir(c, [x, shore + h * 0.012], h * rng.between(0.025, 0.055), distant);
  c.add(path(under(c, bank, shore + h * 0.022), distant));
  const side = rng.chance(0.5) ? 0 : 1;
  const ground = mix(mood.near, "#000000", 0.12);
  for (let i = 0; i < 7; i += 1) {
    const t = i / 6;
    const x = side ? w * (1.03 - 0.3 * t) : w * (-0.03 + 0.3 * t);
    fir(
      c,
      [x + rng.between(-14, 14), h * (0.97 + 0.05 * t)],
      h * rng.between(0.3, 0.44) * (1 - 0.45 * t),
      mix(ground, mood.leaf, rng.between(0, 0.22)),
    );
  }
  const slope = across(c, 14, (t) => h * (0.93 + 0.12 * (side ? 1 - t : t)));
  c.add(path(under(c, slope), ground));
}
