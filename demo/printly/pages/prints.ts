/** The prints themselves: laid out on the table, and at their real size on real paper. */

import { type Html, html } from "../../../src/pages/html.ts";
import type { User } from "../../../src/sdk/client/web/web.ts";
import type { Order } from "../orders.ts";
import { labelOf, PAPERS, SIZES } from "../shop.ts";
import type { Photo } from "../snaps_client.ts";
import { askAgainLink, framed, type Places } from "./frame.ts";

export interface PrintsProps {
  places: Places;
  user: User;
  order: Order;
}

export function printsPage({ places, user, order }: PrintsProps): Response {
  const { number, photos, size, paper } = order;
  const body = html`<div class="prints-head">
<h1>${photos.length === 1 ? "There it is." : "There they are."}</h1>
<p class="lead">Fresh from the press. Print this page, and each photo comes out at its real size.</p>
<p class="actions"><button class="main" type="button" data-print hidden>Print this page</button> <a href="/photos">Choose others</a></p>
</div>
<div class="result">
<ul class="sheets size-${size} paper-${paper}">
${photos.map(sheet)}
</ul>
${receipt(order)}
</div>`;
  return framed({ title: `Order ${number}`, body, places, user, kind: "prints" });
}

function sheet({ id, title, alt, shape, width, height }: Photo): Html {
  return html`<li class="${shape}"><figure><span class="paper"><img src="/pictures/${id}.svg" alt="${alt}" width="${width}" height="${height}"></span><figcaption>${title}</figcaption></figure></li>
`;
}

function receipt({ number, placed_at, photos, size, paper, noted }: Order): Html {
  const date = placed_at.toLocaleDateString("en-GB", { dateStyle: "long" });
  const line = (what: string, value: string | number): Html =>
    html`<div><dt>${what}</dt><dd>${value}</dd></div>`;
  return html`<aside class="receipt" aria-label="Receipt">
<h2>Printly</h2>
<p>${date}, order ${number}</p>
<dl>
${photos.map(({ title }) => line(title, "0.00"))}
</dl>
<dl class="sum">
${line("Size", labelOf(SIZES, size))}${line("Paper", labelOf(PAPERS, paper))}${line("Postage", "none, it is a demo")}${line("Total", "0.00")}
</dl>
${noted ? html`<p class="noted">Written on the back at Snaps: “Printed by Printly”. You allowed that.</p>` : notNoted()}
</aside>`;
}

function notNoted(): Html {
  return html`<div class="noted"><p>Nothing was written on the backs at Snaps: you did not allow Printly to change your photos.</p>
${askAgainLink()}</div>`;
}
