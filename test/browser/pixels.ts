/** The colours that a page really shows, read from a screenshot. */
import type { Page } from "playwright-core";
import { contrast, parseColour } from "../../src/pages/colour.ts";

/** In CSS pixels, from the top left of the whole page. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** `#rrggbb`. */
export type Colour = string;

/** For each box, the share of its pixels (0 to 1) that each colour has. */
export async function coloursIn(page: Page, boxes: Box[]): Promise<Map<Colour, number>[]> {
  const shot = await page.screenshot({ fullPage: true });
  // The page's own policy may forbid to read the picture, so that another page does it.
  const reader = await page.context().browser()?.newPage();
  if (!reader) throw new Error("the browser is closed");
  const data = shot.toString("base64");
  const counted = await reader.evaluate(countColours, { data, boxes });
  await reader.close();
  return counted.map((shares) => new Map(shares));
}

/** Runs in the browser. */
async function countColours({ data, boxes }: { data: string; boxes: Box[] }) {
  const image = new Image();
  image.src = `data:image/png;base64,${data}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  context.drawImage(image, 0, 0);
  return boxes.map(({ x, y, width, height }) => {
    const left = Math.floor(x);
    const top = Math.floor(y);
    const area = context.getImageData(
      left,
      top,
      Math.ceil(x + width) - left,
      Math.ceil(y + height) - top,
    );
    const counts = new Map<string, number>();
    for (let at = 0; at < area.data.length; at += 4) {
      const rgb = [...area.data.subarray(at, at + 3)];
      const colour = `#${rgb.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
      counts.set(colour, (counts.get(colour) ?? 0) + 4 / area.data.length);
    }
    return [...counts];
  });
}

/** WCAG 2.2, contrast ratio: 1 to 21. */
export function contrastOf(one: Colour, other: Colour): number {
  const [a, b] = [parseColour(one), parseColour(other)];
  if (!a || !b) throw new Error(`${one} and ${other} are no colours`);
  return contrast(a, b);
}
