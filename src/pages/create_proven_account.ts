import { accountErrors, provenAccountFields } from "./account_fields.ts";
import { appName } from "./app.ts";
import { type CreateAccountProps, problemNote } from "./create_account.ts";
import { agreement } from "./foot.ts";
import { form } from "./form.ts";
import { type Html, html } from "./html.ts";
import { asker, sheet } from "./layout.ts";
import { fill } from "./texts.ts";
import type { Page, View } from "./view.ts";

/** An account for a proven address, which is `values.email` and stays as it is. Fields: username, name, password. */
export function createProvenAccountPage(props: CreateAccountProps, view: View): Page {
  const { texts } = view.language;
  const { app, values, errors } = props;
  const heading = app
    ? fill(texts.create_account_for_app, { app: appName(app, view) })
    : texts.create_account_heading;
  const body = sheet(
    {
      who: html`${asker(app, heading, view)}
<p class="lead">${fill(texts.proven_address, { address: shown(values.email) })}</p>`,
      do: html`${problemNote(props, view) ?? accountErrors(errors, view)}
${form(
  props.form,
  html`${provenAccountFields(values, errors, view)}
<button class="main">${texts.create_account_button}</button>`,
)}
${agreement(view)}
<p class="hint">${texts.have_account} <a href="${props.sign_in_href}">${texts.sign_in_button}</a></p>`,
    },
    view,
  );
  return { title: texts.create_account_title, body };
}

export interface AddressTakenProps {
  readonly address: string;
  readonly sign_in_href: string;
  /** Null: nobody sets a password by mail. */
  readonly reset_href: string | null;
}

/** The address got an account after it was proved. */
export function addressTakenPage(props: AddressTakenProps, view: View): Page {
  const { texts } = view.language;
  const { address, sign_in_href, reset_href } = props;
  const body = sheet(
    {
      who: html`<h1>${texts.address_taken_heading}</h1>
<p class="lead">${fill(texts.address_taken, { address: shown(address) })}</p>`,
      do: html`<p class="acts"><a class="button" href="${sign_in_href}">${texts.sign_in_button}</a></p>
${reset_href !== null && html`<p class="hint"><a href="${reset_href}">${texts.address_taken_reset}</a></p>`}`,
    },
    view,
  );
  return { title: texts.address_taken_heading, body };
}

const shown = (address: string): Html =>
  html`<strong class="any"><bdi dir="ltr">${address}</bdi></strong>`;
