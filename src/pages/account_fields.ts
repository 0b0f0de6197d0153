/** The fields of a new account, shared by "create an account" and the first set-up. */
import { field, firstError, passwordField } from "./form.ts";
import { type Html, html } from "./html.ts";
import type { View } from "./view.ts";

/** The typed values, without the password. */
export interface AccountValues {
  readonly username: string;
  readonly email: string;
  readonly name: string;
}

export interface AccountErrors {
  readonly username?: "missing" | "invalid" | "taken";
  readonly email?: "invalid" | "taken";
  readonly name?: "long";
  readonly password?: "missing" | "short" | "long" | "common";
}

const as_typed = { autocapitalize: "none", autocorrect: "off", spellcheck: "false" };

export function accountFields(values: AccountValues, errors: AccountErrors, view: View): Html {
  const { texts } = view.language;
  const first = firstError(["username", "email", "name", "password"], errors) ?? "username";
  return html`${field(view, {
    name: "username",
    label: texts.username_label,
    value: values.username,
    hint: texts.username_hint,
    error: errors.username && texts[`error_username_${errors.username}`],
    focus: first === "username",
    attributes: { autocomplete: "username", ...as_typed, maxlength: 60 },
  })}
${field(view, {
  name: "name",
  label: texts.name_label,
  value: values.name,
  hint: texts.name_hint,
  error: errors.name && texts.error_name_long,
  optional: true,
  focus: first === "name",
  attributes: { autocomplete: "name", maxlength: 100 },
})}
${field(view, {
  name: "email",
  type: "email",
  label: texts.email_label,
  value: values.email,
  error: errors.email && texts[`error_email_${errors.email}`],
  optional: true,
  focus: first === "email",
  attributes: { autocomplete: "email", inputmode: "email", ...as_typed, maxlength: 254 },
})}
${passwordField(view, {
  name: "password",
  label: texts.password_label,
  autocomplete: "new-password",
  hint: texts.password_hint,
  error: errors.password && texts[`error_password_${errors.password}`],
  focus: first === "password",
  attributes: { minlength: 10 },
})}`;
}
