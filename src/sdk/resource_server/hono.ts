/** `valetkey/resource-server/hono`. */
import { carry } from "./carried.ts";
import type { Access, Guard, Need } from "./options.ts";

/** The part of a context that is used. */
export interface Context {
  req: { raw: Request };
  set(name: "access", access: Access): void;
}

/**
 * Lets requests through whose token is enough, with `c.get("access")`.
 *
 * @example
 * app.use("/photos/*", hono(guard, { scopes: ["photos.read"] }));
 */
export const hono =
  (guard: Guard, need?: Need) =>
  async (c: Context, next: () => Promise<void>): Promise<Response | undefined> => {
    const access = await guard(c.req.raw, need);
    if (access instanceof Response) return access;
    c.set("access", access);
    carry(c.req.raw, access);
    await next();
    return undefined;
  };

/**
 * Answers requests for the metadata of the API.
 *
 * @example
 * app.use(metadata(guard));
 */
export const metadata =
  (guard: Guard) =>
  async (c: Pick<Context, "req">, next: () => Promise<void>): Promise<Response | undefined> => {
    const found = guard.metadata(c.req.raw);
    if (found) return found;
    await next();
    return undefined;
  };
