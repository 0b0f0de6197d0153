/** Parameters of a request, from where they belong (RFC 6749 §3.2: in the body, never in the URL). */
import type { Context } from "../context.ts";
import { OAuthError } from "../oauth/errors.ts";
import { NO_PARAMS, type Params, parseForm, parseJson } from "../oauth/params.ts";
import type { HttpRequest } from "./message.ts";

/** @throws OAuthError `invalid_request` for parameters in the query, another content type, or a bad body */
export function readBody(request: HttpRequest, ctx: Context, { json }: { json: boolean }): Params {
  const most = ctx.settings.limits.parameters;
  if (request.query !== "")
    throw new OAuthError("invalid_request", "parameters belong in the body, not in the query");
  const media = mediaType(request.header("content-type") ?? "");
  if (media === FORM) return parseForm(request.body, most);
  if (json && media === "application/json") return parseJson(request.body, most);
  if (request.body === "") return NO_PARAMS;
  throw new OAuthError(
    "invalid_request",
    `content-type must be ${FORM}${json ? " or application/json" : ""}`,
    { status: 415 },
  );
}

const FORM = "application/x-www-form-urlencoded";

/** Without its parameters, such as `charset`. */
const mediaType = (header: string): string =>
  header === FORM ? FORM : (header.split(";")[0] ?? "").trim().toLowerCase();

export const readQuery = (request: HttpRequest, ctx: Context): Params =>
  parseForm(request.query, ctx.settings.limits.parameters);
