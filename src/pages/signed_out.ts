import { appName } from "./app.ts";
import { foreign, webAddress } from "./foreign.ts";
import { type Content, html } from "./html.ts";
import { column } from "./layout.ts";
import { fill } from "./texts.ts";
import type { Page, View } from "./view.ts";

export interface SignedOutProps {
  /** Names of the apps that are signed out too. */
  readonly apps: readonly string[];
  /** The app that the person came from, and its registered address for after the sign-out. */
  readonly back: { readonly name: string; readonly href: string } | null;
}

/** Confirms the sign-out, and lists the apps that are signed out too. */
export function signedOutPage(props: SignedOutProps, view: View): Page {
  const { texts } = view.language;
  const body = column(
    view,
    html`<h1>${texts.signed_out_heading}</h1>
<p>${texts.signed_out_lead}</p>
${
  props.apps.length > 0 &&
  html`<div><p>${texts.signed_out_apps}</p><ul class="plain">${props.apps.map((name) => html`<li>${foreign(name)}</li>`)}</ul></div>`
}
${wayOn(props, view)}`,
  );
  return { title: texts.signed_out_title, body };
}

function wayOn({ back }: SignedOutProps, view: View): Content {
  const { texts } = view.language;
  const href = back && webAddress(back.href);
  const again = html`<a class="button" href="${view.paths.sign_in}">${texts.sign_in_again_link}</a>`;
  if (!back || href === null) return html`<p class="actions">${again}</p>`;
  return html`<p class="actions"><a class="button main" href="${href}">${fill(texts.back_to_app, { app: appName(back, view) })}</a>
${again}</p>`;
}
