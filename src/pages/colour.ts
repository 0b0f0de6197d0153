/** Colour arithmetic: contrast as WCAG 2.2 defines it, and the nearest readable shade. */

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** Reads `#rgb` or `#rrggbb`. Null for anything else, so that no CSS can be smuggled in. */
export function parseColour(text: string): Colour | null {
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text)?.[1];
  if (digits === undefined) return null;
  const full = digits.length === 3 ? Array.from(digits, (d) => d + d).join("") : digits;
  const at = (i: number) => Number.parseInt(full.slice(i, i + 2), 16);
  return [at(0), at(2), at(4)];
}

export function toHex(colour: Colour): string {
  return `#${colour.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}

/** WCAG 2.2 contrast ratio, 1 to 21. */
export function contrast(a: Colour, b: Colour): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const black: Colour = [0, 0, 0];
const white: Colour = [255, 255, 255];

/** Black or white, whichever is easier to read on this colour. */
export function textOn(colour: Colour): Colour {
  return contrast(colour, white) >= contrast(colour, black) ? white : black;
}

/** The colour itself, or as little darker (lighter on a dark ground) as the wanted contrast needs. */
export function readableOn(colour: Colour, ground: Colour, ratio: number): Colour {
  const towards = textOn(ground);
  for (let share = 0; share < 1; share += 0.05) {
    const shade = mix(colour, towards, share);
    if (contrast(shade, ground) >= ratio) return shade;
  }
  return towards;
}

/**
 * Mixes `share` of the second colour into the first. Rounded to whole steps, so that contrast is measured on the colour
 * that is shown.
 */
export function mix(a: Colour, b: Colour, share: number): Colour {
  const part = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * share);
  return [part(0), part(1), part(2)];
}

function luminance(colour: Colour): number {
  const [r, g, b] = colour.map((part) => {
    const s = part / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}
