/** `valetkey/client/web/fastify`: `app.register(fastify(auth))`. */
import type { LoginOptions } from "./login.ts";
import type { LogoutOptions } from "./logout.ts";
import { type NodeRequest, webRequest } from "./node_message.ts";
import { changedHeaders, type RequestAuth, requestAuth } from "./request_auth.ts";
import type { Auth } from "./web.ts";

/** `request.auth`: `declare module "fastify" { interface FastifyRequest { auth: FastifyAuth } }`. */
export interface FastifyAuth extends RequestAuth {
  /** Answers with the way to the provider, and back to this page afterwards. Return it from the handler. */
  login(o?: LoginOptions): Promise<unknown>;
  /** Answers with the way out. Return it from the handler. */
  logout(o?: LogoutOptions): Promise<unknown>;
  /** Answers with the way to the provider, if a sign-in mends the error. @returns null when it does not */
  recover(error: unknown): Promise<unknown>;
}

interface Asked {
  raw: NodeRequest;
  auth?: FastifyAuth;
}
interface Reply {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  send(body: string): unknown;
}
interface Instance {
  decorateRequest(name: string, value: null): unknown;
  addHook(name: "onRequest", hook: (asked: Asked, reply: Reply) => Promise<unknown>): unknown;
  addHook(name: "onSend", hook: (asked: Asked, reply: Reply) => Promise<void>): unknown;
}

/**
 * Plugin that answers the addresses of `auth`, and puts `user()`, `token()`, `fetch()`, `login()` and `logout()` on
 * `request.auth`.
 */
export function fastify(auth: Auth): (instance: Instance) => Promise<void> {
  const requests = new WeakMap<Asked, Request>();
  async function plugin(instance: Instance): Promise<void> {
    instance.decorateRequest("auth", null);
    instance.addHook("onRequest", async (asked, reply) => {
      const request = webRequest(asked.raw);
      const answer = await auth.handle(request);
      if (answer) return send(answer, reply);
      requests.set(asked, request);
      asked.auth = {
        ...requestAuth(auth, request),
        login: async (o) => send(await auth.login(request, o), reply),
        logout: async (o) => send(await auth.logout(request, o), reply),
        recover: async (error) => {
          const way = await auth.recover(request, error);
          return way && send(way, reply);
        },
      };
      return undefined;
    });
    instance.addHook("onSend", async (asked, reply) => {
      const request = requests.get(asked);
      if (request) setHeaders(reply, changedHeaders(auth, request));
    });
  }
  // For the whole app, not for the routes of a plugin.
  return Object.assign(plugin, { [Symbol.for("skip-override")]: true });
}

/**
 * `app.setErrorHandler(recover)`: a person whose session ended meanwhile, or does not reach far enough, signs in and
 * comes back to the page. @throws all other errors, for the handler outside
 */
export async function recover(error: unknown, asked: { auth?: FastifyAuth }): Promise<unknown> {
  const answered = await asked.auth?.recover(error);
  if (!answered) throw error;
  return answered;
}

/** Fastify keeps several cookies. */
function setHeaders(reply: Reply, headers: Headers): void {
  for (const [name, value] of headers) reply.header(name, value);
}

async function send(answer: Response, reply: Reply): Promise<unknown> {
  const body = await answer.text();
  reply.code(answer.status);
  setHeaders(reply, answer.headers);
  reply.send(body);
  return reply;
}
