import type { Random } from "./random.ts";

export type Point = readonly [x: number, y: number];
export type Stop = readonly [offset: number, colour: string, opacity?: number];

/** What a scene paints on: shapes in order, and the gradients and filters that they use. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly rng: Random;
  add(svg: string): void;
  /** Keeps a definition under a fresh id and gives the reference to it, `url(#…)`. */
  define(svg: (id: string) => string): string;
  toSvg(title: string): string;
}

export function canvas(width: number, height: number, rng: Random): Canvas {
  const shapes: string[] = [];
  const definitions: string[] = [];
  return {
    width,
    height,
    rng,
    add: (svg) => void shapes.push(svg),
    define: (svg) => {
      const id = `d${definitions.length.toString(36)}`;
      definitions.push(svg(id));
      return `url(#${id})`;
    },
    toSvg: (title) =>
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">` +
      `<title>${escapeText(title)}</title><defs>${definitions.join("")}</defs>${shapes.join("")}</svg>`,
  };
}

/** One decimal is finer than anyone sees, and keeps a picture at some tens of kilobytes. */
export const n = (value: number): string => String(Math.round(value * 10) / 10);

/** A gradient along a line, given in parts of the shape's own box; from top to bottom if not told. */
export function linear(c: Canvas, stops: readonly Stop[], to: Point = [0, 1]): string {
  return c.define(
    (id) =>
      `<linearGradient id="${id}" x1="0" y1="0" x2="${to[0]}" y2="${to[1]}">${list(stops)}</linearGradient>`,
  );
}

/** A gradient outwards from a point, in parts of the shape's own box. */
export function radial(c: Canvas, stops: readonly Stop[], at: Point = [0.5, 0.5]): string {
  return c.define(
    (id) =>
      `<radialGradient id="${id}" cx="${at[0]}" cy="${at[1]}" r="0.5">${list(stops)}</radialGradient>`,
  );
}

const list = (stops: readonly Stop[]): string =>
  stops
    .map(
      ([offset, colour, opacity]) =>
        `<stop offset="${offset}" stop-color="${colour}"${opacity === undefined ? "" : ` stop-opacity="${opacity}"`}/>`,
    )
    .join("");

export function blur(c: Canvas, deviation: number): string {
  return c.define(
    (id) =>
      `<filter id="${id}" x="-50%" y="-50%" width="200%" height="200%"><feGaussianBlur stdDeviation="${n(deviation)}"/></filter>`,
  );
}

/** A curve through all points (Catmull-Rom, as Bézier pieces), without its first `M`. */
export function curve(points: readonly Point[]): string {
  const pieces: string[] = [];
  points.forEach((end, i) => {
    const start = points[i - 1];
    if (!start) return;
    const before = points[i - 2] ?? start;
    const after = points[i + 1] ?? end;
    const first = [
      start[0] + (end[0] - before[0]) / 6,
      start[1] + (end[1] - before[1]) / 6,
    ] as const;
    const second = [
      end[0] - (after[0] - start[0]) / 6,
      end[1] - (after[1] - start[1]) / 6,
    ] as const;
    pieces.push(
      `C${n(first[0])} ${n(first[1])} ${n(second[0])} ${n(second[1])} ${n(end[0])} ${n(end[1])}`,
    );
  });
  return pieces.join("");
}

/** A smooth line as a whole path. */
export const line = (points: readonly Point[]): string =>
  `M${n(points[0]?.[0] ?? 0)} ${n(points[0]?.[1] ?? 0)}${curve(points)}`;

/** Straight pieces. */
export const polygon = (points: readonly Point[]): string =>
  `M${points.map(([x, y]) => `${n(x)} ${n(y)}`).join("L")}Z`;

/** The land under a smooth edge, down to the lower rim. */
export function under(c: Canvas, edge: readonly Point[], floor = c.height + 4): string {
  const last = edge[edge.length - 1]?.[0] ?? c.width;
  return `${line(edge)}L${n(last)} ${n(floor)}L${n(edge[0]?.[0] ?? 0)} ${n(floor)}Z`;
}

/** Evenly spaced points over the width (and a little beyond it) with a height for each. */
export function across(c: Canvas, count: number, y: (t: number) => number): Point[] {
  return Array.from({ length: count + 3 }, (_, i) => {
    const t = (i - 1) / count;
    return [t * c.width, y(t)] as const;
  });
}

export const path = (d: string, fill: string, more = ""): string =>
  `<path d="${d}" fill="${fill}"${more && ` ${more}`}/>`;

export const rect = (x: number, y: number, w: number, h: number, fill: string, more = ""): string =>
  `<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" fill="${fill}"${more && ` ${more}`}/>`;

export const circle = (x: number, y: number, r: number, fill: string, more = ""): string =>
  `<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="${fill}"${more && ` ${more}`}/>`;

export const ellipse = (
  x: number,
  y: number,
  rx: number,
  ry: number,
  fill: string,
  more = "",
): string =>
  `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(rx)}" ry="${n(ry)}" fill="${fill}"${more && ` ${more}`}/>`;

export const group = (content: string, more: string): string => `<g ${more}>${content}</g>`;

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
