/** The person's photos, to choose from. */

import { attributes, type Html, html } from "../../../src/pages/html.ts";
import type { User } from "../../../src/sdk/client/web/web.ts";
import { PAPERS, SIZES } from "../shop.ts";
import type { Photo } from "../snaps_client.ts";
import { askAgainLink, framed, noticeBox, type Places } from "./frame.ts";

export interface PhotosProps {
  places: Places;
  user: User;
  /** Null: Printly may not see them. */
  photos: readonly Photo[] | null;
  /** The event to tell about; null, or unknown: there is none. */
  notice: string | null;
}

export function photosPage({ places, user, photos, notice }: PhotosProps): Response {
  const body = html`${notice === "nothing_chosen" && noticeBox("Nothing chosen yet.", "Tick at least one photo, then print.")}${notice === "access_denied" && noticeBox("You did not allow more, and that is fine.", "Nothing has changed.")}
${photos ? chooser(user, photos) : notAllowed()}`;
  return framed({ title: "Your photos", body, places, user, here: "photos", kind: "photos" });
}

function notAllowed(): Html {
  return html`<div class="plain">
<h1>No photos, by your choice.</h1>
<p class="lead">You let Printly know who you are, and did not let it see your photos. So here are none.</p>
${askAgainLink()}
</div>`;
}

function chooser({ name }: User, photos: readonly Photo[]): Html {
  const first = name?.split(" ")[0];
  return html`<form class="choose" method="post" action="/orders">
<div class="album">
<h1>${first === undefined ? "Which ones?" : `Which ones, ${first}?`}</h1>
<p class="lead">${photos.length} photos, straight from Snaps. Tick those that deserve paper.</p>
<ul class="contact">
${photos.map(photo)}
</ul>
</div>
<div class="counter">
<fieldset>
<legend>Size</legend>
${SIZES.map(({ id, label }, i) => radio("size", id, label, null, i === 0))}
</fieldset>
<fieldset>
<legend>Paper</legend>
${PAPERS.map(({ id, label, what }, i) => radio("paper", id, label, what, i === 0))}
</fieldset>
<p class="go"><button class="main">Print the chosen photos<span class="count"></span></button></p>
</div>
</form>`;
}

function photo({ id, title, alt, shape, width, height, taken, notes }: Photo): Html {
  return html`<li class="${shape}"><label>
<input type="checkbox" name="photo" value="${id}">
<span class="paper"><img src="/pictures/${id}.svg" alt="${alt}" width="${width}" height="${height}"></span>
<span class="caption"><b>${title}</b><small>${dateOf(taken)}${notes.length > 0 && " · printed before"}</small></span>
</label></li>
`;
}

function radio(name: string, id: string, label: string, what: string | null, on: boolean): Html {
  return html`<label class="option"><input${attributes({ type: "radio", name, value: id, checked: on })}><span>${label}${what !== null && html` <small>${what}</small>`}</span></label>
`;
}

function dateOf(day: string): string {
  const date = new Date(day);
  if (Number.isNaN(date.getTime())) return "";
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "long", timeZone: "UTC" });
}
