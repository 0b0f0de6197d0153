/** The way to the provider (OAuth 2.1 §4.1.1). */
import { AuthError } from "../../errors.ts";
import { randomId } from "../../random_id.ts";
import { begin } from "../authorization_code.ts";
import { nothing, seeOther } from "./answers.ts";
import type { App } from "./app.ts";
import { type Asked, beginState, type FlowState } from "./flow_state.ts";
import { pathOf, type Registered, type Settings, wrong } from "./options.ts";
import { isInVain, promptFor } from "./recover.ts";
import { AUTH_ERROR, returnPath } from "./return_path.ts";
import type { Visit } from "./visit.ts";

export interface LoginOptions {
  /** Name of one of `providers`. Default: `issuer`, or the only provider. */
  provider?: string;
  /**
   * Path of this app to return to. Default: that of the request, for a form that of its page. Addresses of other sites
   * become `/`.
   */
  returnTo?: string;
  /** `none`, `login`, `consent` or `select_account` (OpenID Connect Core §3.1.2.1). Default: the provider decides. */
  prompt?: string;
  /** Scopes, separated by spaces. Default: those of `createAuth`. */
  scope?: string;
  /** Levels of sign-in, the preferred one first (`acr_values`). Default: none. */
  acr?: string[];
  /** Seconds since the person last signed in. Default: any. */
  maxAge?: number;
  /** Further parameters for the provider. Default: none. */
  params?: Record<string, string>;
}

/** Seconds. Each login sets the cookie anew: it outlives any sign-in in progress. */
const BROWSER_AGE = 86_400;

/**
 * @param o.recovers the error of a page that failed for want of this sign-in; thrown when such a sign-in did not help
 * @throws AuthError
 */
export async function login(
  app: App,
  request: Request,
  o: LoginOptions & { recovers?: AuthError },
): Promise<Response> {
  // Images, frames and scripts don't sign in: they would only disturb. The browser stays where it is.
  if (!isNavigation(request)) return nothing(204);
  // A browser would take a prefetched 204 for the answer when the person follows the link; an error it does not.
  if (isPrefetch(request)) return nothing(503);
  const visit = app.visitOf(request);
  const url = new URL(request.url);
  const isRefused = url.searchParams.get(AUTH_ERROR);
  url.searchParams.delete(AUTH_ERROR);
  const { settings } = app;
  const here = request.method === "GET" ? `${url.pathname}${url.search}` : pageOf(request, visit);
  const { provider, returnTo = here, recovers, ...asked } = o;
  const to = returnPath(returnTo, { origin: visit.origin, prefix: settings.prefix });
  const session = recovers ? await visit.session() : null;
  const by = provider ?? (session?.provider || undefined);
  visit.wanted = { returnTo: to, provider: by, ...promptFor(recovers) };
  if (recovers && isInVain(session, recovers)) throw recovers;
  // A page that needs a person must not ask again by itself after they have said no.
  if (isRefused !== null && o.returnTo === undefined) throw refusedBefore(isRefused);
  const { id } = providerOf(settings, by);
  const all = { ...promptFor(recovers), ...asked };
  return redirectToProvider(app, visit, {
    ...(id !== "" && { by: id }),
    ...(to !== "/" && { to }),
    ...(recovers && { recovers: true }),
    ...(Object.keys(all).length > 0 && { asked: all }),
  });
}

/** A form can't be sent again after the sign-in: the person comes back to its page, if the browser names it. */
function pageOf({ headers }: Request, { origin }: Visit): string {
  const page = URL.parse(headers.get("referer") ?? "");
  page?.searchParams.delete(AUTH_ERROR);
  return page?.origin === origin ? `${page.pathname}${page.search}` : "/";
}

/** Whether a person opens the address as a page (Fetch Metadata). Old browsers and tests say nothing: it is taken for one. */
export function isNavigation({ headers, method }: Request): boolean {
  if (method !== "GET" && method !== "POST") return false;
  const dest = headers.get("sec-fetch-dest");
  if (dest === null) return true;
  return dest === "document" && headers.get("sec-fetch-mode") === "navigate";
}

/** Whether the browser only guesses that the person will open the page. */
export const isPrefetch = ({ headers }: Request): boolean =>
  /prefetch/i.test(headers.get("sec-purpose") ?? headers.get("purpose") ?? "");

const refusedBefore = (code: string): AuthError =>
  new AuthError(
    "access_denied",
    `the sign-in for this page was refused (${JSON.stringify(code)})`,
    {
      hint: "sign in again",
    },
  );

/** The way to the provider for a new sign-in. */
export async function redirectToProvider(
  { settings }: App,
  visit: Visit,
  rest: Omit<FlowState, "id" | "at" | "browser">,
): Promise<Response> {
  const kept = visit.cookie("browser") ?? "";
  const browser = /^[\w-]{22}$/.test(kept) ? kept : randomId();
  const { state, secrets } = await beginState(settings.seals, browser, rest);
  const registered = providerOf(settings, state.by);
  const { url } = await begun(settings, registered, { visit, asked: state.asked, secrets });
  visit.setCookie("browser", { value: browser, maxAge: BROWSER_AGE });
  return seeOther(url.href);
}

/** What `begin` returned for these secrets: the same each time. @throws AuthError */
export function begun(
  settings: Settings,
  registered: Registered,
  { visit, asked = {}, secrets }: { visit: Visit; asked?: Asked | undefined; secrets: Secrets },
): ReturnType<typeof begin> {
  const scope = asked.scope ?? registered.scope;
  const redirectUri = visit.origin + pathOf(settings, "callback", registered);
  const options = {
    ...asked,
    redirectUri,
    ...(scope !== undefined && { scope }),
    ...(registered.resource !== undefined && { resource: registered.resource }),
  };
  return begin(registered.party, options, secrets);
}

type Secrets = NonNullable<Parameters<typeof begin>[2]>;

/** @throws AuthError `configuration` for a name that is not there */
export function providerOf({ providers }: Settings, name: string | undefined): Registered {
  const [only, ...others] = providers.values();
  const usual = providers.get("") ?? (others.length === 0 ? only : undefined);
  const found = name === undefined ? usual : providers.get(name);
  if (found) return found;
  const names = [...providers.keys()].filter(Boolean).join(", ");
  if (name === undefined) throw wrong("there are several providers", `name one of: ${names}`);
  throw wrong(`there is no provider ${JSON.stringify(name)}`, `name one of: ${names}`);
}
