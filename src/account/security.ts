/** How a signed-in person signs in, and where they are signed in: a file for each section. */
import type { Context } from "../context.ts";
import { readQuery } from "../http/body.ts";
import { openDone, sealDone } from "../http/just_done.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { pathOf } from "../http/paths.ts";
import { ACCOUNT_PAGES } from "../pages/paths.ts";
import { changePassword } from "./own_password.ts";
import { endOtherSessions, endSession } from "./own_sessions.ts";
import { showSecurityPage } from "./show_security.ts";
import { actFor, showFor, unknownIntent } from "./visit.ts";

const DONE = [
  "email_changed",
  "passkey_added",
  "app_code_added",
  "password_changed",
  "password_changed_all",
  "session_ended",
  "sessions_ended",
] as const;

export const showSecurity = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  showFor("security", { request, ctx }, (visit) => {
    const { sub } = visit.session.person;
    const what = openDone(readQuery(request, ctx).get("done"), sub, ctx);
    const done = DONE.find((each) => each === what) ?? null;
    return showSecurityPage(visit, { errors: {}, done });
  });

export const changeSecurity = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  actFor("security", { request, ctx }, async (params, visit) => {
    const { sub } = visit.session.person;
    switch (params.get("intent")) {
      case "change_password":
        return changePassword(params, visit);
      case "end_session":
        await endSession(params, visit);
        return done("session_ended", sub, ctx);
      case "end_other_sessions":
        await endOtherSessions(visit);
        return done("sessions_ended", sub, ctx);
      default:
        throw unknownIntent();
    }
  });

const done = (what: (typeof DONE)[number], sub: string, ctx: Context): HttpResponse =>
  redirect(pathOf(ctx, ACCOUNT_PAGES.security, { done: sealDone(what, sub, ctx) }));
