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
  radial,
  rect,
} from "../canvas.ts";
import { mix, shade } from "../colour.ts";
import { day, dusk, golden, type Mood, rose } from "../moods.ts";
import { noise, type Random, type Some } from "../random.ts";
import type { Scene } from "../scene.ts";

/** Carp under lily pads, looked at from a small bridge. */
export const pond: Scene = {
  name: "pond",
  shapes: ["tall", "square", "wide", "square"],
  moods: [dusk, day, rose, golden],
  places: ["Ten carp", "The temple pond", "Below the bridge", "Koi", "Standing still"],
  subject: "Koi swimming among lily pads",
  paint(c, mood) {
    const { rng, width: w, height: h } = c;
    const deep = mix("#0f5a63", mood.water[1], 0.4);
    c.add(
      rect(
        0,
        0,
        w,
        h,
        linear(
          c,
          [
            [0, mix(deep, mood.sky[2], 0.42)],
            [0.5, deep],
            [1, shade(mix(deep, mood.near, 0.35), -0.02)],
          ],
          [0.6, 1],
        ),
      ),
    );
    floor(c, deep);
    const size = Math.min(w, h) * 0.19;
    for (const at of spots(c, size))
      koi(c, at, size * rng.between(0.72, 1.08), rng.between(0, 360));
    surface(c, mood);
    pads(c, mood);
  },
};

/** Fish keep a body's length between them. */
function spots(c: Canvas, size: number): Point[] {
  const found: Point[] = [];
  const wanted = c.rng.int(6, 8);
  for (let i = 0; i < 400 && found.length < wanted; i += 1) {
    const at: Point = [c.width * c.rng.between(0.12, 0.88), c.height * c.rng.between(0.1, 0.9)];
    if (found.every(([x, y]) => Math.hypot(x - at[0], y - at[1]) > size * 1.75)) found.push(at);
  }
  return found;
}

function floor(c: Canvas, deep: string): void {
  const { rng, width: w, height: h } = c;
  const stones = Array.from({ length: 70 }, () =>
    ellipse(
      rng.between(0, w),
      rng.between(0, h),
      rng.between(14, 60),
      rng.between(10, 38),
      shade(deep, rng.between(-0.06, 0.05)),
      'opacity="0.55"',
    ),
  );
  c.add(group(stones.join(""), `filter="${blur(c, 9)}"`));
}

const coats: Some<readonly [string, string, string]> = [
  ["#fff3e4", "#e8582c", "#fff3e4"],
  ["#f28a30", "#fff0dc", "#f7a94f"],
  ["#fdf6ea", "#e2452f", "#33363d"],
  ["#f6c14a", "#f9d98a", "#f6c14a"],
];

