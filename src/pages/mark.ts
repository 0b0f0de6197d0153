/** Drawings of the key: the mark of the product, and the small key that an app holds. They repeat words beside them. */
import { type Html, html, trusted } from "./html.ts";
import type { ShownPermission } from "./permissions.ts";

const MARK =
  "M7 0h10a7 7 0 0 1 7 7v10a7 7 0 0 1-7 7h-4.6v-2.2h5.2v-2.4h-5.2v-2h3V15h-3v-1.7a5 5 0 1 0-2.8 0V24H7a7 7 0 0 1-7-7V7a7 7 0 0 1 7-7Zm4 6.4a2.1 2.1 0 1 1 0 4.2 2.1 2.1 0 0 1 0-4.2Z";

/** A key punched out of a tag. */
export const mark: Html = trusted(
  `<svg width="28" height="28" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true"><path fill-rule="evenodd" d="${MARK}"/></svg>`,
);

/** The mark as an icon of the browser's tab. @param colour `#rrggbb` */
export const markIcon = (colour: string): string =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="${colour}" fill-rule="evenodd" d="${MARK}"/></svg>`)}`;

/** Pixels: the ring with the beginning of the blade, one cut and its gap. */
const [RING, CUT, GAP] = [20, 4, 3];
/** More cuts would be a comb. The words beside the key say the number. */
const MOST_CUTS = 12;

/** A key without cuts: it opens nothing. */
export const blankKey: Html = keyOf([]);

/** The key of an app: one cut for each permission, short to see, long to change. */
export function smallKey(permissions: readonly Pick<ShownPermission, "access">[]): Html {
  return keyOf(permissions.slice(0, MOST_CUTS).map(({ access }) => (access === "change" ? 8 : 4)));
}

function keyOf(depths: readonly number[]): Html {
  const width = Math.max(44, RING + depths.length * (CUT + GAP) + 10);
  const blade = width - 2;
  const height = Math.max(16, ...depths.map((depth) => 9 + depth + 1));
  const cuts = depths.map((depth, i) => `M${RING + i * (CUT + GAP)} 9h${CUT}v${depth}h-${CUT}z`);
  return html`<svg class="cuts" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" fill="currentColor" aria-hidden="true"><path fill-rule="evenodd" d="M8 0a8 8 0 0 1 7.7 6H${blade}l2 2-2 2H15.7A8 8 0 1 1 8 0Zm0 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z"/>${depths.length > 0 && html`<path d="${cuts.join("")}"/>`}</svg>`;
}
