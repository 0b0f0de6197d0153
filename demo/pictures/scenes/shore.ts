import {
  blur,
  type Canvas,
  circle,
  ellipse,
  group,
  line,
  linear,
  n,
  type Point,
  path,
  polygon,
  rect,
} from "../canvas.ts";
import { mix, shade } from "../colour.ts";
import { day, golden, type Mood, rose } from "../moods.ts";
import { noise, type Random, type Some } from "../random.ts";
import type { Scene } from "../scene.ts";

const cloth: Some<readonly [string, string]> = [
  ["#e4573d", "#fff6e8"],
  ["#f0b13a", "#fff6e8"],
  ["#2f7f8c", "#f2efe2"],
  ["#ef8fa6", "#fff3ee"],
  ["#3c5aa6", "#f4f1ea"],
];

/** A beach from straight above: sand, three edges of foam, parasols with their shadows. */
export const shore: Scene = {
  name: "shore",
  shapes: ["square", "tall", "wide", "square"],
  moods: [day, golden, rose],
  places: ["From the cliff", "Praia do Norte", "Kite view", "Low tide", "Two towels"],
  subject: "A beach seen from above, with parasols",
  paint(c, mood) {
    const { rng, width: w, height: h } = c;
    const sand = mix(mood.sand, "#f6e7c6", 0.5);
    c.add(
      rect(
        0,
        0,
        w,
        h,
        linear(
          c,
          [
            [0, shade(sand, 0.02)],
            [1, mix(sand, mood.glow, 0.25)],
          ],
          [1, 0.4],
        ),
      ),
    );
    dapple(c, sand);
    const shape = noise(rng, 4, 0.45);
    const start = rng.between(0, 40);
    const edge = (out: number): Point[] =>
      Array.from({ length: 42 }, (_, i) => {
        const t = (i - 1) / 39;
        return [
          t * w,
          h * (0.47 + out) + h * 0.1 * shape(start + t * 2.3 + out * 1.6) - h * 0.12 * (t - 0.5),
        ];
      });
    sea(c, mood, sand, edge);
    for (let i = 0; i < 7; i += 1)
      parasol(
        c,
        [w * (0.06 + 0.14 * i + rng.between(-0.02, 0.05)), h * rng.between(0.08, 0.36)],
        Math.min(w, h) * rng.between(0.038, 0.06),
      );
  },
};

function dapple(c: Canvas, sand: string): void {
  const { rng, width: w, height: h } = c;
  for (let i = 0; i < 150; i += 1)
    c.add(
      ellipse(
        rng.between(0, w),
        rng.between(0, h * 0.55),
        rng.between(3, 16),
        rng.between(2, 5),
        shade(sand, rng.chance(0.5) ? -0.05 : 0.04),
        'opacity="0.4"',
      ),
    );
  for (let i = 0; i < 46; i += 1) {
    const x = w * (0.1 + 0.017 * i);
    const y = h * (0.43 - 0.04 * Math.sin(i / 7) - 0.0022 * i);
    c.add(ellipse(x, y + (i % 2 ? 5 : -5), 4.4, 2.6, shade(sand, -0.12), 'opacity="0.55"'));
  }
}

/** Wet sand, then the shallows deepening, with foam along three lines. */
function sea(c: Canvas, mood: Mood, sand: string, edge: (out: number) => Point[]): void {
  const { height: h, width: w } = c;
  const body = (out: number): string => `${line(edge(out))}V${n(h + 5)}H${n(-w * 0.03)}Z`;
  const shallow = mix("#8fe0d2", mood.water[0], 0.35);
  const deep = mix("#0f7f97", mood.water[1], 0.45);
  c.add(path(body(-0.045), shade(sand, -0.09), `filter="${blur(c, 5)}"`));
  c.add(path(body(-0.012), mix(sand, shallow, 0.38)));
  const steps = 7;
  for (let i = 0; i < steps; i += 1) {
    const t = i / (steps - 1);
    c.add(
      path(
        body(0.012 + 0.42 * t),
        mix(shallow, deep, t ** 0.8),
        `opacity="0.72" filter="${blur(c, 2 + t * 20)}"`,
      ),
    );
  }
  for (const [out, weight, strength] of [
    [-0.012, 7, 0.95],
    [0.05, 12, 0.75],
    [0.13, 8, 0.5],
    [0.27, 4, 0.3],
  ] as const)
    surf(c, edge(out), weight, strength);
  sparkle(c, edge(0.2), mood);
}

