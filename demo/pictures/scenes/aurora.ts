import {
  across,
  blur,
  type Canvas,
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
import { dusk, type Mood, night } from "../moods.ts";
import { fir, ripples, stars, water } from "../nature.ts";
import { noise, type Some } from "../random.ts";
import type { Scene } from "../scene.ts";

const curtains: Some<readonly [string, string, string]> = [
  ["#5ef2b0", "#3fb7c9", "#7c5ce0"],
  ["#8df27a", "#4ad9a0", "#d05ec0"],
  ["#6ff0d0", "#5aa0f0", "#a06ef0"],
];

/** Northern lights over a frozen bay and a red cabin. */
export const aurora: Scene = {
  name: "aurora",
  shapes: ["wide", "tall", "wide", "square"],
  moods: [night, dusk],
  places: ["Lofoten", "North of everything", "Inari", "The cabin", "Minus twenty"],
  subject: "Northern lights over a bay with a lit cabin",
  paint(c, mood) {
    const { rng, width: w, height: h } = c;
    const shore = h * rng.between(0.7, 0.76);
    const colours = rng.pick(curtains);
    const [top, high, low] = night.sky;
    c.add(
      rect(
        0,
        0,
        w,
        shore + 2,
        linear(c, [
          [0, top],
          [0.5, mix(high, mood.sky[1], 0.4)],
          [1, mix(low, colours[1], 0.25)],
        ]),
      ),
    );
    stars(c, shore * 0.95, 220);
    const lights =
      curtain(c, colours, shore, 0.32) +
      curtain(c, [colours[1], colours[2], colours[2]], shore, 0.2);
    c.add(lights);
    const land = mountains(c, mood, shore);
    c.add(land);
    water(c, night, shore);
    c.add(
      group(
        group(lights + land, `transform="matrix(1 0 0 -0.8 0 ${Math.round(shore * 1.8)})"`),
        `opacity="0.5" clip-path="${c.define((id) => `<clipPath id="${id}"><rect x="0" y="${n(shore)}" width="${w}" height="${n(h - shore)}"/></clipPath>`)}"`,
      ),
    );
    ripples(c, night, shore, 90);
    foreground(c, shore);
  },
};

/** One curtain: tall soft strokes that hang from a wandering line. */
function curtain(
  c: Canvas,
  [low, middle, high]: readonly [string, string, string],
  shore: number,
  at: number,
): string {
  const { rng, width: w, height: h } = c;
  const wander = noise(rng, 3, 0.5);
  const pleats = noise(rng, 4, 0.7);
  const start = rng.between(0, 30);
  const ray = linear(c, [
    [0, high, 0],
    [0.45, high, 0.3],
    [0.75, middle, 0.62],
    [0.95, low, 0.95],
    [1, low, 0],
  ]);
  const count = 110;
  const strokes = Array.from({ length: count }, (_, i) => {
    const t = i / count;
    const x = w * (t * 1.2 - 0.1) + 40 * wander(start + 9 + t * 5);
    const foot = h * (at + 0.22) + shore * 0.16 * wander(start + t * 3.2);
    const strength = Math.max(0, 0.45 + 0.75 * pleats(start + t * 9));
    const tall = h * (0.26 + 0.2 * pleats(start + 20 + t * 7));
    return rect(
      x,
      foot - tall,
      w * 0.021,
      tall,
      ray,
      `opacity="${Math.round(strength * 62) / 100}"`,
    );
  });
  return group(strokes.join(""), `filter="${blur(c, w / 105)}"`);
}

function mountains(c: Canvas, mood: Mood, shore: number): string {
  const { rng, height: h } = c;
  return [0, 1]
    .map((i) => {
      const rough = noise(rng, 5, 0.55);
      const start = rng.between(0, 40);
      const edge = across(
        c,
        60,
        (t) => shore - h * (0.05 + (0.13 - i * 0.05) * Math.abs(rough(start + t * 4)) * 1.8),
      );
      const colour = mix("#2c4a6e", "#0a1428", 0.35 + i * 0.5);
      const ground = path(
        polygon([...edge, [c.width + 40, shore + 2], [-40, shore + 2]]),
        linear(c, [
          [0, mix(colour, mood.snow, 0.28)],
          [0.5, colour],
          [1, shade(colour, -0.03)],
        ]),
      );
      return ground;
    })
    .join("");
}

function foreground(c: Canvas, shore: number): void {
  const { rng, width: w, height: h } = c;
  const side = rng.chance(0.5);
  const x = (t: number): number => (side ? t : 1 - t) * w;
  const dark = "#050b18";
  const spit: Point[] = [
    [x(-0.05), h * 0.86],
    [x(0.12), h * 0.83],
    [x(0.3), h * 0.855],
    [x(0.46), h * 0.9],
    [x(0.6), h * 0.96],
    [x(0.72), h + 8],
  ];
  const s = Math.min(w, h) * 0.062;
  for (const t of [0.02, 0.05, 0.09, 0.3, 0.35, 0.4])
    fir(c, [x(t), h * (t < 0.2 ? 0.86 : 0.89)], s * rng.between(1.6, 3.4), dark);
  cabin(c, [x(0.2) - s * 0.6, h * 0.855], s);
  c.add(
    path(
      `${line(spit)}L${n(x(-0.05))} ${n(h + 8)}Z`,
      linear(c, [
        [0, "#152743"],
        [0.4, dark],
        [1, dark],
      ]),
    ),
  );
  c.add(rect(0, shore - 1, w, 2.5, "#9fc6d8", 'opacity="0.25"'));
}

function cabin(c: Canvas, [x, y]: Point, s: number): void {
  const glow = c.define(
    (id) =>
      `<radialGradient id="${id}"><stop offset="0" stop-color="#ffca70" stop-opacity="0.7"/><stop offset="1" stop-color="#ffca70" stop-opacity="0"/></radialGradient>`,
  );
  c.add(
    `<circle cx="${n(x + s * 0.6)}" cy="${n(y - s * 0.3)}" r="${n(s * 1.7)}" fill="${glow}"/>` +
      rect(x, y - s * 0.75, s * 1.25, s * 0.85, "#7c2b2a") +
      path(
        polygon([
          [x - s * 0.12, y - s * 0.72],
          [x + s * 0.62, y - s * 1.32],
          [x + s * 1.37, y - s * 0.72],
        ]),
        "#b9cbdd",
      ) +
      rect(x + s * 0.95, y - s * 1.3, s * 0.14, s * 0.36, "#3a2028") +
      rect(x + s * 0.18, y - s * 0.52, s * 0.3, s * 0.3, "#ffd98c") +
      rect(x + s * 0.74, y - s * 0.52, s * 0.3, s * 0.3, "#ffd98c"),
  );
}
