/** The actor of a request, for operations and security events. */
import type { Context } from "../context.ts";
import type { Actor } from "../operation.ts";
import type { HttpRequest } from "./message.ts";

/** @param sub of the signed-in person; null: a visitor who creates an account */
export const personOnPage = (
  sub: string | null,
  { address }: Pick<HttpRequest, "address">,
  { event_id }: Pick<Context, "event_id">,
): Actor => ({ kind: "person", id: sub, via: "page", address, event_id });
