import { duration } from "../dates.ts";
import { firstError, form, note, passwordField } from "../form.ts";
import { attributes, type Content, type Html, html } from "../html.ts";
import { icons } from "../icons.ts";
import { fill } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { type SessionView, sessionRow } from "./session_row.ts";
import { type AccountFrame, card, intent, shell } from "./shell.ts";

export interface SecurityProps {
  readonly frame: AccountFrame;
  /** False where people are kept elsewhere and their password can't be changed here. */
  readonly can_change_password: boolean;
  readonly errors: PasswordErrors;
  /** In the order they are to be shown; this browser's own is moved to the top. */
  readonly sessions: readonly SessionView[];
  readonly done?:
    | "password_changed"
    | "password_changed_all"
    | "session_ended"
    | "sessions_ended"
    | null;
  readonly problem?:
    | { readonly kind: "busy" | "form_expired" }
    | { readonly kind: "throttled"; readonly seconds: number }
    | null;
}

export interface PasswordErrors {
  readonly current_password?: "missing" | "wrong";
  readonly new_password?: "missing" | "short" | "long" | "common";
}

/**
 * Password and sessions. Posts `intent` change_password (current_password, new_password, and `revoke=yes` if ticked),
 * end_session (session) or end_other_sessions.
 */
export function securityPage(props: SecurityProps, view: View): Page {
  const { texts } = view.language;
  const content = html`<h1>${texts.security}</h1>
${props.done && note("done", texts[props.done])}
${problemNote(props, view)}
${sessionCard(props, view)}
${
  props.can_change_password
    ? passwordCard(props, view)
    : card({ id: "password-card", heading: texts.password_section, hint: texts.password_elsewhere })
}`;
  return { title: texts.security, body: shell(props.frame, "security", content, view) };
}

function problemNote({ problem }: SecurityProps, view: View): Content {
  const { texts } = view.language;
  if (!problem) return null;
  if (problem.kind === "throttled")
    return note("problem", fill(texts.throttled, { time: duration(problem.seconds, view) }));
  return note("problem", texts[problem.kind]);
}

/** Folded, so that no password manager fills in a form that nobody asked for. */
function passwordCard(props: SecurityProps, view: View): Html {
  const { texts } = view.language;
  const open = Object.keys(props.errors).length > 0 || !!props.problem;
  return html`<details class="card"${attributes({ open })}><summary class="row"><span class="words"><strong>${texts.password_section}</strong><small>${texts.change_password_ends}</small></span>${icons.go}</summary>
${passwordForm(props, view)}</details>`;
}

function passwordForm({ frame, errors }: SecurityProps, view: View): Html {
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

function sessionCard({ frame, sessions }: SecurityProps, view: View): Html {
  const { texts } = view.language;
  const ordered = [...sessions].sort((a, b) => Number(b.this_one) - Number(a.this_one));
  const others = sessions.some((session) => !session.this_one);
  const all = intent(frame, view.paths.security, { intent: "end_other_sessions" });
  const end = ({ id }: SessionView) =>
    intent(frame, view.paths.security, { intent: "end_session", session: id });
  const action = others && form(all, html`<button>${texts.sessions_sign_out_others}</button>`);
  const hint = !others && texts.sessions_only_this;
  return card(
    { id: "sessions", heading: texts.sessions_section, action, hint },
    html`<ul role="list">${ordered.map((session) => sessionRow(session, end(session), view))}</ul>`,
  );
}
