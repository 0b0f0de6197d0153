/** `valetkey/resource-server/fastify`. */
import { carry } from "./carried.ts";
import { asked, type NodeRequest } from "./express.ts";
import type { Guard, Need } from "./options.ts";

/** The part of a reply that is used. */
export interface Reply {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  send(body: string): unknown;
}

/**
 * A hook that lets requests through whose token is enough, with `request.access`.
 *
 * @example
 * app.get("/photos", { onRequest: fastify(guard, { scopes: ["photos.read"] }) }, handler);
 */
export const fastify =
  (guard: Guard, need?: Need) =>
  async (request: NodeRequest, reply: Reply): Promise<unknown> => {
    const access = await guard(asked(request), need);
    if (access instanceof Response) return send(access, reply);
    request.access = access;
    carry(request, access);
    return undefined;
  };

type Handler = (request: NodeRequest, reply: Reply) => Promise<unknown>;

/** The part of an app that is used. */
export interface App {
  get(path: string, handler: Handler): unknown;
  options(path: string, handler: Handler): unknown;
}

/**
 * A plugin with the route of the API's metadata.
 *
 * @example
 * app.register(metadata(guard));
 */
export const metadata =
  (guard: Guard) =>
  async (app: App): Promise<void> => {
    if (guard.metadataPath === null) return;
    const answer: Handler = async (request, reply) => {
      const found = guard.metadata(asked(request));
      return found && send(found, reply);
    };
    app.get(guard.metadataPath, answer);
    // Browsers ask whether they may.
    app.options(guard.metadataPath, answer);
  };

async function send(answer: Response, reply: Reply): Promise<unknown> {
  reply.code(answer.status);
  for (const [name, value] of answer.headers) reply.header(name, value);
  reply.send(await answer.text());
  return reply;
}
