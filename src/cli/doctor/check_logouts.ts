/** Checks that apps can be told of ended sessions (OpenID Back-Channel Logout). */
import { type Finding, warning } from "./finding.ts";
import type { DatabaseFacts } from "./inspect_database.ts";

/** @returns null when no message has failed */
export function checkLogouts({ logouts }: Pick<DatabaseFacts, "logouts">): Finding | null {
  const { waiting, error } = logouts;
  if (waiting === 0) return null;
  return warning(
    "logouts",
    `apps could not be told of ${waiting} ended ${waiting === 1 ? "session" : "sessions"} so far: ${error}`,
    "the log has the reasons (`job failed`, `logout not told`); look at the app, and at its --backchannel-logout-uri",
  );
}
