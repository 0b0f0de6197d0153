import {
  blur,
  type Canvas,
  circle,
  group,
  linear,
  n,
  type Point,
  path,
  radial,
} from "../canvas.ts";
import { mix, saturate, shade } from "../colour.ts";
import { dawn, day, golden, type Mood, mist, rose } from "../moods.ts";
import type { Random, Some } from "../random.ts";
import type { Scene } from "../scene.ts";

const bouquets: Some<Some<string>> = [
  ["#e4523b", "#f0785a", "#d93a3f"],
  ["#f3a6c0", "#e87aa4", "#fbd3df"],
  ["#f6c445", "#f2a03c", "#fde08a"],
  ["#7a86d8", "#a79be6", "#5c6cc4"],
  ["#fff4ec", "#fbdcd3", "#f7c9d2"],
];

/** Flowers from as near as the lens allows, the rest of the meadow out of focus. */
export const meadow: Scene = {
  name: "meadow",
  shapes: ["tall", "square", "wide", "tall"],
  moods: [golden, day, dawn, rose, mist],
  places: ["Poppies", "Cosmos", "By the railway", "The field next door", "Wild ones"],
  subject: "Flowers in a meadow, close up",
  paint(c, mood) {
    const { rng, width: w, height: h } = c;
    const bouquet = rng.pick(bouquets);
    c.add(
      `<rect width="${w}" height="${h}" fill="${linear(c, [
        [0, mix(mood.sky[2], mood.sky[3], 0.4)],
        [0.4, mix(mood.sky[3], mood.leaf, 0.35)],
        [1, mix(mood.leaf, mood.near, 0.45)],
      ])}"/>`,
    );
    c.add(
      circle(
        w * rng.between(0.2, 0.8),
        h * rng.between(0.08, 0.25),
        w * 0.75,
        radial(c, [
          [0, mood.light, 0.85],
          [1, mood.glow, 0],
        ]),
      ),
    );
    bokeh(c, mood, bouquet);
    const far = blur(c, 13);
    const middle = blur(c, 4.5);
    c.add(
      group(
        patch(c, mood, bouquet, { count: 15, size: 0.045, low: 0.34, high: 0.8 }),
        `filter="${far}" opacity="0.75"`,
      ),
    );
    c.add(
      group(
        patch(c, mood, bouquet, { count: 8, size: 0.078, low: 0.3, high: 0.7 }),
        `filter="${middle}" opacity="0.92"`,
      ),
    );
    c.add(patch(c, mood, bouquet, { count: rng.int(4, 5), size: 0.125, low: 0.2, high: 0.56 }));
    c.add(group(grass(c, mood), `filter="${middle}"`));
  },
};

function bokeh(c: Canvas, mood: Mood, bouquet: readonly [string, ...string[]]): void {
  const { rng, width: w, height: h } = c;
  for (let i = 0; i < 46; i += 1) {
    const colour = rng.chance(0.55) ? mood.light : rng.pick(bouquet);
    c.add(
      circle(
        rng.between(0, w),
        h * rng.between(0.12, 0.85),
        Math.min(w, h) * rng.between(0.008, 0.045),
        colour,
        `opacity="${n(rng.between(0.1, 0.3))}"`,
      ),
    );
  }
}

interface Patch {
  count: number;
  size: number;
  low: number;
  high: number;
}

function patch(
  c: Canvas,
  mood: Mood,
  bouquet: readonly [string, ...string[]],
  { count, size, low, high }: Patch,
): string {
  const { rng, width: w, height: h } = c;
  const order = rng.shuffle(Array.from({ length: count }, (_, i) => i));
  return order
    .map((slot) => {
      const x = w * ((slot + 0.5 + rng.between(-0.35, 0.35)) / count);
      const y = h * rng.between(low, high);
      const r = Math.min(w, h) * size * rng.between(0.75, 1.2);
      return stem(c, mood, [x, y], r) + flower(c, mood, [x, y], r, rng.pick(bouquet));
    })
    .join("");
}

