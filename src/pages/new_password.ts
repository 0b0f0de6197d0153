import { cleanText, foreign } from "./foreign.ts";
import { form, note, passwordField } from "./form.ts";
import { html } from "./html.ts";
import { sheet } from "./layout.ts";
import { fill } from "./texts.ts";
import type { FormTarget, Page, View } from "./view.ts";

export interface NewPasswordProps {
  /** With `csrf`, and the proof. */
  readonly form: FormTarget;
  readonly username: string;
  readonly problem: "missing" | "short" | "long" | "common" | "busy" | null;
}

/** A new password, without the old one. Field: new_password. */
export function newPasswordPage(
  { form: target, username, problem }: NewPasswordProps,
  view: View,
): Page {
  const { texts } = view.language;
  const wrong = problem !== null && problem !== "busy" && texts[`error_password_${problem}`];
  const body = sheet(
    {
      who: html`<h1>${texts.new_password_heading}</h1>
<p class="lead">${fill(texts.new_password_lead, { username: html`<strong class="any">${foreign(username)}</strong>` })}</p>`,
      do: html`${problem === "busy" && note("problem", texts.busy)}
${form(
  target,
  html`<input type="text" name="username" value="${cleanText(username, 320)}" autocomplete="username" hidden>
${passwordField(view, {
  name: "new_password",
  label: texts.new_password_label,
  autocomplete: "new-password",
  hint: texts.password_hint,
  error: wrong,
  focus: true,
  least: 10,
})}
<button class="main">${texts.new_password_button}</button>`,
)}`,
    },
    view,
  );
  return { title: texts.new_password_heading, body };
}