/** A fish along a bent spine: body, fins, spots, and the light on its back. */
function koi(c: Canvas, at: Point, size: number, turn: number): void {
  const { rng } = c;
  const [base, spot, fin] = rng.pick(coats);
  const bend = rng.between(-0.5, 0.5);
  const spine = (t: number): Point => [
    size * (t - 0.4) * 2,
    Math.sin(t * 3.4 + 0.4) * bend * size * 0.34 * t,
  ];
  const half = (t: number): number =>
    size * 0.25 * Math.sin(Math.PI * Math.min(1, t * 0.9 + 0.09)) ** 0.75 * (1 - 0.62 * t);
  const steps = Array.from({ length: 12 }, (_, i) => i / 11);
  const side = (s: number): Point[] => steps.map((t) => [spine(t)[0], spine(t)[1] + s * half(t)]);
  const outline = `${line(side(-1))}L${line([...side(1)].reverse()).slice(1)}Z`;
  const tail = spine(1);
  const veil = mix(fin, "#ffffff", 0.35);
  const [tx, ty] = tail;
  const tailFin = `M${n(tx - size * 0.08)} ${n(ty)}C${n(tx + size * 0.2)} ${n(ty - size * 0.1)} ${n(tx + size * 0.42)} ${n(ty - size * 0.36)} ${n(tx + size * 0.6)} ${n(ty - size * 0.3 + bend * size * 0.3)}Q${n(tx + size * 0.36)} ${n(ty + bend * size * 0.1)} ${n(tx + size * 0.56)} ${n(ty + size * 0.3 + bend * size * 0.3)}C${n(tx + size * 0.36)} ${n(ty + size * 0.3)} ${n(tx + size * 0.16)} ${n(ty + size * 0.1)} ${n(tx - size * 0.08)} ${n(ty)}Z`;
  const pectoral = (s: number): string => {
    const [px, py] = spine(0.27);
    return `M${n(px - size * 0.06)} ${n(py + s * half(0.27) * 0.8)}Q${n(px + size * 0.02)} ${n(py + s * size * 0.56)} ${n(px + size * 0.3)} ${n(py + s * size * 0.5)}Q${n(px + size * 0.26)} ${n(py + s * size * 0.25)} ${n(px + size * 0.12)} ${n(py + s * half(0.3) * 0.7)}Z`;
  };
  const fins =
    path(tailFin, veil, 'opacity="0.78"') +
    path(pectoral(1), veil, 'opacity="0.66"') +
    path(pectoral(-1), veil, 'opacity="0.66"');
  const clip = c.define((id) => `<clipPath id="${id}"><path d="${outline}"/></clipPath>`);
  const spots = Array.from({ length: 4 }, (_, i) =>
    blot(rng, spine(0.1 + i * 0.23), size * rng.between(0.11, 0.22), i === 2 ? fin : spot),
  );
  const skin = linear(c, [
    [0, shade(base, -0.17)],
    [0.4, base],
    [0.55, mix(base, "#ffffff", 0.4)],
    [1, shade(base, -0.19)],
  ]);
  const eyes = [-1, 1]
    .map((s) =>
      circle(spine(0.07)[0], spine(0.07)[1] + s * half(0.07) * 0.72, size * 0.022, "#23262b"),
    )
    .join("");
  const fish =
    fins +
    path(outline, skin) +
    group(spots.join(""), `clip-path="${clip}"`) +
    eyes +
    `<path d="${line(steps.slice(2, 10).map(spine))}" stroke="#ffffff" stroke-width="${n(size * 0.024)}" stroke-linecap="round" fill="none" opacity="0.4"/>`;
  const place = `translate(${n(at[0])} ${n(at[1])}) rotate(${n(turn)})`;
  c.add(
    group(
      group(
        path(outline, "#03262e") + path(tailFin, "#03262e"),
        `transform="translate(16 26) ${place}"`,
      ),
      `opacity="0.34" filter="${blur(c, 9)}"`,
    ),
  );
  c.add(group(fish, `transform="${place}" opacity="0.96"`));
}

function blot(rng: Random, [x, y]: Point, r: number, fill: string): string {
  const edge = Array.from({ length: 8 }, (_, i): Point => {
    const a = (i / 7) * Math.PI * 2;
    const d = r * rng.between(0.7, 1.15);
    return [x + Math.cos(a) * d * 1.2, y + Math.sin(a) * d];
  });
  return path(`${line(edge)}Z`, fill, 'opacity="0.92"');
}

/** What lies on the water: the sky, and the net that light draws. */
function surface(c: Canvas, mood: Mood): void {
  const { rng, width: w, height: h } = c;
  const sky = mix(mood.sky[3], mood.light, 0.3);
  const soft = blur(c, 2.2);
  const strokes = Array.from({ length: 26 }, () => {
    const wave = noise(rng, 2, 0.5);
    const [x, y, reach] = [
      rng.between(-0.1, 0.9) * w,
      rng.between(0, h),
      rng.between(0.12, 0.42) * w,
    ];
    const points = Array.from(
      { length: 9 },
      (_, i): Point => [x + (reach * i) / 8, y + 22 * wave(i * 0.5)],
    );
    return `<path d="${line(points)}" fill="none" stroke="${sky}" stroke-width="${n(rng.between(1.5, 5))}" stroke-linecap="round" opacity="${n(rng.between(0.1, 0.3))}"/>`;
  });
  c.add(group(strokes.join(""), `filter="${soft}"`));
  const [x, y] = [rng.between(0.3, 0.7) * w, rng.between(0.3, 0.7) * h];
  for (let i = 1; i < 5; i += 1)
    c.add(
      `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(i * w * 0.042)}" ry="${n(i * w * 0.038)}" fill="none" stroke="${sky}" stroke-width="${n(4 - i * 0.7)}" opacity="${n(0.42 - i * 0.08)}"/>`,
    );
}