function stem(c: Canvas, mood: Mood, [x, y]: Point, r: number): string {
  const { rng, height: h } = c;
  const green = mix(mood.leaf, mood.near, rng.between(0, 0.4));
  const lean = rng.between(-0.9, 0.9) * r;
  const leafY = y + (h - y) * rng.between(0.35, 0.6);
  const side = rng.chance(0.5) ? 1 : -1;
  return (
    `<path d="M${n(x)} ${n(y)}Q${n(x + lean)} ${n((y + h) / 2)} ${n(x + lean * 0.4)} ${n(h + 20)}" fill="none" stroke="${green}" stroke-width="${n(r * 0.075)}"/>` +
    path(
      `M${n(x + lean * 0.5)} ${n(leafY + r)}Q${n(x + side * r * 0.5)} ${n(leafY)} ${n(x + side * r * 1.2)} ${n(leafY - r * 0.9)}Q${n(x + side * r * 0.9)} ${n(leafY + r * 0.2)} ${n(x + lean * 0.5)} ${n(leafY + r)}Z`,
      green,
    )
  );
}

/** A flower as it happens to face us: tilted, its petals in two rounds, its heart full of small dots. */
function flower(c: Canvas, mood: Mood, [x, y]: Point, r: number, colour: string): string {
  const { rng } = c;
  const petals = rng.pick([5, 6, 8, 8] as const);
  const lit = mix(colour, mood.light, 0.35);
  const fill = radial(
    c,
    [
      [0, shade(saturate(colour, 1.15), -0.14)],
      [0.45, colour],
      [1, lit],
    ],
    [0.5, 1],
  );
  const round = (turn: number, scale: number, opacity: number): string =>
    Array.from({ length: petals }, (_, i) => {
      const angle = turn + (i * 360) / petals + rng.between(-6, 6);
      return `<path d="${petal(rng, r * scale * rng.between(0.92, 1.06), 3.1 / petals)}" transform="rotate(${n(angle)})" fill="${fill}" opacity="${opacity}"/>`;
    }).join("");
  const turn = rng.between(0, 90);
  const heart = mix("#f4c542", colour, 0.12);
  const dots = Array.from({ length: 16 }, () => {
    const a = rng.between(0, Math.PI * 2);
    const d = rng.next() ** 0.5 * r * 0.19;
    return circle(
      Math.cos(a) * d,
      Math.sin(a) * d,
      r * 0.028,
      rng.chance(0.5) ? shade(heart, -0.2) : shade(heart, 0.1),
    );
  }).join("");
  const place = `transform="translate(${n(x)} ${n(y)}) rotate(${n(rng.between(-25, 25))}) scale(1 ${n(rng.between(0.68, 0.95) * 10) === "10" ? 0.9 : Math.round(rng.between(0.68, 0.95) * 100) / 100})"`;
  return group(
    round(turn, 1, 0.96) +
      round(turn + 180 / petals, 0.74, 0.9) +
      circle(0, 0, r * 0.21, shade(heart, -0.1)) +
      dots,
    place,
  );
}

function petal(rng: Random, length: number, breadth: number): string {
  const b = length * breadth * rng.between(0.85, 1.1);
  return `M0 0C${n(-b)} ${n(-length * 0.3)} ${n(-b * 1.1)} ${n(-length * 0.95)} ${n(-b * 0.12)} ${n(-length)}Q0 ${n(-length * 0.94)} ${n(b * 0.12)} ${n(-length)}C${n(b * 1.1)} ${n(-length * 0.95)} ${n(b)} ${n(-length * 0.3)} 0 0Z`;
}

function grass(c: Canvas, mood: Mood): string {
  const { rng, width: w, height: h } = c;
  return Array.from({ length: 60 }, () => {
    const x = rng.between(-0.02, 1.02) * w;
    const top = h * rng.between(0.72, 0.92);
    const lean = rng.between(-0.06, 0.06) * w;
    const half = w * rng.between(0.002, 0.006);
    return path(
      `M${n(x - half)} ${h + 5}Q${n(x + lean * 0.2)} ${n((top + h) / 2)} ${n(x + lean)} ${n(top)}Q${n(x + lean * 0.3)} ${n((top + h) / 2)} ${n(x + half)} ${h + 5}Z`,
      mix(mood.leaf, mood.near, rng.between(0.1, 0.7)),
    );
  }).join("");
}
