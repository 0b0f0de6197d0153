import { type Canvas, circle, group, linear, n, path, polygon, radial, rect } from "../canvas.ts";
import { mix, shade } from "../colour.ts";
import { day, golden, type Mood, rose } from "../moods.ts";
import type { Random, Some } from "../random.ts";
import type { Scene } from "../scene.ts";

/** Ground, and three colours of glaze. */
const glazes: Some<readonly [string, string, string, string]> = [
  ["#f7f2e4", "#1f4e8c", "#5d8fc9", "#e9b44c"],
  ["#f5efe0", "#1d6a63", "#6cb2a0", "#d9764a"],
  ["#fbf1e3", "#a33b3b", "#e08a5b", "#2f5d73"],
  ["#f4f1ea", "#33406e", "#8a9ad0", "#d98a9c"],
  ["#f8f0da", "#5b6b2f", "#a9b665", "#c9603d"],
];

/** A wall of painted tiles, each fired on another day. */
export const tiles: Scene = {
  name: "tiles",
  shapes: ["square", "tall", "square", "wide"],
  moods: [golden, day, rose],
  places: ["Alfama", "Stairwell", "The kitchen wall", "Rua das Flores", "Tiles"],
  subject: "A wall of painted tiles",
  paint(c, mood) {
    const { rng, width: w, height: h } = c;
    const glaze = rng.pick(glazes);
    const side = rng.pick([200, 200, 250, 160] as const);
    c.add(rect(0, 0, w, h, shade(glaze[0], -0.16)));
    const motif = c.define((id) => `<g id="${id}">${quarter(rng, side, glaze)}</g>`).slice(4, -1);
    const [offX, offY] = [(w % side) / 2 - side / 2, (h % side) / 2 - side / 2];
    for (let y = offY; y < h; y += side)
      for (let x = offX; x < w; x += side) {
        const age = rng.between(-0.035, 0.02);
        const tile = [0, 90, 180, 270]
          .map(
            (turn) => `<use href="${motif}" transform="rotate(${turn} ${side / 2} ${side / 2})"/>`,
          )
          .join("");
        c.add(
          group(
            rect(
              1.5,
              1.5,
              side - 3,
              side - 3,
              shade(mix(glaze[0], mood.light, 0.2), age),
              'rx="3"',
            ) +
              tile +
              gloss(rng, side, age),
            `transform="translate(${n(x)} ${n(y)}) rotate(${n(rng.between(-0.35, 0.35))} ${side / 2} ${side / 2})"`,
          ),
        );
      }
    light(c, mood);
  },
};

/** One quarter of a tile, mirrored on its diagonal so that four of them, and four tiles, always meet. */
function quarter(
  rng: Random,
  side: number,
  glaze: readonly [string, string, string, string],
): string {
  const [, dark, soft, spark] = glaze;
  const u = side / 2;
  const half = [
    corner(rng, u, dark, soft, spark),
    leaf(rng, u, dark, soft),
    middle(rng, u, dark, spark),
  ].join("");
  return half;
}

function corner(rng: Random, u: number, dark: string, soft: string, spark: string): string {
  const kind = rng.int(0, 2);
  const r = u * rng.between(0.3, 0.46);
  if (kind === 0)
    return arc(r * 1.32, soft) + arc(r * 1.12, "#fffaf0") + arc(r, dark) + arc(r * 0.5, spark);
  if (kind === 1)
    return (
      path(
        polygon([
          [2, 2],
          [r * 1.5, 2],
          [2, r * 1.5],
        ]),
        dark,
      ) +
      path(
        polygon([
          [2, 2],
          [r * 0.9, 2],
          [2, r * 0.9],
        ]),
        spark,
      ) +
      circle(r * 0.95, r * 0.95, r * 0.16, soft)
    );
  return arc(r * 1.25, dark) + arc(r * 1.0, soft) + arc(r * 0.62, "#fffaf0") + arc(r * 0.4, spark);
}

const arc = (r: number, fill: string): string =>
  `<path d="M2 2H${n(r)}A${n(r)} ${n(r)} 0 0 1 2 ${n(r)}Z" fill="${fill}"/>`;

