import { form } from "./form.ts";
import { type Html, html } from "./html.ts";
import { sheet } from "./layout.ts";
import { type SignInHelp, signInHelp } from "./sign_in_help.ts";
import type { FormTarget, Page, View } from "./view.ts";

export interface UndoProps {
  /** `expired`: the link has ended or was used. */
  readonly state: "asks" | "done" | "expired";
  /** What the notice told; null: not known. */
  readonly what:
    | ("password_changed" | "password_reset" | "new_browser" | "recovery_codes_renewed")
    | "email_changed"
    | ("passkey_added" | "passkey_removed" | "app_code_added" | "app_code_removed")
    | null;
  /** `/undo` with `csrf` and `link`. */
  readonly form: FormTarget;
  /** Where a new password is set; null: nowhere. */
  readonly reset_href: string | null;
  readonly help: SignInHelp | null;
}

/** A person says that a change was not theirs. */
export function undoPage(props: UndoProps, view: View): Page {
  const { texts } = view.language;
  const heading = texts[`undo_heading_${props.state}`];
  const body = sheet({ who: html`<h1>${heading}</h1>`, do: bodyOf(props, view) }, view);
  return { title: heading, body };
}

function bodyOf({ state, what, form: target, reset_href, help }: UndoProps, view: View): Html {
  const { texts } = view.language;
  const on = html`${
    reset_href !== null &&
    html`<p class="acts"><a class="button main" href="${reset_href}">${texts.undo_reset}</a></p>`
  }
${signInHelp(help, view)}`;
  if (state === "expired")
    return html`<p>${texts.undo_expired}</p>
${on}`;
  if (state === "done")
    return html`<p>${texts.undo_done}</p>
<p>${texts.undo_next}</p>
${on}`;
  const added = what === "passkey_added" || what === "app_code_added";
  return html`<p>${added ? texts.undo_asks_added : texts.undo_asks}</p>
${form(target, html`<button class="main">${texts.undo_button}</button>`)}
<p class="hint">${texts.undo_was_you}</p>`;
}
