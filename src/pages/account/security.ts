import { duration } from "../dates.ts";
import { note } from "../form.ts";
import { type Content, html } from "../html.ts";
import { fill } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { type PasskeysCardProps, passkeysCard } from "./passkeys_card.ts";
import { type PasswordCardProps, passwordCard } from "./password_card.ts";
import { type SessionsCardProps, sessionsCard } from "./sessions_card.ts";
import { shell } from "./shell.ts";

export interface SecurityProps
  extends Omit<PasswordCardProps, "failed">,
    SessionsCardProps,
    PasskeysCardProps {
  readonly done?:
    | "passkey_added"
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

/** How the person signs in, and where they are signed in. Each section posts to this page, or leads to one of its own. */
export function securityPage(props: SecurityProps, view: View): Page {
  const { texts } = view.language;
  const content = html`<h1>${texts.security}</h1>
${props.done && note("done", texts[props.done === "passkey_added" ? "done_passkey_added" : props.done])}
${problemNote(props, view)}
${sessionsCard(props, view)}
${passkeysCard(props, view)}
${passwordCard({ ...props, failed: !!props.problem }, view)}`;
  return { title: texts.security, body: shell(props.frame, "security", content, view) };
}

function problemNote({ problem }: SecurityProps, view: View): Content {
  const { texts } = view.language;
  if (!problem) return null;
  if (problem.kind === "throttled")
    return note("problem", fill(texts.throttled, { time: duration(problem.seconds, view) }));
  return note("problem", texts[problem.kind]);
}
