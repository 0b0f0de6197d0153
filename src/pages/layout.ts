/** The frame of a page that asks: the plate with mark, name and address, then who asks, then what to do. */
import { type AppIdentity, appHost, appTile } from "./app.ts";
import { initial } from "./foreign.ts";
import { attributes, type Content, type Html, html } from "./html.ts";
import { blankKey, mark } from "./mark.ts";
import type { View } from "./view.ts";

export interface Sheet {
  /** The start side: who asks, and as whom. */
  readonly who: Content;
  /** The end side: what the person does. */
  readonly do: Content;
}

/** One column: who asks, and below it what to do. */
export const sheet = (content: Sheet, view: View): Html =>
  frame(
    html`<div class="who">${content.who}</div>
<div class="do">${content.do}</div>`,
    view,
  );

/** The same inside a frame that its content fills, such as a form with an answer bar. Two columns where there is room. */
export const wideSheet = (content: Content, view: View): Html => frame(content, view, "sheet wide");

function frame(content: Content, view: View, name = "sheet"): Html {
  return html`<div${attributes({ class: name })}>
<header class="plate">${house(view)}<bdi class="at" dir="ltr">${view.host}</bdi></header>
<main>
${content}
</main>
</div>`;
}

/** The operator's logo, or the mark and the product's name. Nothing that an app wrote stands beside it. */
export function house({ theme }: View, href?: string): Html {
  const { logo, product_name } = theme;
  const linked = (content: Content) =>
    href === undefined
      ? html`<span class="house">${content}</span>`
      : html`<a class="house" href="${href}">${content}</a>`;
  if (!logo) return linked([mark, product_name]);
  const dark =
    logo.src_dark !== undefined &&
    html`<source srcset="${logo.src_dark}" media="(prefers-color-scheme: dark)">`;
  return linked(
    html`<picture>${dark}<img class="logo"${attributes({ src: logo.src, alt: logo.alt })}></picture>`,
  );
}

/** The app that the page is about: its picture or letter, the heading, and its host in full. */
export function asker(
  app: AppIdentity | null,
  heading: Content,
  view: View,
  host: Content = app && appHost(app, view),
): Html {
  if (!app) return html`<h1>${heading}</h1>`;
  return html`<div class="asker">${appTile(app, view)}<div><h1>${heading}</h1>
<p class="host any">${host}</p></div></div>`;
}

/** The letter of a person. */
export const face = (name: string): Html =>
  html`<span class="face" aria-hidden="true">${initial(name)}</span>`;

/** A blank key and a sentence about what the app does not get. */
export const promise = (words: Content): Html =>
  html`<p class="promise">${blankKey}<span>${words}</span></p>`;
