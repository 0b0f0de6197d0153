import {
  type AccountErrors,
  type AccountValues,
  accountErrors,
  accountFields,
} from "./account_fields.ts";
import { type AppIdentity, appName } from "./app.ts";
import { duration } from "./dates.ts";
import { agreement } from "./foot.ts";
import { form, note } from "./form.ts";
import { type Content, html } from "./html.ts";
import { asker, sheet } from "./layout.ts";
import { fill } from "./texts.ts";
import type { FormTarget, Page, View } from "./view.ts";

export type { AccountErrors, AccountValues };

export interface CreateAccountProps {
  /** `/sign-up` with `csrf`, and `continue` where a request is in progress. */
  readonly form: FormTarget;
  readonly app: AppIdentity | null;
  readonly values: AccountValues;
  /** Per field; empty at first. */
  readonly errors: AccountErrors;
  readonly problem?:
    | { readonly kind: "busy" | "form_expired" }
    | { readonly kind: "throttled"; readonly seconds: number }
    | null;
  readonly sign_in_href: string;
}

/** A new account: username and password, the rest if the person likes. Fields: username, name, email, password. */
export function createAccountPage(props: CreateAccountProps, view: View): Page {
  const { texts } = view.language;
  const { app } = props;
  const heading = app
    ? fill(texts.create_account_for_app, { app: appName(app, view) })
    : texts.create_account_heading;
  const body = sheet(
    {
      who: asker(app, heading, view),
      do: html`${problemNote(props, view) ?? accountErrors(props.errors, view)}
${form(
  props.form,
  html`${accountFields(props.values, props.errors, view)}
<button class="main">${texts.create_account_button}</button>`,
)}
${agreement(view)}
<p class="hint">${texts.have_account} <a href="${props.sign_in_href}">${texts.sign_in_button}</a></p>`,
    },
    view,
  );
  return { title: texts.create_account_title, body };
}

export function problemNote({ problem }: Pick<CreateAccountProps, "problem">, view: View): Content {
  const { texts } = view.language;
  if (!problem) return null;
  if (problem.kind === "throttled")
    return note("problem", fill(texts.throttled, { time: duration(problem.seconds, view) }));
  return note("problem", texts[problem.kind]);
}
