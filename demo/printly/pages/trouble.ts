/** Pages for failures and for addresses at which there is nothing to see. */
import { type Html, html } from "../../../src/pages/html.ts";
import type { Connection } from "../session.ts";
import { framed, hostOf, type Places } from "./frame.ts";

interface PlainProps<Kind> {
  places: Places;
  connection: Connection | null;
  kind: Kind;
}

export function troublePage(props: PlainProps<"server_down" | "snaps_down">): Response {
  const { places, connection, kind } = props;
  const [who, url] =
    kind === "server_down" ? ["The sign-in server", places.issuer] : ["Snaps", places.snaps_url];
  const body = html`<div class="plain">
<h1>${who} is not answering.</h1>
<p class="lead">Nothing is lost, and you did nothing wrong. Printly asked at <code>${hostOf(url)}</code> and heard nothing; try again in a moment.</p>
${wayBack(connection)}
</div>`;
  return framed({ title: "Not answering", body, places, connection }, 502);
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

export function blankPage(props: PlainProps<keyof typeof BLANK>): Response {
  const { places, connection, kind } = props;
  const { status, title, heading, text } = BLANK[kind];
  const body = html`<div class="plain">
<h1>${heading}</h1>
<p class="lead">${text}</p>
${wayBack(connection)}
</div>`;
  return framed({ title, body, places, connection }, status);
}

const wayBack = (connection: Connection | null): Html =>
  connection
    ? html`<p><a class="main" href="/photos">Go to your photos</a></p>`
    : html`<p><a class="main" href="/">Back to the start</a></p>`;
