/** The target of an authorization response: redirect URI, response mode and state (OAuth 2.1 §2.3, §4.1.1). */
import { OAuthError } from "./errors.ts";
import { redirectUriHint } from "./hint.ts";
import type { Params } from "./params.ts";
import { matchesRedirectUri } from "./redirect_uri.ts";
import type { RequestingClient } from "./requested_permissions.ts";
import { findResponseMode, RESPONSE_MODES, type ResponseModeName } from "./response_mode.ts";
import { findResponseType, type ResponseType } from "./response_type.ts";

/** The target of the response, which is verified before anything is sent there. */
export interface ResponseTarget {
  redirect_uri: string;
  response_mode: ResponseModeName;
  state: string | null;
}

/**
 * Verifies the target of the response. Until then nothing is sent there: errors are shown on the server's own page (RFC
 * 9700 §4.11).
 * @throws OAuthError `invalid_request`
 */
export function checkResponseTarget(
  params: Params,
  client: RequestingClient,
  response_types: readonly string[],
): ResponseTarget {
  const sent = params.get("redirect_uri");
  const redirect_uri = proven(sent ?? soleRedirectUri(params, client), client);
  return {
    redirect_uri,
    response_mode: responseMode(params, { redirect_uri, response_types }),
    state: params.get("state") ?? null,
  };
}

/** A mode that this request can't have is refused later, with an error in the default mode of its response type. */
function responseMode(
  params: Params,
  { redirect_uri, response_types }: { redirect_uri: string; response_types: readonly string[] },
): ResponseModeName {
  const type = findResponseType(params.get("response_type") ?? "");
  // An error about a type that the server does not offer goes into the query, like one about an unknown type.
  const otherwise = type && response_types.includes(type.name) ? type.default_mode : "query";
  const asked = findResponseMode(params.get("response_mode"));
  if (asked === null || !mayUseMode(asked, otherwise)) return otherwise;
  // A form can't be posted to a private-use scheme.
  const is_http = /^https?:/i.test(redirect_uri);
  return RESPONSE_MODES[asked].needs_http && !is_http ? otherwise : asked;
}

/** Tokens must not travel in the query (OAuth 2.0 Multiple Response Type Encoding Practices §3 and §5). */
export const mayUseMode = (
  asked: ResponseModeName,
  default_mode: ResponseType["default_mode"],
): boolean => RESPONSE_MODES[asked].carries_tokens || !RESPONSE_MODES[default_mode].carries_tokens;

function proven(redirect_uri: string, client: RequestingClient): string {
  if (!matchesRedirectUri(redirect_uri, client.redirect_uris, client.application_type))
    throw new OAuthError("invalid_request", "redirect_uri is not registered for this client", {
      parameter: "redirect_uri",
      reason: {
        sent: redirect_uri.slice(0, 2000),
        registered: client.redirect_uris,
        ...redirectUriHint(client.client_id),
      },
    });
  return redirect_uri;
}

function soleRedirectUri(params: Params, client: RequestingClient): string {
  const [only, ...more] = client.redirect_uris;
  const asksOpenId = (params.get("scope") ?? "").split(" ").includes("openid");
  if (only === undefined || more.length > 0 || asksOpenId)
    throw new OAuthError("invalid_request", "redirect_uri is missing", {
      parameter: "redirect_uri",
    });
  return only;
}
