/** Reads the consent form: the only place where a parameter other than `resource` may be repeated. */
import type { Context } from "../context.ts";
import { readBody } from "../http/body.ts";
import type { HttpRequest } from "../http/message.ts";
import type { Params } from "../oauth/params.ts";
import type { Permission } from "../oauth/permission.ts";

/** Each ticked box is a `permission` of its own; all other fields are read like those of every form. */
export function readConsentForm(
  request: HttpRequest,
  ctx: Context,
): { params: Params; ticked: Permission[] } {
  const pairs = [...new URLSearchParams(request.body)];
  const ticked = pairs.flatMap(([name, value]) => (name === "permission" ? [value] : []));
  const others = pairs.filter(([name]) => name !== "permission");
  const body = new URLSearchParams(others).toString();
  return { params: readBody({ ...request, body }, ctx, { json: false }), ticked };
}
