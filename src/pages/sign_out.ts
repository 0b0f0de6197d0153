import { type AppIdentity, appName } from "./app.ts";
import { form } from "./form.ts";
import { type Html, html } from "./html.ts";
import { asker, sheet } from "./layout.ts";
import { nameWithLogin } from "./person.ts";
import { fill } from "./texts.ts";
import type { FormTarget, Page, Person, View } from "./view.ts";

export interface SignOutProps {
  /** `/sign-out` with `csrf`, and the parameters of the app's request. */
  readonly form: FormTarget;
  /** The app that asks for it; null when the person does. */
  readonly app: AppIdentity | null;
  /** The account in question, and the number of accounts; null when only one is signed in. */
  readonly several: { readonly account: Person; readonly count: number } | null;
  /** The way out without signing out; left out: the account. */
  readonly stay_href?: string;
  /** The app's address for after the sign-out; null: the answer stays on this server. */
  readonly leads_to: string | null;
}

/** Asks before signing out, since a stranger's page could have led here. Posts `which`: one account, or all. */
export function signOutPage(props: SignOutProps, view: View): Page {
  const { texts } = view.language;
  const stay = html`<a class="button" href="${props.stay_href ?? view.paths.connected_apps}">${texts.stay_signed_in}</a>`;
  const body = sheet(
    {
      who: html`${asker(props.app, texts.sign_out_heading, view)}
${props.app && html`<p>${fill(texts.sign_out_for_app, { app: appName(props.app, view) })}</p>`}`,
      do: html`${form(props.form, props.several ? oneOrAll(props.several, stay, view) : yesOrNo(stay, view))}`,
    },
    view,
  );
  return {
    title: texts.sign_out_title,
    body,
    form_action: formAction(props.leads_to),
  };
}

// Chromium applies form-action to the redirects after a form post, too, and the app's address may redirect once more.
const formAction = (leads_to: string | null): string[] =>
  leads_to === null
    ? ["'self'"]
    : [...new Set(["'self'", "https:", "http:", new URL(leads_to).protocol])];

function yesOrNo(stay: Html, { language: { texts }, theme }: View): Html {
  return html`<p>${fill(texts.sign_out_lead, { product: theme.product_name })}</p>
<div class="pair">
${stay}
<button class="main" name="which" value="one">${texts.sign_out_button}</button>
</div>`;
}

function oneOrAll(
  { account, count }: NonNullable<SignOutProps["several"]>,
  stay: Html,
  { language: { texts } }: View,
): Html {
  const person = nameWithLogin(account);
  return html`<p>${fill(texts.sign_out_several, { count: String(count) })}</p>
<div class="pile">
<button class="main" name="which" value="one"><span>${fill(texts.sign_out_one, { person })}</span></button>
<button name="which" value="all">${texts.sign_out_all}</button>
${stay}
</div>`;
}
