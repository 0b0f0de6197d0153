/** Sends an authorization response to the client, in the way that it asked for (RFC 6749 §4.1.2, form_post §2). */
import type { Context } from "../context.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { pageResponse, viewOf } from "../http/page.ts";
import { noteOAuthError } from "../http/refusal.ts";
import type { ResponseTarget } from "../oauth/authorization_request.ts";
import {
  codeResponse,
  errorResponse,
  type ResponseParameters,
  responseMembers,
  responseUrl,
} from "../oauth/authorization_response.ts";
import type { OAuthError } from "../oauth/errors.ts";
import { formPostPage } from "../pages/form_post.ts";
import type { ClientRecord } from "../store/records.ts";

export interface AnswerTo {
  client: ClientRecord;
  request: HttpRequest;
  ctx: Context;
}

export const answerWithCode = (code: string, target: ResponseTarget, to: AnswerTo): HttpResponse =>
  answer(codeResponse(code), target, to);

export function answerWithError(
  error: OAuthError,
  target: ResponseTarget,
  to: AnswerTo,
): HttpResponse {
  const { client_id } = to.client;
  noteOAuthError(error, { event: "authorization refused", client_id }, to.ctx);
  return answer(errorResponse(error), target, to);
}

function answer(
  parameters: ResponseParameters,
  target: ResponseTarget,
  { client, request, ctx }: AnswerTo,
): HttpResponse {
  const members = responseMembers(parameters, target, ctx.issuer);
  // A private-use scheme can't be posted to: there the answer goes into the query.
  const posts = target.response_mode === "form_post" && /^https?:/.test(target.redirect_uri);
  if (!posts) return redirect(responseUrl(members, target));
  const view = viewOf(request, ctx);
  const props = {
    app: { name: client.metadata.client_name ?? client.client_id },
    redirect_uri: target.redirect_uri,
    parameters: Object.fromEntries(members),
  };
  return pageResponse(formPostPage(props, view), view);
}
