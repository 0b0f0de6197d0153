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
  polygon,
  radial,
  rect,
} from "./canvas.ts";
import { mix, shade } from "./colour.ts";
import type { Mood } from "./moods.ts";

/** The sky down to the horizon, with room below for what stands in front of it. */
export function sky(c: Canvas, mood: Mood, horizon: number): void {
  const [top, high, low, rim] = mood.sky;
  const fill = linear(c, [
    [0, top],
    [0.38, high],
    [0.74, low],
    [1, rim],
  ]);
  c.add(rect(0, 0, c.width, horizon + 2, fill));
}

/** Sun or moon with its halo. */
export function sun(c: Canvas, mood: Mood, [x, y]: Point, r: number): void {
  const halo = radial(c, [
    [0, mood.glow, 0.85],
    [0.25, mood.glow, 0.4],
    [0.6, mood.glow, 0.12],
    [1, mood.glow, 0],
  ]);
  c.add(circle(x, y, r * 7, halo));
  c.add(circle(x, y, r, mood.light));
  if (!mood.moon) return;
  const sea = shade(mood.light, -0.09);
  const spots: Point[] = [
    [-0.3, -0.2],
    [0.25, 0.1],
    [-0.1, 0.42],
  ];
  for (const [dx, dy] of spots)
    c.add(circle(x + dx * r, y + dy * r, r * c.rng.between(0.14, 0.28), sea, 'opacity="0.5"'));
}

/** Long thin clouds, brighter on the side of the light. */
export function clouds(c: Canvas, mood: Mood, top: number, bottom: number, count: number): void {
  const { rng } = c;
  const soft = blur(c, c.width / 110);
  const parts = Array.from({ length: count }, () => {
    const x = rng.between(-0.1, 1.1) * c.width;
    const y = rng.between(top, bottom);
    const w = rng.between(0.1, 0.34) * c.width;
    const colour = rng.chance(0.6)
      ? mix(mood.sky[3], mood.light, 0.6)
      : mix(mood.sky[1], mood.sky[2], 0.6);
    const puffs = Array.from({ length: 5 }, () =>
      ellipse(
        x + rng.between(-0.55, 0.55) * w,
        y + rng.between(-0.012, 0.012) * c.height,
        w * rng.between(0.25, 0.6),
        c.height * rng.between(0.005, 0.016),
        colour,
        `opacity="${n(rng.between(0.3, 0.7))}"`,
      ),
    );
    return puffs.join("");
  });
  c.add(group(parts.join(""), `filter="${soft}"`));
}

export function stars(c: Canvas, bottom: number, count: number): void {
  const { rng } = c;
  for (let i = 0; i < count; i += 1) {
    const y = rng.next() ** 1.3 * bottom;
    const big = rng.chance(0.07);
    const r = (big ? rng.between(1.7, 2.6) : rng.between(0.5, 1.4)) * (c.width / 1200);
    const fade = 1 - y / bottom;
    c.add(
      circle(
        rng.between(0, c.width),
        y,
        r,
        "#fffaf0",
        `opacity="${n(0.15 + 0.85 * fade * rng.between(0.4, 1))}"`,
      ),
    );
  }
}

export function birds(c: Canvas, [x, y]: Point, count: number, colour: string): void {
  const { rng } = c;
  for (let i = 0; i < count; i += 1) {
    const s = rng.between(0.006, 0.013) * c.width;
    const bx = x + rng.between(-0.11, 0.11) * c.width;
    const by = y + rng.between(-0.05, 0.05) * c.height;
    const lift = rng.between(0.4, 0.8) * s;
    c.add(
      `<path d="M${n(bx - s)} ${n(by - lift)}Q${n(bx - s * 0.4)} ${n(by - lift)} ${n(bx)} ${n(by)}Q${n(bx + s * 0.4)} ${n(by - lift)} ${n(bx + s)} ${n(by - lift * 0.8)}" fill="none" stroke="${colour}" stroke-width="${n(s / 5)}" stroke-linecap="round" opacity="0.8"/>`,
    );
  }
}

/** Water from the horizon to a lower edge, darker towards one's feet. */
export function water(c: Canvas, mood: Mood, top: number, bottom = c.height): void {
  const [far, near] = mood.water;
  const fill = linear(c, [
    [0, far],
    [0.35, mix(far, near, 0.5)],
    [1, near],
  ]);
  c.add(rect(0, top, c.width, bottom - top + 2, fill));
}

/** Small waves: short strokes that grow and part as they come nearer. */
export function ripples(
  c: Canvas,
  mood: Mood,
  top: number,
  count: number,
  bottom = c.height,
): void {
  const { rng } = c;
  const tones = [mix(mood.water[0], mood.light, 0.5), mix(mood.water[1], mood.near, 0.35)] as const;
  for (let i = 0; i < count; i += 1) {
    const t = rng.next() ** 1.6;
    const y = top + 3 + t * (bottom - top);
    const w = (0.012 + 0.1 * t) * c.width * rng.between(0.5, 1.3);
    c.add(
      wavelet(rng.between(0, c.width), y, w, 1 + 3.5 * t, rng.pick(tones), rng.between(0.08, 0.3)),
    );
  }
}

