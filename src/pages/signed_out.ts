import { type AppIdentity, appName } from "./app.ts";
import { webAddress } from "./foreign.ts";
import { type Content, type Html, html } from "./html.ts";
import { asker, sheet } from "./layout.ts";
import { nameWithLogin } from "./person.ts";
import { fill } from "./texts.ts";
import type { Page, Person, View } from "./view.ts";

export interface SignedOutProps {
  /** Names of the apps that are signed out too. */
  readonly apps: readonly string[];
  /** The accounts that are still signed in in this browser. */
  readonly still: readonly Person[];
  /** The app that the person came from, and its registered address for after the sign-out. */
  readonly back: (AppIdentity & { readonly href: string }) | null;
}

/** Confirms the sign-out, and lists the apps that are signed out too. */
export function signedOutPage(props: SignedOutProps, view: View): Page {
  const { texts } = view.language;
  const { still, apps, back } = props;
  const heading = still.length > 0 ? texts.signed_out_one_heading : texts.signed_out_heading;
  const out = html`<p>${still.length > 0 ? texts.signed_out_one_lead : texts.signed_out_lead}</p>`;
  const body = sheet(
    {
      who: asker(back, heading, view),
      do: html`${out}
${still.length > 0 && list(texts.still_signed_in, still.map(nameWithLogin))}
${
  apps.length > 0 &&
  list(
    texts.signed_out_apps,
    apps.map((name) => appName({ name }, view)),
  )
}
${wayOn(props, view)}`,
    },
    view,
  );
  return { title: texts.signed_out_title, body };
}

const list = (lead: string, names: readonly Html[]): Html =>
  html`<div><p>${lead}</p><ul role="list">${names.map((name) => html`<li>${name}</li>`)}</ul></div>`;

function wayOn({ back, still }: SignedOutProps, view: View): Content {
  const { texts } = view.language;
  const href = back && webAddress(back.href);
  const again =
    still.length > 0
      ? html`<a class="button" href="${view.paths.selectAccount("connected_apps")}">${texts.choose_account}</a>`
      : html`<a class="button" href="${view.paths.sign_in}">${texts.sign_in_again_link}</a>`;
  if (!back || href === null) return html`<p class="acts">${again}</p>`;
  return html`<p class="acts"><a class="button main" href="${href}"><span>${fill(texts.back_to_app, { app: appName(back, view) })}</span></a>
${again}</p>`;
}
