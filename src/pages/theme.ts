/** The theme: an operator sets a name, an accent and a logo. The other colours follow from these. */
import { type Colour, contrast, mix, parseColour, readableOn, textOn, toHex } from "./colour.ts";
import { markIcon } from "./mark.ts";

export interface ThemeOptions {
  readonly product_name: string;
  /** `#rrggbb`; the one colour of the main action. */
  readonly accent?: string | undefined;
  /** The accent of the dark scheme; left out: a lighter shade of `accent`. */
  readonly accent_dark?: string | undefined;
  readonly logo?: Logo | undefined;
}

export interface Logo {
  /** A path on this server, an https address, or a `data:image/` URL. */
  readonly src: string;
  /** For the dark scheme, in which the other logo would be invisible. */
  readonly src_dark?: string | undefined;
  readonly alt: string;
}

/** A checked theme, with its CSS variables ready. */
export interface Theme {
  readonly product_name: string;
  readonly logo: Logo | null;
  readonly variables: string;
  /** For mails, which have no style sheet: the accent, and text that is readable on it. */
  readonly mail_colours: { readonly accent: string; readonly on_accent: string };
  /** The icon of the browser's tab. */
  readonly icon: string;
  /** Origins besides our own that pictures of the theme come from (CSP `img-src`). */
  readonly image_origins: readonly string[];
}

const default_accent = { light: "#00694b", dark: "#5fd0a5" };

/**
 * Checks an operator's theme and computes its colours: text on the accent, links and focus rings are shades that are
 * readable on their background for any accent.
 *
 * Throws an Error that names the key which is wrong.
 */
export function createTheme(options: ThemeOptions): Theme {
  const accent = colour("accent", options.accent ?? default_accent.light);
  const own_dark = options.accent_dark ?? (options.accent ? undefined : default_accent.dark);
  const dark =
    own_dark === undefined
      ? readableOn(brightened(accent), grounds.dark, 6)
      : colour("accent_dark", own_dark);
  const logo = options.logo ?? null;
  return {
    product_name: options.product_name,
    logo,
    variables: `:root{${accentVariables(accent, grounds.light)}}
@media (prefers-color-scheme: dark){:root{${accentVariables(dark, grounds.dark)}}}`,
    mail_colours: { accent: toHex(accent), on_accent: toHex(textOn(accent)) },
    icon: logo?.src ?? markIcon(toHex(readableOn(accent, grounds.light, 3))),
    image_origins: logo ? imageOrigins(logo) : [],
  };
}

// The surfaces of style/tokens.ts, on which the shades of the accent must be readable.
const grounds: { light: Colour; dark: Colour } = { light: [255, 255, 255], dark: [23, 27, 28] };

/** Lightens a dark accent for the dark scheme. White alone would make it grey, so its saturation is raised first. */
function brightened(accent: Colour): Colour {
  if (contrast(accent, grounds.dark) >= 6) return accent;
  const strength = Math.max(...accent, 1);
  const factor = Math.max(1, 180 / strength);
  const [r, g, b] = accent;
  return mix([r * factor, g * factor, b * factor], [255, 255, 255], 0.3);
}

function accentVariables(accent: Colour, ground: Colour): string {
  return [
    `--vk-accent:${toHex(accent)}`,
    `--vk-on-accent:${toHex(textOn(accent))}`,
    `--vk-accent-edge:${toHex(readableOn(accent, ground, 3))}`,
    `--vk-link:${toHex(readableOn(accent, ground, 6))}`,
  ].join(";");
}

function colour(key: string, text: string): Colour {
  const parsed = parseColour(text);
  if (!parsed) throw new Error(`theme.${key}: must be a colour like #00694b`);
  return parsed;
}

function imageOrigins(logo: Logo): string[] {
  const origins = [logo.src, logo.src_dark].flatMap((src) => {
    if (src === undefined || /^\/(?!\/)/.test(src) || /^data:image\//.test(src)) return [];
    const url = URL.parse(src);
    if (url?.protocol !== "https:")
      throw new Error("theme.logo: must be a path, an https address or a data:image/ URL");
    return [url.origin];
  });
  return [...new Set(origins)];
}
