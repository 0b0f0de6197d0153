/** The frame around every page of Printly. */

import { type Content, type Html, html, trusted } from "../../../src/pages/html.ts";
import type { User } from "../../../src/sdk/client/web/web.ts";
import { type DemoPage, documentResponse } from "../../document.ts";
import { mark, style } from "./style.ts";

/** Origins of the three sites of the demo, without a slash at the end. */
export interface Places {
  issuer: string;
  snaps_url: string;
}

export interface FramedPage extends DemoPage {
  places: Places;
  user: User | null;
  /** The page of the header's navigation that this is. */
  here?: "photos" | "walkthrough";
  /** Beyond Printly's own. */
  more_style?: string;
}

/** The only script of Printly: shows the buttons that are of no use without one. */
const script = `for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}`;

export function framed(page: FramedPage, status = 200): Response {
  const { places, user, here, body, more_style = "" } = page;
  const link = (href: string, text: string, name: string): Html =>
    html`<a href="${href}"${here === name && trusted(' aria-current="page"')}>${text}</a>`;
  const framed_body = html`<header class="head">
<a class="mark" href="/">${trusted(mark)}<span>Printly</span></a>
<nav aria-label="Printly">${user && link("/photos", "Your photos", "photos")}${link("/walkthrough", "Walkthrough", "walkthrough")}<a href="${places.snaps_url}/">Snaps</a></nav>
${user && who(user)}
</header>
<main>
${body}
</main>
<footer class="foot"><p>Printly is part of the Valetkey demo and prints nothing by post.${here !== "walkthrough" && html` <a href="/walkthrough">See what the three sites said to each other</a>`}</p></footer>`;
  return documentResponse(
    { ...page, body: framed_body },
    {
      site: "Printly",
      style: style + more_style,
      script,
      icon: mark,
      colours: ["#f5eee1", "#1b1714"],
    },
    status,
  );
}

function who({ name }: User): Html {
  return html`<form class="who" method="post" action="/disconnect">${name !== undefined && html`<span>${name}</span>`}<button class="quiet">Disconnect</button></form>`;
}

/** The link that everything begins with. The SDK answers it, and leads to the photos afterwards. */
export const connectLink = (label: string): Html =>
  html`<p><a class="main" href="/auth/login?return_to=/photos">${label}</a></p>`;

/** Asks for what was refused before, as well. */
export const askAgainLink = (): Html =>
  html`<p><a class="main" href="/ask-again">Ask me again</a></p>`;

/** Something to know, above the rest of the page. */
export function noticeBox(heading: string, text: Content): Html {
  return html`<div class="notice" role="status"><p><strong>${heading}</strong> ${text}</p></div>`;
}

export const hostOf = (url: string): string => new URL(url).host;
