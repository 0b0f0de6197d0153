/** A client for security events: every member, but only the times of its secrets. */
import type { Members } from "../store/audit.ts";
import type { ClientRecord } from "../store/records.ts";
import { documentOf } from "./rules.ts";

export function describeClient(client: ClientRecord): Members {
  const { created_by, disabled_at, secrets, set_by_operator } = client;
  const times = secrets.map(({ created_at, expires_at }) => ({ created_at, expires_at }));
  return {
    ...documentOf(client),
    ...(set_by_operator.length > 0 && { set_by_operator }),
    ...{ created_by, disabled_at, secrets: times },
  };
}
