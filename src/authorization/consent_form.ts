/** The consent form: the one place where a parameter other than `resource` comes more than once. */
import type { Context } from "../context.ts";
import { readBody } from "../http/body.ts";
import type { HttpRequest } from "../http/message.ts";
import type { Params } from "../oauth/params.ts";

/** Each ticked box is a `scope` of its own; all else is read like every form. */
export function readConsentForm(
  request: HttpRequest,
  ctx: Context,
): { params: Params; scope: string[] } {
  const pairs = [...new URLSearchParams(request.body)];
  const scope = pairs.flatMap(([name, value]) => (name === "scope" ? [value] : []));
  const others = new URLSearchParams(pairs.filter(([name]) => name !== "scope")).toString();
  return { params: readBody({ ...request, body: others }, ctx, { json: false }), scope };
}