function surf(c: Canvas, edge: readonly Point[], weight: number, strength: number): void {
  const { rng } = c;
  const rough = noise(rng, 3, 0.6);
  const upper = edge.map(([x, y], i): Point => [x, y - weight * (0.7 + rough(i * 0.7))]);
  const lower = [...edge]
    .reverse()
    .map(([x, y], i): Point => [x, y + weight * (1 + 1.7 * rough(i * 1.3 + 20))]);
  c.add(path(`${line(upper)}L${line(lower).slice(1)}Z`, "#fffdf6", `opacity="${strength}"`));
  const drops = edge.flatMap(([x, y]) =>
    Array.from({ length: 5 }, () =>
      circle(
        x + rng.between(-18, 18),
        y + rng.between(0.5, 4) * weight,
        rng.between(1, 3.4),
        "#fffdf6",
        `opacity="${n(strength * 0.7)}"`,
      ),
    ),
  );
  c.add(drops.join(""));
}

function sparkle(c: Canvas, edge: readonly Point[], mood: Mood): void {
  const { rng, height: h } = c;
  for (let i = 0; i < 120; i += 1) {
    const at = edge[rng.int(0, edge.length - 1)];
    if (!at) continue;
    const w = rng.between(5, 26);
    const y = at[1] + rng.next() * h * 0.4;
    c.add(
      path(
        `M${n(at[0] - w)} ${n(y)}q${n(w)} ${n(-w * 0.3)} ${n(2 * w)} 0q${n(-w)} ${n(-w * 0.12)} ${n(-2 * w)} 0Z`,
        mood.light,
        'opacity="0.38"',
      ),
    );
  }
}

function parasol(c: Canvas, [x, y]: Point, r: number): void {
  const { rng } = c;
  const [a, b] = rng.pick(cloth);
  towels(c, rng, [x, y], r);
  c.add(ellipse(x + r * 0.42, y + r * 0.5, r, r * 0.94, "#5a4630", 'opacity="0.28"'));
  const parts = 8;
  const turn = rng.between(0, 1);
  for (let i = 0; i < parts; i += 1) {
    const [from, to] = [i + turn, i + 1 + turn].map(
      (k): Point => [
        x + Math.cos((k / parts) * 2 * Math.PI) * r,
        y + Math.sin((k / parts) * 2 * Math.PI) * r,
      ],
    );
    if (from && to)
      c.add(
        path(
          `M${n(x)} ${n(y)}L${n(from[0])} ${n(from[1])}Q${n((from[0] + to[0]) / 2 + ((from[0] + to[0]) / 2 - x) * 0.06)} ${n((from[1] + to[1]) / 2 + ((from[1] + to[1]) / 2 - y) * 0.06)} ${n(to[0])} ${n(to[1])}Z`,
          i % 2 ? a : b,
        ),
      );
  }
  c.add(
    circle(
      x,
      y,
      r,
      linear(
        c,
        [
          [0, "#ffffff", 0.32],
          [0.5, "#ffffff", 0],
          [1, "#3a2a20", 0.26],
        ],
        [1, 1],
      ),
    ) + circle(x, y, r * 0.07, shade(a, -0.15)),
  );
}

function towels(c: Canvas, rng: Random, [x, y]: Point, r: number): void {
  for (const side of [-1, 1]) {
    if (rng.chance(0.3)) continue;
    const [w, h] = [r * 0.62, r * 1.3];
    const colour = rng.pick(cloth)[0];
    const stripes = [0.12, 0.3, 0.7, 0.88]
      .map((t) => rect(-w / 2, -h / 2 + h * t, w, h * 0.045, "#fff8ea", 'opacity="0.8"'))
      .join("");
    c.add(
      group(
        path(
          polygon([
            [-w / 2 + 4, -h / 2 + 5],
            [w / 2 + 4, -h / 2 + 5],
            [w / 2 + 4, h / 2 + 5],
            [-w / 2 + 4, h / 2 + 5],
          ]),
          "#5a4630",
          'opacity="0.2"',
        ) +
          rect(-w / 2, -h / 2, w, h, colour, 'rx="3"') +
          stripes,
        `transform="translate(${n(x + side * r * 1.25)} ${n(y + r * rng.between(0.3, 0.7))}) rotate(${n(rng.between(-16, 16))})"`,
      ),
    );
  }
}
