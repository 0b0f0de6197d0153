/** The one place where a refusal is counted and logged, however it is answered. */
import type { Context, LogFields } from "../context.ts";
import type { OAuthError } from "../oauth/errors.ts";

export interface Refusal {
  /** Its name in the log. */
  event: string;
  /** A code of OAuth or a kind of page: the label of the metric, so never a stranger's text. */
  error: string;
  /** For the operator. */
  why: string;
  fields?: LogFields;
  level?: "info" | "warn" | "error";
}
type Listeners = Pick<Context, "observer" | "log" | "event_id">;

export function noteRefusal(refusal: Refusal, { observer, log, event_id }: Listeners): void {
  const { event, error, why, fields, level = "info" } = refusal;
  observer.refused(error);
  log[level](event, { event_id, why, error, ...fields });
}

export function noteOAuthError(
  { error, message, parameter, reason }: OAuthError,
  { event = "refused", ...fields }: LogFields & { event?: string },
  listeners: Listeners,
): void {
  const about = parameter === null ? {} : { parameter };
  noteRefusal(
    { event, error, why: message, fields: { ...fields, ...about, ...reason } },
    listeners,
  );
}
