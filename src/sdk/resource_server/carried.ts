/** What the adapters leave on a request. */
import { AuthError } from "../errors.ts";
import type { Access } from "./options.ts";

const accesses = new WeakMap<object, Access>();

/** Leaves it where `accessOf` finds it. */
export function carry(request: object, access: Access): void {
  accesses.set(request, access);
}

/**
 * What the token of a request says, behind an adapter: `request` is that of Express, Fastify or Hono (`c.req.raw`).
 * @throws AuthError `configuration` when no adapter has seen the request
 */
export function accessOf(request: object): Access {
  const access = accesses.get(request);
  if (access) return access;
  throw new AuthError("configuration", "no guard has seen this request", {
    hint: "mount the adapter before the handler",
  });
}
