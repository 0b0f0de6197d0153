/** A web app with `valetkey/client/web`, called in-process at https://app.test, and browsers that visit it. */
import { type Auth, type AuthOptions, createAuth } from "../../../src/sdk/client/web/web.ts";
import { type IssuerOptions, startIssuer, type TestIssuer } from "../../../src/testing/testing.ts";

export const ORIGIN = "https://app.test";
export const SECRET = "a secret of this test, and of no app";
export const CLIENT = { clientId: "app", clientSecret: "the secret of the client" };
/** The registration of the client for an app at this origin: it has a secret, so its refresh tokens are not rotated. */
export const registeredAt = (origin: string) => ({
  ...{ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret },
  redirect_uris: [`${origin}/auth/callback`],
});
export const APP = {
  ...{ ...registeredAt(ORIGIN), client_name: "Prints" },
  post_logout_redirect_uris: [`${ORIGIN}/`],
};
const SCOPE = "openid profile email offline_access";

export interface Scene extends AsyncDisposable {
  issuer: TestIssuer;
  auth: Auth;
  app: App;
  browser(): TestBrowser;
}

export type App = (request: Request) => Promise<Response>;

/** Answers the addresses of `auth`, and has pages of its own. */
export const appWith =
  (auth: Auth): App =>
  async (request) =>
    (await auth.handle(request)) ?? auth.commit(request, await ownPage(auth, request));

async function ownPage(auth: Auth, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const user = await auth.user(request);
  if (url.pathname === "/private" && !user) return auth.login(request);
  if (url.pathname === "/token")
    return new Response(await auth.token(request).catch((error: Error) => error.message));
  return Response.json({ user, at: `${url.pathname}${url.search}` });
}

export async function scene(
  auth: Partial<AuthOptions> = {},
  options: IssuerOptions = {},
): Promise<Scene> {
  const issuer = await startIssuer({ clients: [APP], ...options });
  const options_ = { baseUrl: ORIGIN, secret: SECRET, issuer: issuer.issuer, scope: SCOPE };
  const made = createAuth({ ...options_, ...CLIENT, ...auth });
  const app = appWith(made);
  return {
    issuer,
    auth: made,
    app,
    browser: () => testBrowser(app),
    [Symbol.asyncDispose]: issuer.close,
  };
}

export interface Answer {
  url: URL;
  status: number;
  headers: Headers;
  text: string;
}

export interface TestBrowser {
  /** Of the app. */
  cookies: Map<string, string>;
  /** A person opens an address of the app: redirects are followed, to the issuer and back. */
  open(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** One request to the app. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Follows the address until it leads back to the app, which is not visited. */
  atIssuer(url: string | URL): Promise<URL>;
}

export const NAVIGATION = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

export function testBrowser(app: App): TestBrowser {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (origin: string): Map<string, string> => {
    const jar = jars.get(origin) ?? new Map<string, string>();
    jars.set(origin, jar);
    return jar;
  };

  async function send(url: URL, init: RequestInit = {}): Promise<Response> {
    const jar = jarOf(url.origin);
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set("cookie", [...jar].map((pair) => pair.join("=")).join("; "));
    const request = new Request(url, { redirect: "manual", ...init, headers });
    const response = url.origin === ORIGIN ? await app(request) : await fetch(request);
    keep(jar, response);
    return response;
  }

  async function follow(first: URL, { to_app = false, headers = {} }): Promise<Answer> {
    let url = first;
    for (let hops = 0; hops < 15; hops += 1) {
      const response = await send(url, { headers: { ...NAVIGATION, ...headers } });
      const text = await response.text();
      const location = response.headers.get("location");
      if (location === null)
        return { url, status: response.status, headers: response.headers, text };
      url = new URL(location, url);
      if (to_app && url.origin === ORIGIN)
        return { url, status: response.status, headers: response.headers, text };
    }
    throw new Error(`the redirects of ${first} do not end`);
  }

  return {
    cookies: jarOf(ORIGIN),
    open: (path, headers = {}) => follow(new URL(path, ORIGIN), { headers }),
    request: (path, init) => send(new URL(path, ORIGIN), init),
    atIssuer: async (url) => (await follow(new URL(url), { to_app: true })).url,
  };
}

function keep(jar: Map<string, string>, response: Response): void {
  for (const line of response.headers.getSetCookie()) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/max-age=0/i.test(line)) jar.delete(name);
    else jar.set(name, value);
  }
}

export const SESSION = "__Host-vk_session";
export const BROWSER = "__Host-vk_browser";
export const ENDED = "__Host-vk_ended";

/** Who is signed in in this browser. */
export async function userIn(browser: TestBrowser): Promise<{ email?: string } | null> {
  return JSON.parse((await browser.open("/me")).text).user;
}

/** The address of the callback, which is not visited yet. */
export async function signedIn(browser: TestBrowser, path = "/auth/login"): Promise<URL> {
  const answer = await browser.request(path, { headers: NAVIGATION });
  return browser.atIssuer(answer.headers.get("location") ?? "");
}
