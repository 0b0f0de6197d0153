import { appName } from "./app.ts";
import { form } from "./form.ts";
import { html } from "./html.ts";
import { column } from "./layout.ts";
import { fill } from "./texts.ts";
import type { FormTarget, Page, View } from "./view.ts";

export interface SignOutProps {
  /** `/sign-out` with `csrf`, and the parameters of the app's request. */
  readonly form: FormTarget;
  /** The app that asks for it; null when the person does. */
  readonly app: { readonly name: string } | null;
  /** The way out without signing out; left out: the account. */
  readonly stay_href?: string;
  /** Whether the answer may lead to another site: the app's address for after the sign-out. */
  readonly leaves_site: boolean;
}

/** Asks before signing out, since a stranger's page could have led here. */
export function signOutPage(props: SignOutProps, view: View): Page {
  const { texts } = view.language;
  const body = column(
    view,
    html`<h1>${texts.sign_out_heading}</h1>
${props.app && html`<p>${fill(texts.sign_out_for_app, { app: appName(props.app, view) })}</p>`}
<p>${fill(texts.sign_out_lead, { product: view.theme.product_name })}</p>
${form(
  props.form,
  html`<div class="choice">
<a class="button" href="${props.stay_href ?? view.paths.connected_apps}">${texts.stay_signed_in}</a>
<button class="main">${texts.sign_out_button}</button>
</div>`,
)}`,
  );
  return {
    title: texts.sign_out_title,
    body,
    form_action: props.leaves_site ? ["'self'", "https:", "http:"] : ["'self'"],
  };
}
