import {
  type Canvas,
  circle,
  group,
  linear,
  n,
  type Point,
  path,
  polygon,
  rect,
} from "../canvas.ts";
import { mix, shade } from "../colour.ts";
import { dawn, day, dusk, golden, type Mood, night, sunset } from "../moods.ts";
import { birds, clouds, glitter, ripples, sky, stars, sun, water } from "../nature.ts";
import { noise } from "../random.ts";
import type { Scene } from "../scene.ts";

/** Headlands one behind the other, the sea, and on some of them a lighthouse. */
export const coast: Scene = {
  name: "coast",
  shapes: ["wide", "wide", "tall", "square"],
  moods: [sunset, dawn, golden, dusk, night, day],
  places: ["Cabo da Roca", "The lighthouse", "Land's End", "Nazaré", "The last headland"],
  subject: "Headlands and the sea with a lighthouse",
  paint(c, mood) {
    const { rng, width: w, height: h } = c;
    const horizon = h * rng.between(0.5, 0.6);
    const fromLeft = rng.chance(0.5);
    const lightX = (fromLeft ? rng.between(0.6, 0.8) : rng.between(0.2, 0.4)) * w;
    const lightY = mood === day ? h * 0.18 : horizon - h * rng.between(0.05, 0.16);
    sky(c, mood, horizon);
    if (mood === night) stars(c, horizon * 0.9, 130);
    sun(c, mood, [lightX, lightY], Math.min(w, h) * rng.between(0.032, 0.05));
    clouds(c, mood, horizon * 0.2, horizon * 0.88, 9);
    water(c, mood, horizon);
    ripples(c, mood, horizon, 150);
    glitter(c, mood, lightX, horizon);
    boat(c, mood, [lightX + (fromLeft ? -0.09 : 0.09) * w, horizon + h * 0.035], h * 0.05);
    headlands(c, mood, horizon, fromLeft);
    birds(c, [lightX, horizon - h * 0.25], rng.int(3, 6), mix(mood.near, mood.sky[1], 0.2));
  },
};

function headlands(c: Canvas, mood: Mood, horizon: number, fromLeft: boolean): void {
  const { rng, height: h } = c;
  const steps = [
    { reach: rng.between(0.6, 0.7), foot: 0.004, rise: rng.between(0.07, 0.1), depth: 0.2 },
    { reach: rng.between(0.46, 0.54), foot: 0.03, rise: rng.between(0.14, 0.19), depth: 0.5 },
    { reach: rng.between(0.3, 0.4), foot: 0.12, rise: rng.between(0.28, 0.36), depth: 0.86 },
  ];
  for (const { reach, foot, rise, depth } of steps) {
    const colour = mix(mix(mood.haze, mood.water[0], 0.3), mood.near, depth);
    const base = horizon + h * foot;
    const edge = cliffEdge(c, reach, base, h * rise);
    const flip = (points: readonly Point[]): Point[] =>
      points.map(([x, y]) => [fromLeft ? x : c.width - x, y]);
    const face = linear(c, [
      [0, mix(colour, mood.glow, 0.22 * (1 - depth * 0.5))],
      [0.35, colour],
      [1, shade(colour, -0.05)],
    ]);
    reflect(c, flip([[-5, base], ...edge]), base, colour);
    if (depth > 0.8) lighthouse(c, mood, flip(edge)[9] ?? [0, base], h * 0.15);
    c.add(
      path(
        polygon(flip([[-5, base + 2], ...edge, [edge[edge.length - 1]?.[0] ?? 0, base + 2]])),
        face,
      ),
    );
    foam(c, mood, base, (fromLeft ? 0 : 1 - reach) * c.width, reach * c.width);
  }
}

function cliffEdge(c: Canvas, reach: number, base: number, rise: number): Point[] {
  const rough = noise(c.rng, 5, 0.55);
  const count = 34;
  return Array.from({ length: count + 1 }, (_, i) => {
    const t = i / count;
    const fall = (1 - t ** 2.6) * (0.82 + 0.18 * Math.cos(t * 5));
    const y = base - Math.max(0, rise * fall * (1 + 0.16 * rough(t * 5)));
    return [-5 + t * (reach * c.width + 5), i === count ? base : y];
  });
}

