import { appName } from "./app.ts";
import { foreign, webAddress } from "./foreign.ts";
import { type Content, type Html, html } from "./html.ts";
import { column } from "./layout.ts";
import { nameWithLogin } from "./person.ts";
import { fill } from "./texts.ts";
import type { Page, Person, View } from "./view.ts";

export interface SignedOutProps {
  /** Names of the apps that are signed out too. */
  readonly apps: readonly string[];
  /** The accounts that are still signed in in this browser. */
  readonly still: readonly Person[];
  /** The app that the person came from, and its registered address for after the sign-out. */
  readonly back: { readonly name: string; readonly href: string } | null;
}

/** Confirms the sign-out, and lists the apps that are signed out too. */
export function signedOutPage(props: SignedOutProps, view: View): Page {
  const { texts } = view.language;
  const body = column(
    view,
    html`${
      props.still.length > 0
        ? stillSignedIn(props.still, view)
        : html`<h1>${texts.signed_out_heading}</h1>
<p>${texts.signed_out_lead}</p>`
    }
${
  props.apps.length > 0 &&
  html`<div><p>${texts.signed_out_apps}</p><ul class="plain">${props.apps.map((name) => html`<li>${foreign(name)}</li>`)}</ul></div>`
}
${wayOn(props, view)}`,
  );
  return { title: texts.signed_out_title, body };
}

function stillSignedIn(still: readonly Person[], { language: { texts } }: View): Html {
  return html`<h1>${texts.signed_out_one_heading}</h1>
<p>${texts.signed_out_one_lead}</p>
<div><p>${texts.still_signed_in}</p><ul class="plain">${still.map(
    (each) => html`<li>${nameWithLogin(each)}</li>`,
  )}</ul></div>`;
}

function wayOn({ back, still }: SignedOutProps, view: View): Content {
  const { texts } = view.language;
  const href = back && webAddress(back.href);
  const again =
    still.length > 0
      ? html`<a class="button" href="${view.paths.selectAccount("connected_apps")}">${texts.choose_account}</a>`
      : html`<a class="button" href="${view.paths.sign_in}">${texts.sign_in_again_link}</a>`;
  if (!back || href === null) return html`<p class="actions">${again}</p>`;
  return html`<p class="actions"><a class="button main" href="${href}">${fill(texts.back_to_app, { app: appName(back, view) })}</a>
${again}</p>`;
}
