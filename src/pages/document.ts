/** Turns a page into a document with its Content-Security-Policy. */
import { createHash } from "node:crypto";
import { foot } from "./foot.ts";
import { attributes, html, render, trusted } from "./html.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";
import type { Theme } from "./theme.ts";
import type { Page, View } from "./view.ts";

export interface RenderedDocument {
  readonly html: string;
  /** The value of the `Content-Security-Policy` header. */
  readonly content_security_policy: string;
}

/**
 * A whole document. Its one style and one script are inline and allowed by their hashes; nothing else runs or loads.
 *
 * @example renderDocument(signInPage(props, look), look)
 */
export function renderDocument(page: Page, view: View): RenderedDocument {
  const { language, theme } = view;
  const sheet = stylesheetOf(theme);
  const head = html`<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${page.title} · ${theme.product_name}</title>
<link rel="icon" href="${theme.icon}">
<style>${trusted(sheet.text)}</style>`;
  const document = html`<!doctype html>
<html${attributes({ lang: language.tag, dir: language.dir })}>
<head>
${head}
</head>
<body>
${page.body}
${foot(view, page)}
<script>${trusted(script)}</script>
</body>
</html>
`;
  return {
    html: render(document),
    content_security_policy: policy(page, theme, sheet.hash),
  };
}

interface Stylesheet {
  readonly text: string;
  readonly hash: string;
}

const stylesheets = new WeakMap<Theme, Stylesheet>();

function stylesheetOf(theme: Theme): Stylesheet {
  const known = stylesheets.get(theme);
  if (known) return known;
  const text = `${theme.variables}\n${style}`;
  const sheet = { text, hash: sha256(text) };
  stylesheets.set(theme, sheet);
  return sheet;
}

function policy(page: Page, theme: Theme, style_hash: string): string {
  const images = ["'self'", "data:", ...theme.image_origins];
  return [
    "default-src 'none'",
    `style-src '${style_hash}'`,
    `script-src '${script_hash}'`,
    `img-src ${sources(images)}`,
    `form-action ${sources(page.form_action ?? ["'self'"])}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; ");
}

/** Leaves out sources that could end the directive or the policy, which would be an injection. */
function sources(list: readonly string[]): string {
  return list.filter((source) => /^[a-z0-9:/.'+*[\]-]+$/i.test(source)).join(" ");
}

function sha256(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

const script_hash = sha256(script);
