/**
 * A request in a redirect is answered in a redirect or a form, with a code (RFC 6749 §4.1.2, form_post §2) or, by a
 * legacy response type, with tokens.
 */
import { redirectOf } from "../clients/app_identity.ts";
import type { Context } from "../context.ts";
import { tokensInRedirect } from "../grants/implicit.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { noteOAuthError } from "../http/refusal.ts";
import type { RedirectRequest } from "../oauth/authorization_request.ts";
import {
  delivered,
  errorResponse,
  type ResponseParameters,
  responseMembers,
} from "../oauth/authorization_response.ts";
import { OAuthError } from "../oauth/errors.ts";
import { redirectUriHint } from "../oauth/hint.ts";
import { isOnThisComputer, matchesRedirectUri } from "../oauth/redirect_uri.ts";
import { redirectUriMismatch } from "../oauth/redirect_uri_mismatch.ts";
import type { ResponseTarget } from "../oauth/response_target.ts";
import { findResponseType } from "../oauth/response_type.ts";
import { formPostPage } from "../pages/form_post.ts";
import type { ClientRecord } from "../store/records.ts";
import { issueHandle } from "../tokens/handle.ts";
import type { Origin } from "./origin.ts";

export function redirectOrigin(from: RedirectRequest): Origin {
  const { redirect_uri, redirect_uri_sent, code_challenge, nonce, response_type } = from;
  const parts = findResponseType(response_type)?.parts ?? [];
  const has_code = parts.includes("code");
  return {
    redirect_uri,
    shown: () => redirectOf(redirect_uri),
    on_this_computer: isOnThisComputer(redirect_uri),
    code: has_code ? { redirect_uri, redirect_uri_sent, code_challenge, nonce } : null,
    fetches_tokens: has_code,
    // An access token in an address is not kept safe enough to outlive the sign-out.
    ends_with_session: has_code && !parts.includes("token") ? "usually" : "always",
    redeemableUntil: ({ now, settings }) => now + settings.lifetimes.authorization_code,
    // It travels with one browser, and each account in it has a transaction of its own.
    claim: async () => true,

    checkStillAllowed({ client_id, metadata }) {
      const { redirect_uris, application_type, response_types } = metadata;
      if (!response_types.includes(response_type))
        throw new PageError("request", { detail: `${response_type} is no longer registered` });
      if (!matchesRedirectUri(redirect_uri, redirect_uris, application_type))
        throw new PageError("redirect", {
          detail: "redirect_uri is no longer registered",
          mismatch: redirectUriMismatch(redirect_uri, redirect_uris),
          reason: redirectUriHint(client_id),
        });
    },

    async respond(grant, to) {
      // The request may have begun before a restart that turned its response type off.
      if (!to.ctx.accepted_metadata.response_types.includes(response_type))
        throw new PageError("expired");
      const code = has_code ? issueHandle("vkc", grant, 0, to.ctx.secrets) : null;
      // The secret of the grant is no longer known, so its code can't be computed again.
      if (has_code && code === null) throw new PageError("expired");
      const tokens = await tokensInRedirect({ parts, grant, code, nonce }, to.client, to.ctx).catch(
        (cause: unknown) => {
          // The grant has ended since it was written: there is nothing to answer with.
          throw cause instanceof OAuthError ? new PageError("expired", { cause }) : cause;
        },
      );
      return answer({ ...tokens, ...(code !== null && { code }) }, from, to);
    },

    refuse: async (error, to) => answerWithError(error, from, to),
  };
}

interface To {
  client: ClientRecord;
  request: HttpRequest;
  ctx: Context;
}

/** Sends an error to the redirect URI, in the response mode of the request. */
export function answerWithError(error: OAuthError, target: ResponseTarget, to: To): HttpResponse {
  const { client_id } = to.client;
  noteOAuthError(error, { event: "authorization refused", client_id }, to.ctx);
  return answer(errorResponse(error), target, to);
}

function answer(
  parameters: ResponseParameters,
  target: ResponseTarget,
  { client, request, ctx }: To,
): HttpResponse {
  const delivery = delivered(responseMembers(parameters, target, ctx.issuer), target);
  if (delivery.by === "redirect") return redirect(delivery.location);
  const view = viewOf(request, ctx);
  const props = {
    app: { name: client.metadata.client_name ?? client.client_id },
    redirect_uri: delivery.action,
    parameters: Object.fromEntries(delivery.fields),
  };
  return pageResponse(formPostPage(props, view), view);
}
