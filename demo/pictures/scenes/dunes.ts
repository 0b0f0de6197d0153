import { type Canvas, curve, line, linear, n, type Point, path } from "../canvas.ts";
import { mix, shade } from "../colour.ts";
import { dawn, day, golden, type Mood, night, rose, sunset } from "../moods.ts";
import { clouds, sky, stars, sun, veil } from "../nature.ts";
import type { Scene } from "../scene.ts";

/** Dunes: one crest after the other, bright to the light and dark away from it. */
export const dunes: Scene = {
  name: "dunes",
  shapes: ["tall", "wide", "square"],
  moods: [golden, rose, dawn, sunset, day, night],
  places: ["Erg Chebbi", "Walking south", "No signal", "The third dune", "Sand"],
  subject: "Sand dunes with sharp crests",
  paint(c, mood) {
    const { rng, width: w, height: h } = c;
    const horizon = h * rng.between(0.36, 0.46);
    const lightLeft = rng.chance(0.5);
    sky(c, mood, horizon + h * 0.12);
    if (mood === night) stars(c, horizon, 160);
    sun(
      c,
      mood,
      [
        w * (lightLeft ? rng.between(0.2, 0.4) : rng.between(0.6, 0.8)),
        horizon - h * rng.between(0.05, 0.2),
      ],
      Math.min(w, h) * rng.between(0.05, 0.085),
    );
    clouds(c, mood, h * 0.05, horizon * 0.7, 4);
    const layers = 5;
    for (let i = 0; i < layers; i += 1) {
      const t = i / (layers - 1);
      const bright = mix(mix(mood.haze, mood.sand, 0.35 + 0.65 * t), mood.glow, 0.25);
      const dark = mix(mix(mood.haze, mood.near, 0.2 + 0.5 * t), mood.sand, 0.3 - 0.12 * t);
      dune(c, horizon + h * (0.01 + 0.44 * t ** 1.2), h * (0.05 + 0.11 * t), {
        bright,
        dark,
        lightLeft,
        t,
      });
      if (i < 3) veil(c, mood.haze, horizon - h * 0.02, horizon + h * 0.3, 0.22);
    }
    travellers(c, mood, horizon);
  },
};

interface Sand {
  bright: string;
  dark: string;
  lightLeft: boolean;
  t: number;
}

function dune(c: Canvas, base: number, rise: number, { bright, dark, lightLeft, t }: Sand): void {
  const { rng, width: w, height: h } = c;
  const summit = w * rng.between(0.3, 0.7);
  const x = (at: number): number => (lightLeft ? at : w - at);
  const crest: Point[] = [
    [-20, base + rise * rng.between(0.15, 0.5)],
    [summit * 0.45, base - rise * rng.between(0.1, 0.35)],
    [summit, base - rise],
    [summit + (w - summit) * 0.4, base - rise * rng.between(0.1, 0.3)],
    [w + 20, base + rise * rng.between(0.1, 0.6)],
  ];
  const body = (points: readonly Point[]): Point[] => points.map(([px, py]) => [x(px), py]);
  const lit = linear(c, [
    [0, mix(bright, "#ffffff", 0.12)],
    [0.5, bright],
    [1, shade(bright, -0.12)],
  ]);
  c.add(path(`${line(body(crest))}V${n(h + 4)}H${n(x(-20))}Z`, lit));
  const shadow = linear(c, [
    [0, dark],
    [0.45, mix(dark, bright, 0.25)],
    [1, mix(dark, bright, 0.6)],
  ]);
  const bottom = base + rise * rng.between(1.6, 2.4);
  const ridge: Point[] = [
    [summit, base - rise],
    [summit + w * 0.03, base - rise * 0.25],
    [summit - w * 0.07, base + rise * 0.5],
    [summit + w * rng.between(0.02, 0.12), bottom],
    [summit + w * 0.1, h + 10],
  ];
  const back = body(crest.slice(2)).reverse();
  const start = back[0] ?? [0, 0];
  const top = body(ridge);
  c.add(
    path(
      `M${n(start[0])} ${n(start[1])}${curve(back)}${curve(top)}L${n(start[0])} ${n(h + 10)}Z`,
      shadow,
    ),
  );
  ribs(c, base, rise, mix(bright, dark, 0.4), t, { x, summit });
}

/** Wind ribs on the lit side, only where one stands near enough to see them. */
function ribs(
  c: Canvas,
  base: number,
  rise: number,
  colour: string,
  t: number,
  { x, summit }: { x: (at: number) => number; summit: number },
): void {
  if (t < 0.6) return;
  const { rng } = c;
  for (let i = 0; i < 16; i += 1) {
    const y = base + rise * (0.3 + i * 0.17);
    const end = summit * rng.between(0.6, 0.88);
    const points = Array.from(
      { length: 8 },
      (_, k): Point => [
        x(-10 + (end * k) / 7),
        y + rise * 0.05 * Math.sin(k * 1.3 + i * 0.7) - (rise * 0.22 * k) / 7,
      ],
    );
    c.add(
      `<path d="${line(points)}" fill="none" stroke="${colour}" stroke-width="${n(1.4 + i * 0.16)}" opacity="0.3" stroke-linecap="round"/>`,
    );
  }
}

function travellers(c: Canvas, mood: Mood, horizon: number): void {
  const { rng, width: w, height: h } = c;
  const start = w * rng.between(0.3, 0.6);
  const y = horizon + h * 0.2;
  const s = h * 0.011;
  for (let i = 0; i < 4; i += 1) {
    const px = start + i * w * 0.03;
    const py = y + i * 2.2;
    c.add(
      path(
        `M${n(px - s * 0.35)} ${n(py)}L${n(px - s * 0.3)} ${n(py - s * 1.5)}Q${n(px)} ${n(py - s * 2.1)} ${n(px + s * 0.3)} ${n(py - s * 1.5)}L${n(px + s * 0.35)} ${n(py)}Z`,
        mood.near,
        'opacity="0.85"',
      ),
    );
    c.add(
      `<circle cx="${n(px)}" cy="${n(py - s * 2.1)}" r="${n(s * 0.36)}" fill="${mood.near}" opacity="0.85"/>`,
    );
  }
}
