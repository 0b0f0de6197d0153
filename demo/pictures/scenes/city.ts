import {
  blur,
  type Canvas,
  circle,
  group,
  linear,
  type Point,
  path,
  polygon,
  rect,
} from "../canvas.ts";
import { mix, shade } from "../colour.ts";
import { dusk, type Mood, night, rose, sunset } from "../moods.ts";
import { clouds, sky, stars, sun, veil, water } from "../nature.ts";
import type { Random } from "../random.ts";
import type { Scene } from "../scene.ts";

/** A city across the river when the windows light up. */
export const city: Scene = {
  name: "city",
  shapes: ["wide", "wide", "tall", "square"],
  moods: [dusk, sunset, night, rose],
  places: ["From the other bank", "The city", "Lisbon", "Ferry home", "Rooftops"],
  subject: "A city skyline with lit windows, seen across the water",
  paint(c, mood) {
    const { rng, width: w, height: h } = c;
    const quay = h * rng.between(0.68, 0.74);
    sky(c, mood, quay);
    if (mood === night) stars(c, quay * 0.6, 90);
    sun(
      c,
      mood,
      [w * rng.between(0.2, 0.8), h * rng.between(0.16, 0.4)],
      Math.min(w, h) * rng.between(0.04, 0.07),
    );
    clouds(c, mood, h * 0.08, quay * 0.7, 7);
    const rows = [
      row(c, mood, quay, { depth: 0.25, tall: 0.36, broad: 0.05, lit: 0 }),
      row(c, mood, quay, { depth: 0.52, tall: 0.29, broad: 0.06, lit: 0.28 }),
      row(c, mood, quay, { depth: 0.86, tall: 0.17, broad: 0.075, lit: 0.46 }),
    ];
    rows.forEach((buildings, i) => {
      c.add(buildings);
      if (i < 2) veil(c, mood.haze, quay - h * 0.22, quay + 4, 0.5);
    });
    water(c, mood, quay);
    const soft = blur(c, w / 300);
    c.add(
      group(
        group(
          rows.slice(1).join(""),
          `transform="matrix(1 0 0 -0.9 0 ${Math.round(quay * 1.9)})" opacity="0.5"`,
        ),
        `filter="${soft}"`,
      ),
    );
    c.add(
      rect(
        0,
        quay,
        w,
        h - quay,
        linear(c, [
          [0, mood.water[0], 0.18],
          [1, mood.water[1], 0.85],
        ]),
      ),
    );
    lights(c, mood, quay);
  },
};

interface Row {
  depth: number;
  tall: number;
  broad: number;
  lit: number;
}

function row(c: Canvas, mood: Mood, quay: number, { depth, tall, broad, lit }: Row): string {
  const { rng, width: w, height: h } = c;
  const wall = mix(mood.haze, mood.near, depth);
  let out = "";
  for (let x = -w * 0.02; x < w; ) {
    const bw = w * broad * rng.between(0.6, 1.35);
    const bell = 0.55 + 0.45 * Math.sin(Math.PI * Math.min(1, Math.max(0, x / w)));
    const bh = h * tall * rng.between(0.4, 1) * bell;
    const tone = shade(wall, rng.between(-0.025, 0.035));
    out += rect(
      x,
      quay - bh,
      bw,
      bh + 2,
      linear(c, [
        [0, mix(tone, mood.glow, 0.12)],
        [1, mix(tone, mood.haze, 0.2)],
      ]),
    );
    out +=
      roof(rng, x, quay - bh, bw, tone) +
      windows(rng, mood, { x, y: quay - bh, w: bw, h: bh }, lit);
    x += bw + rng.between(-0.004, 0.006) * w;
  }
  return out;
}

function roof(rng: Random, x: number, y: number, w: number, fill: string): string {
  const kind = rng.int(0, 6);
  if (kind === 0)
    return path(
      polygon([
        [x, y + 1],
        [x + w / 2, y - w * 0.5],
        [x + w, y + 1],
      ]),
      fill,
    );
  if (kind === 1)
    return (
      rect(x + w * 0.47, y - w * 0.7, w * 0.05, w * 0.7, fill) +
      circle(x + w * 0.495, y - w * 0.7, 2.4, "#ff8a70")
    );
  if (kind === 2)
    return (
      rect(x + w * 0.16, y - w * 0.2, w * 0.68, w * 0.22, fill) +
      rect(x + w * 0.32, y - w * 0.36, w * 0.36, w * 0.18, fill)
    );
  if (kind === 3)
    return (
      `<path d="M${Math.round(x + w * 0.1)} ${Math.round(y + 1)}a${Math.round(w * 0.4)} ${Math.round(w * 0.42)} 0 0 1 ${Math.round(w * 0.8)} 0z" fill="${fill}"/>` +
      rect(x + w * 0.485, y - w * 0.66, w * 0.03, w * 0.3, fill)
    );
  if (kind === 4)
    return path(
      polygon([
        [x, y + 1],
        [x, y - w * 0.3],
        [x + w, y + 1],
      ]),
      fill,
    );
  return "";
}

interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

function windows(rng: Random, mood: Mood, box: Box, lit: number): string {
  if (lit === 0) return "";
  const columns = Math.max(2, Math.round(box.w / 14));
  const pitch = box.w / (columns + 0.6);
  const rows = Math.floor((box.h - 10) / 17);
  const warm = ["#ffd98a", "#ffc76b", "#fff0c4", mix("#ffd98a", mood.glow, 0.5)] as const;
  let out = "";
  for (let r = 0; r < rows; r += 1)
    for (let i = 0; i < columns; i += 1) {
      if (!rng.chance(lit)) continue;
      const at: Point = [box.x + pitch * (i + 0.55), box.y + 9 + r * 17];
      out += rect(
        at[0],
        at[1],
        pitch * 0.5,
        8,
        rng.pick(warm),
        `opacity="${rng.pick([0.5, 0.75, 0.95])}"`,
      );
    }
  return out;
}

/** Lamps along the quay and their long reflections. */
function lights(c: Canvas, mood: Mood, quay: number): void {
  const { rng, width: w, height: h } = c;
  c.add(rect(0, quay - 3, w, 6, mix(mood.near, mood.haze, 0.15)));
  const streak = linear(c, [
    [0, "#ffdf9c", 0.75],
    [1, "#ffb55a", 0],
  ]);
  for (let x = w * 0.02; x < w; x += w * rng.between(0.025, 0.07)) {
    c.add(
      circle(x, quay - 8, 2.6, "#fff0c8") + circle(x, quay - 8, 12, "#ffcf7d", 'opacity="0.25"'),
    );
    for (let i = 0; i < 9; i += 1) {
      const t = i / 9;
      c.add(
        rect(
          x - w * 0.003 + rng.between(-1, 1) * (1 + t * 5),
          quay + 5 + t * h * 0.14,
          w * 0.006,
          h * 0.012,
          streak,
          `rx="2" opacity="${Math.round((1 - t) * 90) / 100}"`,
        ),
      );
    }
  }
  for (let i = 0; i < 70; i += 1) {
    const t = rng.next();
    c.add(
      rect(
        rng.between(0, w),
        quay + 6 + t * (h - quay),
        w * rng.between(0.01, 0.05) * (0.4 + t),
        1.4 + t,
        mix(mood.water[0], mood.light, 0.3),
        'rx="1" opacity="0.16"',
      ),
    );
  }
}