function pads(c: Canvas, mood: Mood): void {
  const { rng, width: w, height: h } = c;
  const unit = Math.min(w, h);
  const corners: Point[] = [
    [0.04, 0.06],
    [0.95, 0.1],
    [0.08, 0.93],
    [0.93, 0.9],
  ];
  for (const [cx, cy] of rng.shuffle(corners).slice(0, 3))
    for (let i = 0; i < rng.int(3, 5); i += 1) {
      const at: Point = [
        w * cx + rng.between(-0.17, 0.17) * unit,
        h * cy + rng.between(-0.17, 0.17) * unit,
      ];
      const r = unit * rng.between(0.05, 0.105);
      pad(c, mood, at, r);
      if (i === 1) lily(c, mood, at, r * 0.62);
    }
}

function pad(c: Canvas, mood: Mood, [x, y]: Point, r: number): void {
  const { rng } = c;
  const green = mix(shade("#4f8f52", rng.between(-0.05, 0.05)), mood.leaf, 0.35);
  const fill = radial(
    c,
    [
      [0, shade(green, 0.08)],
      [0.7, green],
      [1, shade(green, -0.09)],
    ],
    [0.4, 0.4],
  );
  const notch = `M0 0L${n(Math.cos(0.16) * r)} ${n(Math.sin(0.16) * r)}A${n(r)} ${n(r)} 0 1 1 ${n(Math.cos(-0.16) * r)} ${n(Math.sin(-0.16) * r)}Z`;
  const veins = Array.from(
    { length: 9 },
    (_, i) =>
      `<path d="M0 0L${n(Math.cos(0.6 + i * 0.63) * r * 0.88)} ${n(Math.sin(0.6 + i * 0.63) * r * 0.88)}" stroke="${shade(green, 0.14)}" stroke-width="${n(r * 0.022)}" opacity="0.6"/>`,
  ).join("");
  c.add(
    group(
      path(
        notch,
        "#03262e",
        `opacity="0.4" transform="translate(${n(r * 0.1)} ${n(r * 0.16)})" filter="${blur(c, r * 0.06)}"`,
      ) +
        path(notch, fill) +
        veins,
      `transform="translate(${n(x)} ${n(y)}) rotate(${n(rng.between(0, 360))})"`,
    ),
  );
}

function lily(c: Canvas, mood: Mood, [x, y]: Point, r: number): void {
  const colour = c.rng.pick(["#f7c6d4", "#fff4ec", "#f3a9c1"] as const);
  const fill = linear(c, [
    [0, mix(colour, mood.light, 0.6)],
    [1, shade(colour, -0.1)],
  ]);
  const ring = (count: number, scale: number, turn: number): string =>
    Array.from(
      { length: count },
      (_, i) =>
        `<path d="M0 0C${n(-r * 0.3 * scale)} ${n(-r * 0.4 * scale)} ${n(-r * 0.2 * scale)} ${n(-r * 0.85 * scale)} 0 ${n(-r * scale)}C${n(r * 0.2 * scale)} ${n(-r * 0.85 * scale)} ${n(r * 0.3 * scale)} ${n(-r * 0.4 * scale)} 0 0Z" fill="${fill}" stroke="${shade(colour, -0.12)}" stroke-width="0.8" transform="rotate(${n(turn + (i * 360) / count)})"/>`,
    ).join("");
  c.add(
    group(
      ring(9, 1, 0) + ring(8, 0.74, 20) + ring(6, 0.48, 5) + circle(0, 0, r * 0.15, "#f4c542"),
      `transform="translate(${n(x)} ${n(y)})"`,
    ),
  );
}
