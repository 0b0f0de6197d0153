/** `valetkey/resource-server/express`: also for Connect, and for `node:http` itself. */
import { carry } from "./carried.ts";
import type { Access, Asked, Guard, Need } from "./options.ts";

/** The part of a request that is used. */
export interface NodeRequest {
  url?: string | undefined;
  /** The address before a router took its part away. */
  originalUrl?: string | undefined;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  access?: Access | undefined;
}

/** The part of a response that is used. */
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

type Middleware = (
  request: NodeRequest,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

/**
 * Lets requests through whose token is enough, with `request.access`.
 *
 * @example
 * app.use("/photos", express(guard, { scopes: ["photos.read"] }));
 */
export const express =
  (guard: Guard, need?: Need): Middleware =>
  async (request, response, next) => {
    try {
      const access = await guard(asked(request), need);
      if (access instanceof Response) return await send(access, response);
      request.access = access;
      carry(request, access);
    } catch (error) {
      return next(error);
    }
    next();
  };

/**
 * Answers requests for the metadata of the API. Mount it at the root of the app.
 *
 * @example
 * app.use(metadata(guard));
 */
export const metadata =
  (guard: Guard): Middleware =>
  async (request, response, next) => {
    const found = guard.metadata(asked(request));
    if (found) await send(found, response);
    else next();
  };

/** As much of a `Request` as a guard looks at: making a whole one takes longer than checking a token. */
export function asked({ url, originalUrl, headers }: NodeRequest): Asked {
  return {
    url: originalUrl ?? url ?? "/",
    headers: { get: (name) => [headers[name]].flat().join(", ") || null },
  };
}

async function send(answer: Response, response: NodeResponse): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  response.end(await answer.text());
}
