import { across, blur, type Canvas, group, linear, path, polygon, under } from "../canvas.ts";
import { mix } from "../colour.ts";
import { dawn, dusk, golden, type Mood, mist, night } from "../moods.ts";
import { birds, fir, sky, stars, sun, veil } from "../nature.ts";
import { noise } from "../random.ts";
import type { Scene } from "../scene.ts";

/** Firs, row behind row, each paler than the last. */
export const forest: Scene = {
  name: "forest",
  shapes: ["tall", "wide", "square", "tall"],
  moods: [mist, dawn, golden, night, dusk],
  places: ["Black Forest", "Karelia", "The way down", "Nine kilometres in", "Firs"],
  subject: "A fir forest fading into the distance",
  paint(c, mood) {
    const { rng, width: w, height: h } = c;
    const x = w * rng.between(0.3, 0.7);
    sky(c, mood, h);
    if (mood === night) stars(c, h * 0.5, 120);
    sun(c, mood, [x, h * rng.between(0.2, 0.32)], Math.min(w, h) * rng.between(0.05, 0.075));
    birds(c, [x + w * 0.15, h * 0.24], rng.int(2, 5), mix(mood.near, mood.haze, 0.3));
    const rows = 6;
    for (let i = 0; i < rows; i += 1) {
      const t = i / (rows - 1);
      stand(c, mood, t);
      if (i < rows - 1)
        veil(
          c,
          mix(mood.haze, mood.light, 0.3),
          h * (0.34 + 0.42 * t),
          h * (0.62 + 0.44 * t),
          0.62 - 0.3 * t,
        );
      if (i === 2 && mood !== night) rays(c, mood, x);
    }
  },
};

function stand(c: Canvas, mood: Mood, t: number): void {
  const { rng, width: w, height: h } = c;
  const base = h * (0.5 + 0.5 * t);
  const land = noise(rng, 3, 0.5);
  const start = rng.between(0, 20);
  const y = (at: number): number =>
    base + h * 0.1 * land(start + at * 2.2) + (t > 0.9 ? h * 0.12 * Math.abs(at - 0.5) * -1 : 0);
  const colour = mix(mood.haze, mix(mood.near, mood.leaf, 0.16), 0.1 + 0.9 * t ** 1.2);
  const step = w * (0.022 + 0.055 * t);
  for (let x = -step; x < w + step; x += step * rng.between(0.45, 1.35)) {
    if (t > 0.95 && Math.abs(x / w - 0.5) < 0.2 && rng.chance(0.75)) continue;
    fir(
      c,
      [x, y(x / w) + h * 0.02],
      h * (0.085 + 0.22 * t) * rng.between(0.6, 1.15),
      mix(colour, mood.haze, rng.between(0, 0.1)),
    );
  }
  c.add(
    path(
      under(c, across(c, 20, y)),
      linear(c, [
        [0, colour],
        [1, mix(colour, mood.haze, 0.25 * (1 - t))],
      ]),
    ),
  );
}

function rays(c: Canvas, mood: Mood, x: number): void {
  const { rng, height: h, width: w } = c;
  const soft = blur(c, w / 60);
  const beam = linear(c, [
    [0, mood.light, 0.34],
    [1, mood.light, 0],
  ]);
  const beams = Array.from({ length: 6 }, () => {
    const from = x + rng.between(-0.12, 0.12) * w;
    const to = from + rng.between(-0.4, 0.4) * w;
    const half = w * rng.between(0.02, 0.06);
    return path(
      polygon([
        [from - half * 0.2, h * 0.25],
        [from + half * 0.2, h * 0.25],
        [to + half, h * 0.86],
        [to - half, h * 0.86],
      ]),
      beam,
    );
  });
  c.add(group(beams.join(""), `filter="${soft}"`));
}
