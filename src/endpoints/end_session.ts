/** The logout endpoint, where an app asks to sign a person out (OpenID RP-Initiated Logout §2). */
import {
  beginLogout,
  carryLogout,
  type LogoutRequest,
  openLogout,
} from "../authentication/logout_request.ts";
import { answerLogout } from "../authentication/sign_out.ts";
import type { Context } from "../context.ts";
import { readBody, readQuery } from "../http/body.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { PageError } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { parseEndSession } from "../oauth/end_session.ts";
import type { Params } from "../oauth/params.ts";

/** GET: a new request, or one that came by POST or goes back to its page. */
export async function endSession(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const params = readQuery(request, ctx);
  const carried = params.get("continue");
  const isNew = carried === undefined || params.names().length > 1;
  const asked = isNew ? await begin(params, ctx) : openLogout(carried, ctx);
  if (asked === null) throw new PageError("expired");
  return answerLogout(asked, request, ctx);
}

/** POST: checked and sealed, then 303 to a GET, since a cross-site POST comes without cookies. */
export async function endSessionByPost(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const asked = await begin(readBody(request, ctx, { json: false }), ctx);
  return redirect(pathOf(ctx, "/logout", { continue: carryLogout(asked, ctx) }));
}

const begin = (params: Params, ctx: Context): Promise<LogoutRequest> =>
  beginLogout(parseEndSession(params), params.get("ui_locales"), ctx);
