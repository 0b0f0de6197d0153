/** Printly's front page: what it does, and the way in. */

import { type Html, html } from "../../../src/pages/html.ts";
import type { User } from "../../../src/sdk/client/web/web.ts";
import { shop_window } from "../../pictures/catalogue.ts";
import { type Picture, pictureOf } from "../../pictures/pictures.ts";
import { connectLink, framed, hostOf, noticeBox, type Places } from "./frame.ts";

const prints = shop_window.map(pictureOf);

/** The print with this id, or null when it is not in the shop window. */
export const windowPicture = (id: string): Picture | null =>
  prints.find((picture) => picture.id === id) ?? null;

export interface FrontProps {
  places: Places;
  user: User | null;
  /** The event to tell about; null, or unknown: there is none. */
  notice: string | null;
  /** For developers. */
  detail?: string;
}

export function frontPage(
  { places, user, notice, detail = "" }: FrontProps,
  status = 200,
): Response {
  const server = hostOf(places.issuer);
  const begin = user
    ? html`<p><a class="main" href="/photos">Go to your photos</a></p>`
    : html`${connectLink("Print your Snaps photos")}
<p class="aside">You sign in at <b>${server}</b>, not here. Printly never sees your password.</p>`;
  const body = html`${noticeOf(notice, detail)}
<div class="hero">
<div class="pitch">
<h1>Photos belong on paper.</h1>
<p class="lead">Choose some from Snaps. We put them on good paper, and forget them afterwards.</p>
${begin}
</div>
<div class="table" aria-hidden="true">${prints.map(print)}</div>
</div>
<ol class="steps">
<li><h2>Allow</h2><p>You are asked first, and see just what Printly would get. Untick what you would rather keep.</p></li>
<li><h2>Choose</h2><p>Your photos stay at Snaps. Printly looks at them with a key that opens nothing else.</p></li>
<li><h2>Print</h2><p>On cotton, silk or baryta. Take the key back whenever you like: it stops within seconds.</p></li>
</ol>`;
  return framed(
    { title: "Printly: photos belong on paper", body, places, user, kind: "front" },
    status,
  );
}

const print = ({ id, shape, width, height }: Picture, index: number): Html =>
  html`<span class="sheet ${shape} p${index + 1}"><img src="/window/${id}.svg" alt="" width="${width}" height="${height}"></span>`;

function noticeOf(notice: string | null, detail: string): Html | null {
  switch (notice) {
    case "access_denied":
      return noticeBox(
        "You did not allow it, and that is fine.",
        "Printly has seen nothing. The button is still here, should you change your mind.",
      );
    case "stale":
      return noticeBox(
        "That sign-in is over.",
        "The link was used before, or Printly was restarted meanwhile. Start again: it takes a moment.",
      );
    case "withdrawn":
      return noticeBox(
        "Printly may no longer see your photos.",
        html`The permission was taken back, or has ended, so Printly has forgotten them. Connect again whenever you like, or <a href="/walkthrough#latest">see how Snaps said no</a>.`,
      );
    case "not_connected":
      return noticeBox(
        "Printly is not connected to your photos.",
        "Not yet, or not any more: it was a while ago, Printly was restarted, or the permission has ended. Connect whenever you like.",
      );
    case "disconnected":
      return noticeBox("Disconnected.", "Printly has forgotten your photos, and its key to them.");
    case "refused":
      return noticeBox(
        "That did not work.",
        html`The answer was <code>${detail}</code>. Nothing was shared; try once more.`,
      );
    default:
      return null;
  }
}