/** The path of light on the water, under sun or moon. */
export function glitter(c: Canvas, mood: Mood, x: number, top: number, bottom = c.height): void {
  const { rng } = c;
  const height = bottom - top;
  for (let i = 0; i < 90; i += 1) {
    const t = rng.next() ** 1.25;
    const y = top + 2 + t * height;
    const spread = (0.018 + 0.11 * t) * c.width;
    const dx = (rng.next() + rng.next() - 1) * spread;
    const w =
      c.width * (0.006 + 0.045 * t) * rng.between(0.5, 1.5) * (1 - Math.abs(dx) / spread / 1.6);
    c.add(wavelet(x + dx, y, w, 1 + 4 * t, mood.light, rng.between(0.25, 0.8) * (1 - 0.55 * t)));
  }
}

function wavelet(
  x: number,
  y: number,
  w: number,
  h: number,
  fill: string,
  opacity: number,
): string {
  return path(
    `M${n(x - w)} ${n(y)}Q${n(x)} ${n(y - h)} ${n(x + w)} ${n(y)}Q${n(x)} ${n(y + h)} ${n(x - w)} ${n(y)}Z`,
    fill,
    `opacity="${Math.round(opacity * 100) / 100}"`,
  );
}

/** A fir, from its foot upwards. */
export function fir(c: Canvas, [x, y]: Point, height: number, fill: string): void {
  const { rng } = c;
  const half = height * rng.between(0.15, 0.22);
  const left: Point[] = [];
  const right: Point[] = [];
  const rows = 9;
  for (let i = 0; i < rows; i += 1) {
    const t = (i + 1) / rows;
    const reach = half * t ** 0.9 * rng.between(0.8, 1.1);
    const at = y - height + t * height * 0.93;
    left.push([x - reach, at + height * 0.03], [x - reach * 0.42, at - height * 0.012]);
    right.push([x + reach, at + height * 0.03], [x + reach * 0.42, at - height * 0.012]);
  }
  c.add(path(polygon([[x, y - height], ...right, ...left.reverse()]), fill));
  c.add(rect(x - half * 0.09, y - height * 0.08, half * 0.18, height * 0.08, fill));
}

/** A cypress, as they stand along Italian roads. */
export function cypress(c: Canvas, [x, y]: Point, height: number, fill: string): void {
  const w = height * c.rng.between(0.085, 0.125);
  c.add(
    path(
      `M${n(x)} ${n(y - height)}C${n(x + w * 0.7)} ${n(y - height * 0.72)} ${n(x + w * 1.25)} ${n(y - height * 0.2)} ${n(x + w * 0.35)} ${n(y)}L${n(x - w * 0.35)} ${n(y)}C${n(x - w * 1.25)} ${n(y - height * 0.2)} ${n(x - w * 0.7)} ${n(y - height * 0.72)} ${n(x)} ${n(y - height)}Z`,
      fill,
    ),
  );
}

/** A veil of haze over a band of the picture. */
export function veil(
  c: Canvas,
  colour: string,
  top: number,
  bottom: number,
  strength: number,
): void {
  const fill = linear(c, [
    [0, colour, 0],
    [0.6, colour, strength],
    [1, colour, 0],
  ]);
  c.add(rect(0, top, c.width, bottom - top, fill));
}

/** What a lens and film add: corners a little darker, and grain, so that no surface looks drawn. */
export function develop(c: Canvas, mood: Mood): void {
  const corners = radial(c, [
    [0, mood.near, 0],
    [0.55, mood.near, 0],
    [1, mood.near, 0.3],
  ]);
  const [w, h] = [c.width, c.height];
  c.add(
    `<rect x="${n(-0.22 * w)}" y="${n(-0.22 * h)}" width="${n(1.44 * w)}" height="${n(1.44 * h)}" fill="${corners}"/>`,
  );
  for (const [tone, gain, offset] of [
    [1, 1.1, -0.58],
    [0, -1.1, 0.52],
  ] as const) {
    const grain = c.define(
      (id) =>
        `<filter id="${id}" x="0" y="0" width="100%" height="100%" color-interpolation-filters="sRGB"><feTurbulence type="fractalNoise" baseFrequency="0.75" numOctaves="2" seed="${c.rng.int(1, 999)}"/><feColorMatrix values="0 0 0 0 ${tone} 0 0 0 0 ${tone} 0 0 0 0 ${tone} ${gain} 0 0 0 ${offset}"/></filter>`,
    );
    c.add(rect(0, 0, w, h, "#000", `filter="${grain}" opacity="0.3"`));
  }
}
