/** Counts and logs every refusal, independent of its response. */
import type { Context, LogFields } from "../context.ts";
import type { OAuthError } from "../oauth/errors.ts";

export interface Refusal {
  /** The name of the refusal in the log. */
  event: string;
  /** An OAuth error code or a kind of page. It is a label of the metric, so never a stranger's text. */
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
