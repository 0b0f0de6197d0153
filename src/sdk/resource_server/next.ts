/** `valetkey/resource-server/next`: route handlers of Next.js, and every other server of `Request` and `Response`. */
import { carry } from "./carried.ts";
import type { Access, Guard, Need } from "./options.ts";

/**
 * A handler that runs only if the token is enough.
 *
 * @example
 * export const GET = next(guard, { scopes: ["photos.read"] }, async (request, access) =>
 *   Response.json({ photos_of: access.sub }),
 * );
 */
export const next =
  <R extends Request, More extends unknown[]>(
    guard: Guard,
    need: Need,
    handler: (request: R, access: Access, ...more: More) => Response | Promise<Response>,
  ) =>
  async (request: R, ...more: More): Promise<Response> => {
    const access = await guard(request, need);
    if (access instanceof Response) return access;
    carry(request, access);
    return handler(request, access, ...more);
  };

/**
 * The handler for the metadata of the API, in `app/.well-known/oauth-protected-resource/[[...path]]/route.ts`.
 *
 * @example
 * export const GET = metadata(guard), OPTIONS = GET;
 */
export const metadata =
  (guard: Guard) =>
  async (request: Request): Promise<Response> =>
    guard.metadata(request) ?? new Response(null, { status: 404 });