/** Two leaves that grow from the diagonal. */
function leaf(rng: Random, u: number, dark: string, soft: string): string {
  const [a, b, bend] = [
    u * rng.between(0.42, 0.52),
    u * rng.between(0.8, 0.95),
    u * rng.between(0.12, 0.26),
  ];
  const shape = (swap: boolean): string => {
    const p = (x: number, y: number): string => (swap ? `${n(y)} ${n(x)}` : `${n(x)} ${n(y)}`);
    return `M${p(a * 0.9, a * 0.9)}Q${p(a + bend, a * 0.2)} ${p(b, a * 0.24)}Q${p(b * 0.92, a * 0.9 + bend * 0.4)} ${p(a * 0.9, a * 0.9)}Z`;
  };
  const vein = (swap: boolean): string => {
    const p = (x: number, y: number): string => (swap ? `${n(y)} ${n(x)}` : `${n(x)} ${n(y)}`);
    return `<path d="M${p(a * 0.95, a * 0.86)}Q${p(a * 1.2, a * 0.5)} ${p(b * 0.95, a * 0.3)}" fill="none" stroke="#fffaf0" stroke-width="${n(u * 0.02)}" opacity="0.8"/>`;
  };
  return path(shape(false), dark) + path(shape(true), soft) + vein(false) + vein(true);
}

/** What stands in the middle of the tile: petals and a heart. */
function middle(rng: Random, u: number, dark: string, spark: string): string {
  const r = u * rng.between(0.3, 0.4);
  const petals = rng.chance(0.5)
    ? path(
        `M${n(u)} ${n(u)}Q${n(u - r * 1.15)} ${n(u - r * 0.35)} ${n(u - r)} ${n(u - r)}Q${n(u - r * 0.35)} ${n(u - r * 1.15)} ${n(u)} ${n(u)}Z`,
        dark,
      )
    : path(
        polygon([
          [u, u],
          [u - r * 0.36, u - r * 0.36],
          [u - r * 1.1, u - r * 1.1 + r * 0.5],
          [u - r * 1.2, u - r * 1.2],
          [u - r * 1.1 + r * 0.5, u - r * 1.1],
        ]),
        dark,
      );
  const line = `<path d="M${n(u)} ${n(u - r * 1.25)}A${n(r * 1.25)} ${n(r * 1.25)} 0 0 0 ${n(u - r * 1.25)} ${n(u)}" fill="none" stroke="${spark}" stroke-width="${n(u * 0.035)}"/>`;
  return petals + line + circle(u, u, r * 0.3, spark) + circle(u, u, r * 0.13, dark);
}

function gloss(rng: Random, side: number, age: number): string {
  const chip = rng.chance(0.09)
    ? path(
        polygon([
          [2, 2],
          [side * rng.between(0.06, 0.16), 2],
          [side * 0.05, side * 0.06],
          [2, side * rng.between(0.06, 0.16)],
        ]),
        "#a89c86",
      )
    : "";
  const tint =
    age < 0
      ? `<rect x="1.5" y="1.5" width="${side - 3}" height="${side - 3}" fill="#3a2a18" opacity="${n(-age * 2.4)}"/>`
      : "";
  return `${tint}${chip}<path d="M4 ${side - 5}V4H${side - 5}" fill="none" stroke="#ffffff" stroke-width="2.4" opacity="0.55"/><path d="M5 ${side - 3}H${side - 3}V5" fill="none" stroke="#2a1c10" stroke-width="2.4" opacity="0.22"/>`;
}

/** Sun through a window across the street, and the shadow of a branch. */
function light(c: Canvas, mood: Mood): void {
  const { rng, width: w, height: h } = c;
  const x = w * rng.between(0.15, 0.5);
  c.add(
    rect(
      0,
      0,
      w,
      h,
      radial(
        c,
        [
          [0, mood.glow, 0.34],
          [0.7, mood.glow, 0.02],
          [1, mood.near, 0.14],
        ],
        [x / w, 0.3],
      ),
    ),
  );
  const shadow = linear(c, [
    [0, mood.near, 0.34],
    [1, mood.near, 0.12],
  ]);
  c.add(
    path(
      polygon([
        [x + w * 0.5, 0],
        [w, 0],
        [w, h],
        [x + w * 0.18, h],
      ]),
      shadow,
    ),
  );
}
