import {
  type AccountErrors,
  type AccountValues,
  accountErrors,
  accountFields,
} from "./account_fields.ts";
import { form, note } from "./form.ts";
import { html } from "./html.ts";
import { sheet } from "./layout.ts";
import { fill } from "./texts.ts";
import type { FormTarget, Page, View } from "./view.ts";

export interface SetupProps {
  /** `/setup` with `csrf` and what proves the one-time link. */
  readonly form: FormTarget;
  readonly values: AccountValues;
  readonly errors: AccountErrors;
  readonly problem?: "busy" | "form_expired" | null;
}

/** The first administrator, by the link that the first start prints. Fields: username, name, email, password. */
export function setupPage(props: SetupProps, view: View): Page {
  const { texts } = view.language;
  const product = view.theme.product_name;
  const body = sheet(
    {
      who: html`<h1>${fill(texts.setup_heading, { product })}</h1>
<p class="lead">${texts.setup_lead}</p>`,
      do: html`${props.problem ? note("problem", texts[props.problem]) : accountErrors(props.errors, view)}
${form(
  props.form,
  html`${accountFields(props.values, props.errors, view)}
<button class="main">${texts.setup_button}</button>`,
)}`,
    },
    view,
  );
  return { title: texts.setup_title, body };
}
