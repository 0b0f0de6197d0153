import { form } from "../form.ts";
import { type Html, html } from "../html.ts";
import type { View } from "../view.ts";
import { type SessionView, sessionRow } from "./session_row.ts";
import { type AccountFrame, card, intent } from "./shell.ts";

export interface SessionsCardProps {
  readonly frame: AccountFrame;
  /** In the order they are to be shown; this browser's own is moved to the top. */
  readonly sessions: readonly SessionView[];
}

/** Posts `intent` end_session (session) or end_other_sessions. */
export function sessionsCard({ frame, sessions }: SessionsCardProps, view: View): Html {
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
