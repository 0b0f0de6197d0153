/** Reads the parameters of a request from the body, never from the URL (RFC 6749 §3.2). */
import type { Context } from "../context.ts";
import { OAuthError } from "../oauth/errors.ts";
import {
  NO_PARAMS,
  type Params,
  parseForm,
  parseJson,
  parseJsonObject,
  tooMany,
} from "../oauth/params.ts";
import type { HttpRequest } from "./message.ts";

/** @throws OAuthError `invalid_request` for parameters in the query, another content type, or a bad body */
export function readBody(request: HttpRequest, ctx: Context, { json }: { json: boolean }): Params {
  const most = ctx.settings.limits.parameters;
  refuseQuery(request);
  const media = mediaType(request.header("content-type") ?? "");
  if (media === FORM) return parseForm(request.body, most);
  if (json && media === JSON_TYPE) return parseJson(request.body, most);
  if (request.body === "") return NO_PARAMS;
  throw otherType(json ? `${FORM} or ${JSON_TYPE}` : FORM);
}

/**
 * Reads a JSON document with values of any type: client metadata, the admin API. No object in it repeats a key or is
 * nested too deep. The adapter has bounded its size (`limits.body`).
 * @throws OAuthError `invalid_request` for parameters in the query, another content type, a value that is no object, or
 * more members than `limits.parameters`
 */
export function readJson(request: HttpRequest, ctx: Context): Record<string, unknown> {
  refuseQuery(request);
  if (mediaType(request.header("content-type") ?? "") !== JSON_TYPE) throw otherType(JSON_TYPE);
  const document = parseJsonObject(request.body);
  if (Object.keys(document).length > ctx.settings.limits.parameters)
    throw tooMany("the JSON body has too many members");
  return document;
}

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";

function refuseQuery({ query }: HttpRequest): void {
  if (query !== "")
    throw new OAuthError("invalid_request", "parameters belong in the body, not in the query");
}

const otherType = (wanted: string): OAuthError =>
  new OAuthError("invalid_request", `content-type must be ${wanted}`, { status: 415 });

/** The media type without parameters such as `charset`. */
const mediaType = (header: string): string =>
  header === FORM ? FORM : (header.split(";")[0] ?? "").trim().toLowerCase();

export const readQuery = (request: HttpRequest, ctx: Context): Params =>
  parseForm(request.query, ctx.settings.limits.parameters);
