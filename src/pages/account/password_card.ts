import { firstError, form, passwordField } from "../form.ts";
import { attributes, type Html, html } from "../html.ts";
import { icons } from "../icons.ts";
import type { View } from "../view.ts";
import { type AccountFrame, card, intent } from "./shell.ts";

export interface PasswordErrors {
  readonly current_password?: "missing" | "wrong";
  readonly new_password?: "missing" | "short" | "long" | "common";
}

export interface PasswordCardProps {
  readonly frame: AccountFrame;
  /** False where people are kept elsewhere and their password can't be changed here. */
  readonly can_change_password: boolean;
  readonly errors: PasswordErrors;
  /** Whether a try to change it has failed. */
  readonly failed: boolean;
}

/** Posts `intent` change_password: current_password, new_password, and `revoke=yes` if ticked. */
export function passwordCard(props: PasswordCardProps, view: View): Html {
  const { texts } = view.language;
  const heading = texts.password_section;
  if (!props.can_change_password)
    return card({ id: "password-card", heading, hint: texts.password_elsewhere });
  return folded(props, view);
}

/** Folded, so that no password manager fills in a form that nobody asked for. */
function folded(props: PasswordCardProps, view: View): Html {
  const { texts } = view.language;
  const open = Object.keys(props.errors).length > 0 || props.failed;
  return html`<details class="card"${attributes({ open })}><summary class="row"><span class="words"><strong>${texts.password_section}</strong><small>${texts.change_password_ends}</small></span>${icons.go}</summary>
${passwordForm(props, view)}</details>`;
}

function passwordForm({ frame, errors }: PasswordCardProps, view: View): Html {
  const { texts } = view.language;
  const first = firstError(["current_password", "new_password"], errors);
  return form(
    intent(frame, view.paths.security, { intent: "change_password" }),
    html`<input type="text" name="username" value="${frame.person.username}" autocomplete="username" hidden>
${passwordField(view, {
  name: "current_password",
  label: texts.current_password_label,
  autocomplete: "current-password",
  error: errors.current_password && texts[`error_current_${errors.current_password}`],
  focus: first === "current_password",
})}
${passwordField(view, {
  name: "new_password",
  label: texts.new_password_label,
  autocomplete: "new-password",
  hint: texts.password_hint,
  error: errors.new_password && texts[`error_password_${errors.new_password}`],
  focus: first === "new_password",
  least: 10,
})}
<label class="tick"><input type="checkbox" name="revoke" value="yes" aria-describedby="revoke-hint"><span class="words">${texts.disconnect_label}<small id="revoke-hint">${texts.disconnect_hint}</small></span></label>
<p class="acts"><button class="main">${texts.change_password_button}</button></p>`,
  );
}
