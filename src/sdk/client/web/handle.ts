/** The app's own addresses: login, callback, logout, backchannel-logout. */
import { AuthError } from "../../errors.ts";
import { errorPage, nothing } from "./answers.ts";
import type { App } from "./app.ts";
import { backchannelLogout, backchannelRefusal } from "./backchannel_logout.ts";
import { callback, callbackByPost } from "./callback.ts";
import { login } from "./login.ts";
import { logout } from "./logout.ts";
import type { Registered } from "./options.ts";
import { errorNamed } from "./recover.ts";

type Handler = (app: App, request: Request, at: Registered | undefined) => Promise<Response>;

const loginHere: Handler = (app, request) => {
  const query = new URL(request.url).searchParams;
  const provider = query.get("provider");
  const prompt = query.get("prompt");
  const returnTo = query.get("return_to") ?? "/";
  // Pages of Next.js that failed for want of a sign-in lead here, since they can set no cookie.
  const recovers = errorNamed(query.get("recovers") ?? "");
  return login(app, request, {
    returnTo,
    ...(provider !== null && { provider }),
    ...(prompt !== null && { prompt }),
    ...(recovers && { recovers }),
  });
};
const logoutHere: Handler = (app, request) => logout(app, request, {});
const of =
  (handle: (app: App, request: Request, at: Registered) => Promise<Response>): Handler =>
  async (app, request, at) =>
    at ? handle(app, request, at) : nothing(404);

const HANDLERS: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  login: { GET: loginHere, HEAD: loginHere, POST: loginHere },
  callback: { GET: of(callback), POST: of(callbackByPost) },
  logout: { GET: logoutHere, POST: logoutHere },
  "backchannel-logout": { POST: of(backchannelLogout) },
};

/** @returns null for all other addresses */
export async function handle(app: App, request: Request): Promise<Response | null> {
  const { prefix, providers } = app.settings;
  const { pathname } = new URL(request.url);
  if (!pathname.startsWith(`${prefix}/`)) return null;
  const [name = "", id = "", ...more] = pathname.slice(prefix.length + 1).split("/");
  const methods = Object.hasOwn(HANDLERS, name) && more.length === 0 ? HANDLERS[name] : undefined;
  const hasId = name === "callback" || name === "backchannel-logout";
  if (!methods || (id !== "" && !hasId)) return null;
  const handler = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
  if (!handler)
    return new Response(null, { status: 405, headers: { allow: Object.keys(methods).join(", ") } });
  const at = providers.get(id);
  const refuse = name === "backchannel-logout" ? backchannelRefusal : undefined;
  return answered(app, request, { answer: () => handler(app, request, at), refuse });
}

/** The answer with its cookies; errors are answered too. */
export async function answered(
  app: App,
  request: Request,
  {
    answer,
    refuse,
  }: { answer(): Promise<Response>; refuse?: ((e: AuthError) => Response) | undefined },
): Promise<Response> {
  try {
    return app.commit(request, await answer());
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    const own = app.settings.onError?.(error, request);
    if (!app.settings.onError) console.error(`valetkey: ${error.message}`);
    return app.commit(request, refuse?.(error) ?? own ?? errorPage(error, loginLink(app, request)));
  }
}

/** Another attempt, to the same page. */
function loginLink({ settings: { prefix }, ...app }: App, request: Request): string {
  const { returnTo = "/", provider, prompt } = app.wantedBy(request);
  const query = new URLSearchParams({
    ...(returnTo !== "/" && { return_to: returnTo }),
    ...(provider !== undefined && { provider }),
    ...(prompt !== undefined && { prompt }),
  });
  return query.size > 0 ? `${prefix}/login?${query}` : `${prefix}/login`;
}
