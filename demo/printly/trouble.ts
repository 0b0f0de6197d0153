/** What people read when something goes wrong between Printly and the two others. */
import { AuthError } from "../../src/sdk/client/web/web.ts";
import { seeOther } from "../site.ts";
import { frontPage } from "./pages/front.ts";
import { blankPage, troublePage } from "./pages/trouble.ts";
import type { PrintlyOptions, Visit } from "./printly.ts";
import { SnapsError } from "./snaps_client.ts";

/** A sign-in that did not work. */
export function signInTrouble(error: AuthError, options: PrintlyOptions): Response {
  const page = { places: options, user: null };
  if (error.code === "issuer_unreachable") return troublePage({ ...page, who: "server" });
  if (error.code === "login_expired" || error.code === "login_elsewhere")
    return frontPage({ ...page, notice: "stale" }, 400);
  options.report?.(error);
  return frontPage({ ...page, notice: "refused", detail: error.code }, 502);
}

/**
 * The person's permission has ended. `auth.recover` would lead to another sign-in at once; here they have probably taken
 * it back on purpose, so they are told instead.
 */
const ENDED = ["session_over", "sign_in_needed", "no_session"];

/** A page that did not work. */
export function inTrouble(error: unknown, { options, user, orders }: Visit): Response {
  const page = { places: options, user };
  if (error instanceof AuthError && ENDED.includes(error.code)) {
    if (user) orders.forget(user);
    return seeOther("/?notice=withdrawn");
  }
  if (error instanceof AuthError && error.code === "issuer_unreachable")
    return troublePage({ ...page, who: "server" });
  if (error instanceof SnapsError && (error.status === null || error.status >= 500))
    return troublePage({ ...page, who: "snaps" });
  if (error instanceof SnapsError && error.status === 404)
    return blankPage({ ...page, kind: "missing" });
  if (!(error instanceof AuthError || error instanceof SnapsError)) throw error;
  options.report?.(error);
  const detail = error instanceof AuthError ? error.code : `status ${error.status}`;
  return frontPage({ ...page, notice: "refused", detail }, 502);
}
