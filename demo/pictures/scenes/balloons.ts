import {
  across,
  blur,
  type Canvas,
  ellipse,
  group,
  linear,
  n,
  type Point,
  path,
  under,
} from "../canvas.ts";
import { mix, shade } from "../colour.ts";
import { dawn, day, golden, type Mood, rose, sunset } from "../moods.ts";
import { birds, clouds, sky, sun, veil } from "../nature.ts";
import { noise, type Some } from "../random.ts";
import type { Scene } from "../scene.ts";

const cloths: Some<Some<string>> = [
  ["#e2574c", "#f6e8d0", "#e9a23b"],
  ["#2f6f8f", "#f3ead8", "#e8794a"],
  ["#d94f70", "#f7c873", "#7a4f9a"],
  ["#f2b33d", "#fff3da", "#3d7f86"],
  ["#4a7c59", "#f4ecd4", "#d9683f"],
];

/** Balloons going up over a valley, big ones near and small ones far. */
export const balloons: Scene = {
  name: "balloons",
  shapes: ["tall", "wide", "square", "tall"],
  moods: [dawn, day, rose, golden, sunset],
  places: ["Göreme", "Up", "Five in the morning", "The race", "Over the valley"],
  subject: "Hot-air balloons over a valley",
  paint(c, mood) {
    const { rng, width: w, height: h } = c;
    const horizon = h * rng.between(0.7, 0.78);
    sky(c, mood, horizon + h * 0.05);
    sun(
      c,
      mood,
      [w * rng.between(0.2, 0.8), horizon - h * rng.between(0.03, 0.12)],
      Math.min(w, h) * 0.045,
    );
    clouds(c, mood, h * 0.05, horizon * 0.9, 9);
    land(c, mood, horizon);
    const spots = rng.shuffle(Array.from({ length: 9 }, (_, i) => i));
    const sizes = [0.022, 0.027, 0.032, 0.045, 0.055, 0.085, rng.between(0.15, 0.18)];
    const aspect = w > h ? 1.15 : 0.9;
    sizes.forEach((size, i) => {
      const slot = spots[i] ?? i;
      const last = i === sizes.length - 1;
      const x = last
        ? w * rng.between(0.28, 0.72)
        : w * (0.08 + 0.84 * ((slot + rng.between(0.2, 0.8)) / 9));
      const y = last ? h * rng.between(0.3, 0.38) : h * rng.between(0.12, 0.62);
      balloon(c, mood, [x, y], Math.min(w, h) * size * aspect, Math.min(1, size * 9));
    });
    birds(c, [w * rng.between(0.2, 0.8), h * 0.6], 3, mix(mood.near, mood.sky[2], 0.4));
  },
};

function land(c: Canvas, mood: Mood, horizon: number): void {
  const { rng, height: h } = c;
  for (let i = 0; i < 4; i += 1) {
    const t = i / 3;
    const shape = noise(rng, 4, 0.5);
    const start = rng.between(0, 40);
    const edge = across(
      c,
      34,
      (x) => horizon + h * (0.19 * t - 0.03) + h * 0.05 * shape(start + x * (3 - t)),
    );
    const colour = mix(mood.haze, mix(mood.leaf, mood.near, 0.4), 0.14 + 0.8 * t);
    c.add(
      path(
        under(c, edge),
        linear(c, [
          [0, mix(colour, mood.glow, 0.35)],
          [0.3, colour],
          [1, shade(colour, -0.08)],
        ]),
      ),
    );
    veil(
      c,
      mix(mood.haze, mood.light, 0.4),
      horizon - h * 0.02,
      horizon + h * (0.08 + 0.18 * t),
      0.5 * (1 - t),
    );
  }
}

function balloon(c: Canvas, mood: Mood, [x, y]: Point, r: number, nearness: number): void {
  const { rng } = c;
  const cloth = rng.pick(cloths);
  const air = (colour: string): string =>
    mix(mix(mood.sky[2], mood.haze, 0.5), colour, 0.35 + 0.65 * nearness);
  const mouth = y + r * 1.42;
  const gores = 12;
  const pieces: string[] = [];
  for (let i = 0; i < gores; i += 1) {
    const [a, b] = [i, i + 1].map((k) => Math.sin((k / gores - 0.5) * Math.PI));
    pieces.push(
      path(gore(x, y, r, mouth, a ?? 0, b ?? 0), air(cloth[i % cloth.length] ?? cloth[0])),
    );
  }
  const light = linear(
    c,
    [
      [0, "#ffffff", 0.28],
      [0.4, "#ffffff", 0],
      [1, mood.near, 0.42],
    ],
    [1, 0.25],
  );
  const whole = gore(x, y, r, mouth, -1, 1);
  const rope = (to: number): string =>
    `<path d="M${n(x + to * r * 0.17)} ${n(mouth)}L${n(x + to * r * 0.11)} ${n(mouth + r * 0.3)}" stroke="${air(mood.near)}" stroke-width="${n(Math.max(0.8, r * 0.014))}"/>`;
  const basket = `<rect x="${n(x - r * 0.125)}" y="${n(mouth + r * 0.29)}" width="${n(r * 0.25)}" height="${n(r * 0.2)}" rx="${n(r * 0.03)}" fill="${air("#6d4526")}"/>`;
  const burner =
    r > 60
      ? ellipse(x, mouth + r * 0.02, r * 0.05, r * 0.1, "#ffe39a", `filter="${blur(c, r * 0.03)}"`)
      : "";
  c.add(
    group(
      pieces.join("") + path(whole, light) + burner + rope(-1) + rope(1) + basket,
      `transform="rotate(${n(rng.between(-2.5, 2.5))} ${n(x)} ${n(y)})"`,
    ),
  );
}

/** The cloth between two seams; a seam is a half circle that runs on to the mouth. */
function gore(x: number, y: number, r: number, mouth: number, a: number, b: number): string {
  const seam = (s: number, down: boolean): string => {
    const foot: Point = [x + s * r * 0.2, mouth];
    const side = x + s * r * 1.0;
    return down
      ? `C${n(x + s * r * 0.62)} ${n(y - r)} ${n(side)} ${n(y - r * 0.55)} ${n(side)} ${n(y)}C${n(side)} ${n(y + r * 0.62)} ${n(x + s * r * 0.42)} ${n(y + r * 1.02)} ${n(foot[0])} ${n(foot[1])}`
      : `C${n(x + s * r * 0.42)} ${n(y + r * 1.02)} ${n(side)} ${n(y + r * 0.62)} ${n(side)} ${n(y)}C${n(side)} ${n(y - r * 0.55)} ${n(x + s * r * 0.62)} ${n(y - r)} ${n(x)} ${n(y - r)}`;
  };
  return `M${n(x)} ${n(y - r)}${seam(a, true)}L${n(x + b * r * 0.2)} ${n(mouth)}${seam(b, false)}Z`;
}
