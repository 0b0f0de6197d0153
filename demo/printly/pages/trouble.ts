/** Pages for failures and for addresses at which there is nothing to see. */
import { type Html, html } from "../../../src/pages/html.ts";
import type { User } from "../../../src/sdk/client/web/web.ts";
import { framed, hostOf, type Places } from "./frame.ts";

interface PlainProps {
  places: Places;
  user: User | null;
}

/** @param who does not answer */
export function troublePage(props: PlainProps & { who: "server" | "snaps" }): Response {
  const { places, user } = props;
  const [who, url] =
    props.who === "server" ? ["The sign‑in server", places.issuer] : ["Snaps", places.snaps_url];
  const body = html`<div class="plain">
<h1>${who} is not answering.</h1>
<p class="lead">Nothing is lost, and you did nothing wrong. Printly asked at <code>${hostOf(url)}</code> and heard nothing; try again in a moment.</p>
${wayBack(user)}
</div>`;
  return framed({ title: "Not answering", body, places, user }, 502);
}

const BLANK = {
  missing: {
    status: 404,
    title: "Not found",
    heading: "This sheet is blank.",
    text: "There is no page at this address.",
  },
  method: {
    status: 405,
    title: "Nothing to see",
    heading: "This sheet is blank.",
    text: "A button of another page leads here. The address alone does nothing.",
  },
  foreign_form: {
    status: 403,
    title: "Nothing was done",
    heading: "Nothing was done.",
    text: "This form came from another site, and Printly only takes its own.",
  },
} as const;

export function blankPage(props: PlainProps & { kind: keyof typeof BLANK }): Response {
  const { places, user, kind } = props;
  const { status, title, heading, text } = BLANK[kind];
  const body = html`<div class="plain">
<h1>${heading}</h1>
<p class="lead">${text}</p>
${wayBack(user)}
</div>`;
  return framed({ title, body, places, user }, status);
}

const wayBack = (user: User | null): Html =>
  user
    ? html`<p><a class="main" href="/photos">Go to your photos</a></p>`
    : html`<p><a class="main" href="/">Back to the start</a></p>`;
