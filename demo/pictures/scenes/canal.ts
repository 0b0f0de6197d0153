import {
  blur,
  type Canvas,
  ellipse,
  group,
  linear,
  n,
  type Point,
  path,
  polygon,
  rect,
} from "../canvas.ts";
import { mix, shade } from "../colour.ts";
import { day, dusk, golden, type Mood, rose } from "../moods.ts";
import { clouds, ripples, sky, water } from "../nature.ts";
import type { Some } from "../random.ts";
import type { Scene } from "../scene.ts";

const plaster: Some<string> = [
  "#d9644a",
  "#e8a13c",
  "#f1d6a4",
  "#4f8f8b",
  "#7fb2c4",
  "#c9556b",
  "#8a9a5b",
  "#e9c46a",
  "#b98bb0",
  "#f0e2cc",
  "#5b7fa6",
];

/** A row of painted houses and its picture in the canal. */
export const canal: Scene = {
  name: "canal",
  shapes: ["wide", "square", "wide", "tall"],
  moods: [day, golden, rose, dusk],
  places: ["Burano", "Nyhavn", "Our street", "Number eleven", "The harbour side"],
  subject: "A row of painted houses along a canal",
  paint(c, mood) {
    const { rng, width: w, height: h } = c;
    const quay = h * rng.between(0.66, 0.72);
    sky(c, mood, quay);
    clouds(c, mood, h * 0.04, quay * 0.5, 7);
    const houses = street(c, mood, quay);
    c.add(houses);
    const stone = mix("#b5a795", mood.near, 0.25);
    c.add(
      rect(0, quay - h * 0.012, w, h * 0.03, stone) +
        rect(0, quay + h * 0.006, w, h * 0.014, shade(stone, -0.14)),
    );
    const level = quay + h * 0.02;
    water(c, mood, level);
    const clip = c.define(
      (id) =>
        `<clipPath id="${id}"><rect x="0" y="${n(level)}" width="${w}" height="${n(h - level)}"/></clipPath>`,
    );
    c.add(
      group(
        group(
          group(houses, `transform="matrix(1 0 0 -0.82 0 ${n(level * 1.82 - h * 0.012)})"`),
          `filter="${blur(c, w / 330)}" opacity="0.62"`,
        ),
        `clip-path="${clip}"`,
      ),
    );
    c.add(
      rect(
        0,
        level,
        w,
        h - level,
        linear(c, [
          [0, mood.water[1], 0.06],
          [1, mood.water[1], 0.72],
        ]),
      ),
    );
    ripples(c, mood, level, 170);
    rowingBoat(c, mood, [w * rng.between(0.2, 0.75), level + (h - level) * 0.42], w * 0.085);
  },
};

function street(c: Canvas, mood: Mood, quay: number): string {
  const { rng, width: w, height: h } = c;
  const colours = rng.shuffle(plaster);
  const unit = Math.min(w, h) * 0.16;
  let out = "";
  let i = 0;
  for (let x = -unit * rng.between(0.1, 0.6); x < w; i += 1) {
    const width = unit * rng.between(0.8, 1.2);
    const tint = mood === dusk ? mood.near : mood.glow;
    const wall = mix(colours[i % colours.length] ?? "#e9c46a", tint, mood === dusk ? 0.3 : 0.12);
    out += facade(c, mood, { x, width, height: h * rng.between(0.3, 0.42), wall, quay });
    x += width;
  }
  return out;
}

interface House {
  x: number;
  width: number;
  height: number;
  wall: string;
  quay: number;
}

const PLAIN: readonly Point[] = [
  [0, 0],
  [0.5, 0.48],
  [1, 0],
];
const STEPPED: readonly Point[] = [
  [0, 0],
  [0, 0.1],
  [0.2, 0.1],
  [0.2, 0.26],
  [0.38, 0.26],
  [0.38, 0.4],
  [0.62, 0.4],
  [0.62, 0.26],
  [0.8, 0.26],
  [0.8, 0.1],
  [1, 0.1],
  [1, 0],
];
const HIPPED: readonly Point[] = [
  [-0.02, 0],
  [0.1, 0.22],
  [0.9, 0.22],
  [1.02, 0],
];

function facade(c: Canvas, mood: Mood, house: House): string {
  const { x, width: w, height: hh, wall, quay } = house;
  const top = quay - hh;
  const light = linear(
    c,
    [
      [0, mix(wall, mood.glow, 0.25)],
      [0.7, wall],
      [1, shade(wall, -0.07)],
    ],
    [0.4, 1],
  );
  return (
    gable(c, mood, house, light) +
    rect(x, top, w, hh + 2, light) +
    rect(x + w - 2, top, 2, hh, mood.near, 'opacity="0.18"') +
    openings(c, mood, house)
  );
}

