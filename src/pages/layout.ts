/** The frame of a page that stands alone: the product's name or logo, and one narrow column. */
import { attributes, type Content, type Html, html } from "./html.ts";
import type { View } from "./view.ts";

/** One column in the upper third of the window; on a phone it fills the width. */
export function column(view: View, content: Content): Html {
  return html`<div class="page">
<header class="brand">${brand(view)}</header>
<main class="panel">
${content}
</main>
</div>`;
}

/** The logo, or the product's name where there is none. */
export function brand({ theme }: View): Html {
  const { logo, product_name } = theme;
  if (!logo) return html`<span class="wordmark">${product_name}</span>`;
  const dark =
    logo.src_dark !== undefined &&
    html`<source srcset="${logo.src_dark}" media="(prefers-color-scheme: dark)">`;
  return html`<picture>${dark}<img class="logo"${attributes({ src: logo.src, alt: logo.alt })}></picture>`;
}
