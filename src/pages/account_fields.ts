/** The fields of a new account, shared by "create an account" and the first set-up. */
import { errorSummary, field, firstError, passwordField } from "./form.ts";
import { type Content, type Html, html } from "./html.ts";
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

/** What is wrong with each field, in the order of the form. The e-mail address comes first, since people know it by heart. */
function problems(errors: AccountErrors, view: View) {
  const { texts } = view.language;
  return {
    email: errors.email && texts[`error_email_${errors.email}`],
    name: errors.name && texts.error_name_long,
    username: errors.username && texts[`error_username_${errors.username}`],
    password: errors.password && texts[`error_password_${errors.password}`],
  };
}

/** The list of mistakes, with a link to each. */
export function accountErrors(errors: AccountErrors, view: View): Content {
  const { texts } = view.language;
  const wrong = problems(errors, view);
  return errorSummary(
    [
      { name: "email", label: texts.email_label, error: wrong.email },
      { name: "name", label: texts.name_label, error: wrong.name },
      { name: "username", label: texts.username_label, error: wrong.username },
      { name: "password", label: texts.password_label, error: wrong.password },
    ],
    view,
  );
}

export function accountFields(values: AccountValues, errors: AccountErrors, view: View): Html {
  const { texts } = view.language;
  const wrong = problems(errors, view);
  const first = firstError(["email", "name", "username", "password"], errors) ?? "email";
  return html`${field(view, {
    name: "email",
    type: "email",
    label: texts.email_label,
    value: values.email,
    error: wrong.email,
    optional: true,
    focus: first === "email",
    attributes: { autocomplete: "email", inputmode: "email", ...as_typed, maxlength: 254 },
  })}
${fieldsAfterAddress({ values, errors, first }, view)}`;
}

/** The same without the address, which was proved before. */
export function provenAccountFields(
  values: AccountValues,
  errors: AccountErrors,
  view: View,
): Html {
  const first = firstError(["name", "username", "password"], errors) ?? "name";
  return fieldsAfterAddress({ values, errors, first }, view);
}

function fieldsAfterAddress(
  { values, errors, first }: { values: AccountValues; errors: AccountErrors; first: string },
  view: View,
): Html {
  const { texts } = view.language;
  const wrong = problems(errors, view);
  return html`${field(view, {
    name: "name",
    label: texts.name_label,
    value: values.name,
    hint: texts.name_hint,
    error: wrong.name,
    optional: true,
    focus: first === "name",
    attributes: { autocomplete: "name", maxlength: 100 },
  })}
${field(view, {
  name: "username",
  label: texts.username_label,
  value: values.username,
  hint: texts.username_hint,
  error: wrong.username,
  focus: first === "username",
  attributes: { autocomplete: "username", ...as_typed, maxlength: 60 },
})}
${passwordField(view, {
  name: "password",
  label: texts.password_label,
  autocomplete: "new-password",
  hint: texts.password_hint,
  error: wrong.password,
  focus: first === "password",
  least: 10,
})}`;
}