/** How the house ends above: a gable, steps as in the north, a hipped roof, or a plain cornice. */
function gable(
  c: Canvas,
  mood: Mood,
  { x, width: w, height: hh, wall, quay }: House,
  light: string,
): string {
  const top = quay - hh;
  const shape = (points: readonly Point[]): string =>
    polygon(points.map(([u, v]): Point => [x + u * w, top + 1 - v * w]));
  const roof = mix(c.rng.pick(["#8c4a39", "#6a4a46", "#54505c"]), mood.near, 0.2);
  switch (c.rng.int(0, 3)) {
    case 0:
      return (
        path(shape(PLAIN), light) +
        path(
          shape([
            [-0.03, 0],
            [0.5, 0.54],
            [0.5, 0.44],
          ]),
          roof,
        ) +
        path(
          shape([
            [1.03, 0],
            [0.5, 0.54],
            [0.5, 0.44],
          ]),
          shade(roof, -0.05),
        )
      );
    case 1:
      return path(shape(STEPPED), light);
    case 2:
      return (
        path(shape(HIPPED), roof) +
        rect(x + w * 0.66, top - w * 0.42, w * 0.12, w * 0.28, shade(roof, 0.05))
      );
    default:
      return rect(x - 3, top - w * 0.06, w + 6, w * 0.08, shade(wall, 0.12));
  }
}

function openings(c: Canvas, mood: Mood, { x, width: w, height: hh, wall, quay }: House): string {
  const { rng } = c;
  const columns = w > Math.min(c.width, c.height) * 0.165 ? 3 : 2;
  const floors = Math.round(hh / (Math.min(c.width, c.height) * 0.115));
  const [pitch, floor] = [w / columns, hh / (floors + 0.15)];
  const [ww, wh] = [pitch * 0.44, floor * 0.52];
  const frame = mix("#fffaf0", mood.haze, 0.15);
  const shutter = rng.chance(0.6)
    ? mix(rng.pick(["#2f5d50", "#34506e", "#6b3a34", "#f4ecdc"]), wall, 0.15)
    : null;
  const door = rng.int(0, columns - 1);
  let out = "";
  for (let f = 0; f < floors; f += 1)
    for (let i = 0; i < columns; i += 1) {
      const at: Point = [x + pitch * (i + 0.5) - ww / 2, quay - hh + floor * (f + 0.3)];
      if (f === floors - 1 && i === door) {
        out +=
          rect(at[0] - 3, at[1] - 3, ww + 6, quay - at[1] + 3, frame) +
          rect(at[0], at[1], ww, quay - at[1], mix("#5b3b2c", mood.near, 0.2));
        continue;
      }
      const lit = rng.chance(mood === dusk ? 0.45 : 0.06);
      const glass = lit ? "#ffd791" : mix(mood.near, mood.sky[1], rng.between(0.15, 0.45));
      if (shutter)
        out +=
          rect(at[0] - ww * 0.5, at[1], ww * 0.46, wh, shutter) +
          rect(at[0] + ww * 1.04, at[1], ww * 0.46, wh, shutter);
      out +=
        rect(at[0] - 3, at[1] - 3, ww + 6, wh + 6, frame) +
        rect(at[0], at[1], ww, wh, glass) +
        rect(at[0] + ww / 2 - 1, at[1], 2, wh, frame) +
        rect(at[0], at[1] + wh * 0.45, ww, 2, frame);
      if (rng.chance(0.25)) out += flowerBox(c, at[0], at[1] + wh, ww);
    }
  return out;
}

function flowerBox(c: Canvas, x: number, y: number, w: number): string {
  const { rng } = c;
  const blooms = Array.from({ length: 7 }, (_, i) =>
    ellipse(
      x + (w * (i + 0.5)) / 7,
      y + 1 + rng.between(-3, 2),
      4.4,
      4,
      rng.pick(["#e4574f", "#f3a6c0", "#5f8f4a", "#6fa055"]),
    ),
  );
  return rect(x - 4, y + 3, w + 8, 8, "#7a4a35") + blooms.join("");
}

function rowingBoat(c: Canvas, mood: Mood, [x, y]: Point, s: number): void {
  const hull = mix(c.rng.pick(["#b8452f", "#2f5f74", "#f0e6d2"]), mood.near, 0.12);
  c.add(
    ellipse(x, y + s * 0.16, s * 0.95, s * 0.09, mood.near, 'opacity="0.35"') +
      path(
        `M${n(x - s)} ${n(y - s * 0.14)}Q${n(x - s * 0.75)} ${n(y + s * 0.2)} ${n(x - s * 0.45)} ${n(y + s * 0.19)}L${n(x + s * 0.5)} ${n(y + s * 0.19)}Q${n(x + s * 0.85)} ${n(y + s * 0.16)} ${n(x + s)} ${n(y - s * 0.2)}Q${n(x)} ${n(y + s * 0.06)} ${n(x - s)} ${n(y - s * 0.14)}Z`,
        hull,
      ) +
      path(
        `M${n(x - s)} ${n(y - s * 0.14)}Q${n(x)} ${n(y + s * 0.06)} ${n(x + s)} ${n(y - s * 0.2)}Q${n(x)} ${n(y - s * 0.06)} ${n(x - s)} ${n(y - s * 0.14)}Z`,
        shade(hull, -0.2),
      ),
  );
}