function reflect(c: Canvas, edge: readonly Point[], base: number, colour: string): void {
  const mirrored = edge.map(([x, y]): Point => [x, base + (base - y) * 0.55]);
  const fade = linear(c, [
    [0, colour, 0.55],
    [1, colour, 0],
  ]);
  c.add(path(polygon(mirrored), fade));
}

function foam(c: Canvas, mood: Mood, y: number, from: number, length: number): void {
  const { rng } = c;
  for (let i = 0; i < 26; i += 1) {
    const x = from + rng.next() * length * 1.03;
    const w = rng.between(0.006, 0.03) * c.width;
    c.add(
      rect(
        x,
        y + rng.between(-1, 3),
        w,
        rng.between(1, 2.6),
        mix(mood.light, mood.water[0], 0.3),
        'rx="1.3" opacity="0.6"',
      ),
    );
  }
}

function lighthouse(c: Canvas, mood: Mood, [x, y]: Point, height: number): void {
  const w = height * 0.15;
  const top = y - height;
  const wall = linear(
    c,
    [
      [0, mix("#ffffff", mood.glow, 0.25)],
      [0.55, mix("#e9e4da", mood.near, 0.12)],
      [1, mix("#8d8a90", mood.near, 0.45)],
    ],
    [1, 0],
  );
  const band = mix("#c4483b", mood.near, 0.2);
  const lamp = circle(
    x,
    top - w * 0.2,
    height * 0.55,
    c.define(
      (id) =>
        `<radialGradient id="${id}"><stop offset="0" stop-color="${mood.light}" stop-opacity="0.9"/><stop offset="0.3" stop-color="${mood.glow}" stop-opacity="0.25"/><stop offset="1" stop-color="${mood.glow}" stop-opacity="0"/></radialGradient>`,
    ),
  );
  const tower = (from: number, to: number): string => {
    const half = (t: number): number => w * (0.5 - 0.16 * t);
    return polygon([
      [x - half(from), y - height * from],
      [x - half(to), y - height * to],
      [x + half(to), y - height * to],
      [x + half(from), y - height * from],
    ]);
  };
  c.add(
    group(
      lamp +
        path(tower(-0.12, 0.96), wall) +
        path(tower(0.3, 0.5), band, 'opacity="0.92"') +
        path(tower(0.7, 0.86), band, 'opacity="0.92"') +
        rect(x - w * 0.46, top + height * 0.02, w * 0.92, height * 0.03, mood.near) +
        rect(x - w * 0.24, top - height * 0.07, w * 0.48, height * 0.1, mood.light) +
        path(
          `M${n(x - w * 0.34)} ${n(top - height * 0.06)}L${n(x)} ${n(top - height * 0.15)}L${n(x + w * 0.34)} ${n(top - height * 0.06)}Z`,
          band,
        ),
      "",
    ),
  );
}

function boat(c: Canvas, mood: Mood, [x, y]: Point, size: number): void {
  const sail = mix(mood.snow, mood.glow, 0.2);
  c.add(
    path(
      `M${n(x)} ${n(y - size)}Q${n(x + size * 0.5)} ${n(y - size * 0.4)} ${n(x + size * 0.42)} ${n(y - size * 0.12)}L${n(x)} ${n(y - size * 0.12)}Z`,
      sail,
    ) +
      path(
        `M${n(x - size * 0.05)} ${n(y - size * 0.85)}Q${n(x - size * 0.3)} ${n(y - size * 0.3)} ${n(x - size * 0.28)} ${n(y - size * 0.14)}L${n(x - size * 0.05)} ${n(y - size * 0.14)}Z`,
        shade(sail, -0.08),
      ) +
      path(
        `M${n(x - size * 0.38)} ${n(y - size * 0.08)}L${n(x + size * 0.45)} ${n(y - size * 0.08)}L${n(x + size * 0.3)} ${n(y + size * 0.05)}L${n(x - size * 0.26)} ${n(y + size * 0.05)}Z`,
        mood.near,
      ),
  );
}
