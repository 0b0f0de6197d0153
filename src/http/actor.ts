/** Who acts in a request, as operations and security events know them. */
import type { Context } from "../context.ts";
import type { Actor } from "../operation.ts";
import type { HttpRequest } from "./message.ts";

/** @param sub of the person whose page it is; null: somebody who gets an account by it */
export const personOnPage = (
  sub: string | null,
  { address }: Pick<HttpRequest, "address">,
  { event_id }: Pick<Context, "event_id">,
): Actor => ({ kind: "person", id: sub, via: "page", address, event_id });
