/** The page about security, from all its sections. */
import type { HttpResponse } from "../http/message.ts";
import { type SecurityProps, securityPage } from "../pages/account/security.ts";
import { passkeysOf } from "./own_passkeys.ts";
import { ownSessions } from "./own_sessions.ts";
import type { AccountVisit } from "./visit.ts";

export async function showSecurityPage(
  visit: AccountVisit,
  props: Pick<SecurityProps, "errors" | "done" | "problem">,
  status = 200,
): Promise<HttpResponse> {
  const { ctx, frame, view, render } = visit;
  const page = securityPage(
    {
      frame,
      can_change_password: ctx.users.changePassword !== undefined,
      ...props,
      sessions: await ownSessions(visit),
      ...(await passkeysOf(visit)),
    },
    view,
  );
  return render(page, status);
}
