/** Pages for failures, and for empty albums. */
import { html } from "../../../src/pages/html.ts";
import { framed, hostOf, type Places } from "./frame.ts";

export interface TroubleProps {
  places: Places;
  kind: "server_down" | "snaps_down";
}

export function troublePage({ places, kind }: TroubleProps): Response {
  const [who, url] =
    kind === "server_down" ? ["The sign-in server", places.issuer] : ["Snaps", places.snaps_url];
  const body = html`<div class="plain">
<h1>${who} is not answering.</h1>
<p class="lead">Nothing is lost, and it is not your doing. Printly asked at <code>${hostOf(url)}</code> and heard nothing; try again in a moment.</p>
<p><a class="main" href="/">Back to the start</a></p>
</div>`;
  return framed({ title: "Not answering", body, places, connection: null }, 502);
}

export function missingPage(places: Places): Response {
  const body = html`<div class="plain">
<h1>This sheet is blank.</h1>
<p class="lead">There is no page at this address.</p>
<p><a class="main" href="/">Back to the start</a></p>
</div>`;
  return framed({ title: "Not found", body, places, connection: null }, 404);
}
