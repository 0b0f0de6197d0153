import {
  blur,
  type Canvas,
  circle,
  ellipse,
  group,
  linear,
  n,
  type Point,
  path,
  radial,
  rect,
} from "../canvas.ts";
import { mix, shade } from "../colour.ts";
import { day, golden, type Mood, rose } from "../moods.ts";
import type { Random, Some } from "../random.ts";
import type { Scene } from "../scene.ts";

interface Fruit {
  readonly rind: string;
  readonly flesh: string;
  readonly long: boolean;
}
const fruits: Some<Fruit> = [
  { rind: "#f5c832", flesh: "#fbe27a", long: true },
  { rind: "#f08a2c", flesh: "#f9ab4a", long: false },
  { rind: "#e8694f", flesh: "#ee7b6e", long: false },
  { rind: "#8fb544", flesh: "#cfe08a", long: true },
];
const cloths: Some<string> = [
  "#9cc4c9",
  "#f2c9b8",
  "#e9dcc4",
  "#b9c9a6",
  "#c6b9d9",
  "#2f6b74",
  "#f4e3a8",
];

/** Citrus on a coloured table, cut and whole, in hard sunlight. */
export const citrus: Scene = {
  name: "citrus",
  shapes: ["square", "tall", "square", "wide"],
  moods: [day, golden, rose],
  places: ["Lemons", "Breakfast", "From the tree outside", "Still life", "Sunday"],
  subject: "Citrus fruit, whole and cut, on a coloured table",
  paint(c, mood) {
    const { rng, width: w, height: h } = c;
    const cloth = rng.pick(cloths);
    c.add(
      rect(
        0,
        0,
        w,
        h,
        linear(
          c,
          [
            [0, mix(shade(cloth, 0.04), mood.light, 0.12)],
            [1, shade(cloth, -0.06)],
          ],
          [0.8, 1],
        ),
      ),
    );
    weave(c, cloth);
    const palette = rng.shuffle(fruits).slice(0, rng.int(2, 3));
    const r = Math.min(w, h) * rng.between(0.13, 0.15);
    for (const at of places(c, r)) {
      const fruit = palette[rng.int(0, palette.length - 1)] ?? fruits[0];
      const size = r * rng.between(0.78, 1.05);
      const kind = rng.int(0, 4);
      if (kind === 0) sprig(c, at, size, mood);
      else if (kind < 3) slice(c, at, size, fruit, mood);
      else whole(c, at, size, fruit, mood);
    }
    c.add(
      rect(
        0,
        0,
        w,
        h,
        linear(
          c,
          [
            [0, mood.light, 0.2],
            [0.5, mood.light, 0],
            [1, mood.near, 0.2],
          ],
          [1, 1],
        ),
      ),
    );
  },
};

/** Spots that keep their distance, tried until the table is full. */
function places(c: Canvas, r: number): Point[] {
  const found: Point[] = [];
  for (let i = 0; i < 500; i += 1) {
    const at: Point = [c.rng.between(-0.02, 1.02) * c.width, c.rng.between(-0.02, 1.02) * c.height];
    if (found.every(([x, y]) => Math.hypot(x - at[0], y - at[1]) > r * 2.12)) found.push(at);
  }
  return found;
}

function weave(c: Canvas, cloth: string): void {
  const { width: w, height: h } = c;
  const stripe = shade(cloth, 0.07);
  for (let x = w * 0.08; x < w; x += w * 0.28)
    c.add(
      rect(x, 0, w * 0.012, h, stripe, 'opacity="0.6"') +
        rect(x + w * 0.022, 0, w * 0.004, h, stripe, 'opacity="0.6"'),
    );
}

const shadow = (c: Canvas, [x, y]: Point, r: number, mood: Mood, tall: number): string =>
  ellipse(
    x + r * 0.3 * tall,
    y + r * 0.36 * tall,
    r * 1.02,
    r * 0.98,
    mix("#1a2438", mood.near, 0.5),
    `opacity="0.34" filter="${blur(c, r * 0.07)}"`,
  );

function slice(c: Canvas, at: Point, r: number, { rind, flesh }: Fruit, mood: Mood): void {
  const { rng } = c;
  const [x, y] = at;
  const parts = rng.int(8, 10);
  const turn = rng.between(0, 360);
  const pulp = radial(c, [
    [0, mix(flesh, "#ffffff", 0.38)],
    [0.5, flesh],
    [1, shade(flesh, -0.07)],
  ]);
  const segment = Array.from(
    { length: parts },
    (_, i) =>
      `<path d="${wedge(r * 0.82, Math.PI / parts)}" fill="${pulp}" transform="rotate(${n(turn + (i * 360) / parts)})"/>`,
  );
  const juice = Array.from({ length: 46 }, () => {
    const a = rng.between(0, 360);
    const d = rng.between(0.26, 0.72) * r;
    return `<path d="M0 ${n(-d)}q${n(r * 0.016)} ${n(-r * 0.05)} 0 ${n(-r * 0.1)}q${n(-r * 0.016)} ${n(r * 0.05)} 0 ${n(r * 0.1)}" fill="#ffffff" opacity="0.5" transform="rotate(${n(a)})"/>`;
  });
  c.add(
    shadow(c, at, r, mood, 0.45) +
      group(
        circle(0, 0, r, rind) +
          circle(0, 0, r * 0.93, "#fff6dd") +
          segment.join("") +
          juice.join("") +
          circle(0, 0, r * 0.07, "#fff6dd"),
        `transform="translate(${n(x)} ${n(y)})"`,
      ) +
      circle(
        x,
        y,
        r,
        linear(
          c,
          [
            [0, "#ffffff", 0.22],
            [0.45, "#ffffff", 0],
            [1, shade(rind, -0.3), 0.3],
          ],
          [1, 1],
        ),
      ),
  );
}

