import { duration } from "../dates.ts";
import { note } from "../form.ts";
import { type Content, html } from "../html.ts";
import { fill } from "../texts.ts";
import type { Page, View } from "../view.ts";
import type { AppCodeView } from "./app_code_row.ts";
import { appCodesCard } from "./app_codes_card.ts";
import { type EmailCardProps, emailCard } from "./email_card.ts";
import { type EventView, eventsCard } from "./events_card.ts";
import { type PasskeysCardProps, passkeysCard } from "./passkeys_card.ts";
import { type PasswordCardProps, passwordCard } from "./password_card.ts";
import { type RecoveryCodesLeft, recoveryCodesCard } from "./recovery_codes_card.ts";
import { type SessionsCardProps, sessionsCard } from "./sessions_card.ts";
import { shell } from "./shell.ts";

export interface SecurityProps
  extends Omit<PasswordCardProps, "failed">,
    SessionsCardProps,
    PasskeysCardProps,
    EmailCardProps {
  /** Null: codes of an app are not offered. */
  readonly app_codes: readonly AppCodeView[] | null;
  /** Null: recovery codes are not offered. */
  readonly recovery_codes: RecoveryCodesLeft | null;
  /** The newest first. */
  readonly events: readonly EventView[];
  readonly done?:
    | "passkey_added"
    | "app_code_added"
    | "email_changed"
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
${props.done && note("done", doneText(props.done, view))}
${problemNote(props, view)}
${passkeysCard(props, view)}
${appCodesCard(props.app_codes, view)}
${recoveryCodesCard(props.recovery_codes, view)}
${emailCard(props, view)}
${passwordCard({ ...props, failed: !!props.problem }, view)}
${sessionsCard(props, view)}
${eventsCard(props.events, view)}`;
  return { title: texts.security, body: shell(props.frame, "security", content, view) };
}

function doneText(done: NonNullable<SecurityProps["done"]>, view: View): string {
  const { texts } = view.language;
  if (done === "passkey_added" || done === "app_code_added" || done === "email_changed")
    return texts[`done_${done}`];
  return texts[done];
}

function problemNote({ problem }: SecurityProps, view: View): Content {
  const { texts } = view.language;
  if (!problem) return null;
  if (problem.kind === "throttled")
    return note("problem", fill(texts.throttled, { time: duration(problem.seconds, view) }));
  return note("problem", texts[problem.kind]);
}
