/** The page about security, from all its sections. */
import type { HttpResponse } from "../http/message.ts";
import { pathOf } from "../http/paths.ts";
import { type SecurityProps, securityPage } from "../pages/account/security.ts";
import { CODE_PAGES } from "../pages/paths.ts";
import type { Person } from "../people/users.ts";
import { ownEvents } from "./own_events.ts";
import { passkeysOf } from "./own_passkeys.ts";
import { ownSessions } from "./own_sessions.ts";
import { codesLeft } from "./recovery_codes.ts";
import type { AccountVisit } from "./visit.ts";

function emailOf({ claims: { email, email_verified } }: Person): SecurityProps["email"] {
  if (typeof email !== "string" || email === "") return null;
  return { address: email, verified: email_verified === true };
}

export async function showSecurityPage(
  visit: AccountVisit,
  props: Pick<SecurityProps, "errors" | "done" | "problem">,
  status = 200,
): Promise<HttpResponse> {
  const { ctx, session, frame, view, render } = visit;
  const { sub } = session.person;
  const factors = await ctx.store.loadFactors(sub);
  const offers = (feature: string) => ctx.features.has(feature);
  const page = securityPage(
    {
      frame,
      can_change_password: ctx.users.changePassword !== undefined,
      ...props,
      app_codes: offers("app_codes") ? factors.totps : null,
      recovery_codes: offers("recovery_codes") ? codesLeft(factors) : null,
      email: emailOf(session.person),
      email_href: offers("own_email") ? pathOf(ctx, CODE_PAGES.email) : null,
      events: await ownEvents(sub, ctx),
      sessions: await ownSessions(visit),
      ...(await passkeysOf(visit)),
    },
    view,
  );
  return render(page, status);
}