function wedge(r: number, half: number): string {
  const [sx, sy] = [Math.sin(half * 0.86) * r, -Math.cos(half * 0.86) * r];
  return `M0 ${n(-r * 0.1)}L${n(-sx * 0.96)} ${n(sy * 0.93)}Q${n(-sx * 0.8)} ${n(-r * 1.01)} 0 ${n(-r * 1.03)}Q${n(sx * 0.8)} ${n(-r * 1.01)} ${n(sx * 0.96)} ${n(sy * 0.93)}Z`;
}

function whole(c: Canvas, at: Point, r: number, { rind, long }: Fruit, mood: Mood): void {
  const { rng } = c;
  const [x, y] = at;
  const skin = radial(
    c,
    [
      [0, mix(rind, "#ffffff", 0.5)],
      [0.35, mix(rind, mood.light, 0.14)],
      [0.75, shade(rind, -0.04)],
      [1, shade(rind, -0.17)],
    ],
    [0.36, 0.32],
  );
  const body = long
    ? path(
        `M${n(-r * 1.22)} 0C${n(-r * 1.12)} ${n(-r * 0.14)} ${n(-r * 1.0)} ${n(-r * 0.24)} ${n(-r * 0.86)} ${n(-r * 0.46)}C${n(-r * 0.4)} ${n(-r * 1.02)} ${n(r * 0.46)} ${n(-r * 1.02)} ${n(r * 0.86)} ${n(-r * 0.44)}C${n(r * 1.02)} ${n(-r * 0.2)} ${n(r * 1.1)} ${n(-r * 0.13)} ${n(r * 1.26)} 0C${n(r * 1.1)} ${n(r * 0.13)} ${n(r * 1.02)} ${n(r * 0.2)} ${n(r * 0.86)} ${n(r * 0.44)}C${n(r * 0.46)} ${n(r * 1.02)} ${n(-r * 0.4)} ${n(r * 1.02)} ${n(-r * 0.86)} ${n(r * 0.46)}C${n(-r)} ${n(r * 0.24)} ${n(-r * 1.12)} ${n(r * 0.14)} ${n(-r * 1.22)} 0Z`,
        skin,
      )
    : circle(0, 0, r, skin);
  const pores = Array.from({ length: 70 }, () => {
    const [a, d] = [rng.between(0, Math.PI * 2), rng.next() ** 0.5 * r * 0.82];
    return circle(
      Math.cos(a) * d,
      Math.sin(a) * d,
      rng.between(0.9, 2.1),
      shade(rind, -0.1),
      'opacity="0.42"',
    );
  });
  const stalk = long
    ? ""
    : circle(r * 0.2, -r * 0.12, r * 0.075, "#6b7a35") +
      circle(r * 0.2, -r * 0.12, r * 0.03, "#4d5824");
  c.add(
    shadow(c, at, r, mood, 1) +
      group(
        body + pores.join("") + stalk,
        `transform="translate(${n(x)} ${n(y)}) rotate(${n(long ? rng.between(-70, 70) : rng.between(-15, 15))})"`,
      ),
  );
}

function sprig(c: Canvas, at: Point, r: number, mood: Mood): void {
  const { rng } = c;
  const leaves = (fill: string): string =>
    [-64, -20, 28, 70].map((turn, i) => leaf(rng, r * (i % 2 ? 1.35 : 1.05), turn, fill)).join("");
  const green = mix("#4d7c3f", mood.near, 0.1);
  const place = `translate(${n(at[0])} ${n(at[1] + r * 0.4)}) rotate(${n(rng.between(0, 360))} 0 ${n(-r * 0.4)})`;
  c.add(
    group(
      group(leaves("#1a2438"), `transform="translate(9 11) ${place}"`),
      `opacity="0.28" filter="${blur(c, 5)}"`,
    ),
  );
  const fill = linear(
    c,
    [
      [0, shade(green, 0.14)],
      [0.5, green],
      [0.5, shade(green, -0.07)],
      [1, shade(green, -0.02)],
    ],
    [1, 0],
  );
  c.add(group(leaves(fill), `transform="${place}"`));
}

function leaf(rng: Random, length: number, turn: number, fill: string): string {
  const b = length * rng.between(0.24, 0.3);
  return path(
    `M0 0C${n(-b)} ${n(-length * 0.3)} ${n(-b * 0.85)} ${n(-length * 0.75)} 0 ${n(-length)}C${n(b * 0.85)} ${n(-length * 0.75)} ${n(b)} ${n(-length * 0.3)} 0 0Z`,
    fill,
    `transform="rotate(${n(turn)})"`,
  );
}
