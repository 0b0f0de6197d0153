/** A QR code as inline SVG, dark on light in every scheme: many cameras can't read it the other way round. */
import { encode } from "uqr";
import { attributes, type Html, html } from "./html.ts";

/** Light modules around the code (ISO/IEC 18004 §9.1). */
const QUIET = 4;

/** @param label for people who can't see it */
export function qrCode(text: string, label: string): Html {
  const { data } = encode(text, { ecc: "M", border: QUIET });
  const size = data.length;
  const dark = data.map((row, y) =>
    runs(row).map(([x, width]) => `M${x} ${y}h${width}v1h-${width}z`),
  );
  return html`<svg class="qr"${attributes({
    viewBox: `0 0 ${size} ${size}`,
    width: 220,
    height: 220,
    role: "img",
    "aria-label": label,
    "shape-rendering": "crispEdges",
  })}><rect width="${size}" height="${size}" fill="#fff"></rect><path fill="#000" d="${dark.flat().join("")}"></path></svg>`;
}

/** The dark stretches of a row. */
function runs(row: readonly boolean[]): [x: number, width: number][] {
  const found: [number, number][] = [];
  for (const [x, is_dark] of row.entries()) {
    const last = found.at(-1);
    if (!is_dark) continue;
    if (last && last[0] + last[1] === x) last[1] += 1;
    else found.push([x, 1]);
  }
  return found;
}
