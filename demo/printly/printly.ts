/** Printly: a web app of another company, which prints the photos that a person keeps at Snaps. */
import { type Auth, createAuth, memoryStore, type User } from "../../src/sdk/client/web/web.ts";
import { svgOf } from "../pictures/pictures.ts";
import { drawing, type Handler, plain, seeOther } from "../site.ts";
import { type Order, type Orders, ordersOf } from "./orders.ts";
import type { Places } from "./pages/frame.ts";
import { frontPage, windowPicture } from "./pages/front.ts";
import { photosPage } from "./pages/photos.ts";
import { printsPage } from "./pages/prints.ts";
import { blankPage } from "./pages/trouble.ts";
import { backOf, chosen, readWish } from "./shop.ts";
import { type SnapsClient, snapsClient } from "./snaps_client.ts";
import { inTrouble, signInTrouble } from "./trouble.ts";

export interface PrintlyOptions extends Places {
  /** Printly's origin, without a slash at the end. */
  origin: string;
  /** The name of Snaps's API, as tokens have it. */
  resource: string;
  credentials: { client_id: string; client_secret: string };
  /** Seals cookies. */
  secret: string;
  /** Sends the requests; the demo records them. */
  fetch?: typeof fetch;
  /** The demo's page about what was said. */
  walkthrough?: (request: Request, user: User | null) => Response;
  /** Takes errors that the pages tell only in part. */
  report?: (error: Error) => void;
}

export function printly(options: PrintlyOptions): Handler {
  const { origin, issuer, credentials, secret } = options;
  const orders = ordersOf();
  const auth = createAuth({
    ...{ baseUrl: origin, secret, issuer },
    ...{ clientId: credentials.client_id, clientSecret: credentials.client_secret },
    // The person's name, and their photos: to see, and to write on the back.
    scope: "openid profile photos.read photos.write",
    session: { store: memoryStore() },
    // The granted scopes, since the person may have unticked some. They are kept in `user.raw`.
    onSignIn: async (_user, { scope }) => ({ scope }),
    onError: (error) => signInTrouble(error, options),
    ...(options.fetch && { fetch: options.fetch }),
  });
  const snaps = snapsClient(auth, options.snaps_url, options.resource);

  async function page(request: Request): Promise<Response> {
    const user = await auth.user(request);
    const url = new URL(request.url);
    const visit: Visit = { options, auth, orders, snaps, request, url, user };
    const route = routeOf(request.method, url.pathname);
    const blank = (kind: "missing" | "method" | "foreign_form") =>
      blankPage({ places: options, user, kind });
    if (typeof route === "string") return blank(route);
    if (request.method === "POST" && !isOwnForm(request, origin)) return blank("foreign_form");
    try {
      return await route(visit);
    } catch (error) {
      return inTrouble(error, visit);
    }
  }

  return async (request) =>
    (await auth.handle(request)) ?? auth.commit(request, await page(request));
}

export interface Visit {
  readonly options: PrintlyOptions;
  readonly auth: Auth;
  readonly orders: Orders;
  readonly snaps: SnapsClient;
  readonly request: Request;
  readonly url: URL;
  /** Null: nobody is signed in. */
  readonly user: User | null;
}
type Route = (visit: Visit) => Promise<Response>;

/** A page for people who are signed in; others get the front page, which tells why. */
const personal =
  (answer: (visit: Visit, user: User, orders: Order[]) => Promise<Response>): Route =>
  async (visit) => {
    const { user, url, orders } = visit;
    if (user) return answer(visit, user, orders.of(user));
    return seeOther(`/${url.search || "?notice=not_connected"}`);
  };

const front: Route = async ({ url, options, user }) =>
  frontPage({ places: options, user, notice: noticeIn(url) });

const askAgain: Route = ({ auth, request }) =>
  auth.login(request, { returnTo: "/photos", prompt: "consent" });

const photos = personal(async ({ request, url, options, snaps }, user) => {
  const list = isAllowed(user, "photos.read") ? await snaps.photos(request) : null;
  return photosPage({ places: options, user, photos: list, notice: noticeIn(url) });
});

const picture = personal(async ({ request, url, snaps }) =>
  drawing(await snaps.picture(request, nameIn(url)), "private, no-store"),
);

const shopWindow: Route = async ({ url }) => {
  const found = windowPicture(nameIn(url));
  if (found === null) return plain("No such picture.\n", 404);
  return drawing(await svgOf(found), "public, max-age=86400");
};

const order = personal(async ({ request, snaps }, user, orders) => {
  const wish = readWish(new URLSearchParams(await request.text()));
  const list = chosen(await snaps.photos(request), wish);
  if (list.length === 0) return seeOther("/photos?notice=nothing_chosen");
  const placed_at = new Date();
  const noted = isAllowed(user, "photos.write");
  const back = backOf({ placed_at, size: wish.size });
  if (noted) for (const { id } of list) await snaps.note(request, id, back);
  const number = orders.length + 1;
  orders.push({ ...wish, number, placed_at, photos: list, noted });
  return seeOther(`/prints/${number}`);
});

const prints = personal(async ({ url, options }, user, orders) => {
  const found = orders.find(({ number }) => url.pathname === `/prints/${number}`);
  return found ? printsPage({ places: options, user, order: found }) : seeOther("/photos");
});

/** The refresh token is given back. At the server, the person stays signed in. */
const disconnect = personal(async ({ auth, request, orders }, user) => {
  orders.forget(user);
  return auth.logout(request, { local: true, returnTo: "/?notice=disconnected" });
});

const walkthrough: Route = async ({ request, options, user }) =>
  options.walkthrough?.(request, user) ?? seeOther("/");

const ROUTES: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  "/": { GET: front },
  "/ask-again": { GET: askAgain },
  "/photos": { GET: photos },
  "/orders": { POST: order },
  "/disconnect": { POST: disconnect },
  "/walkthrough": { GET: walkthrough },
};

function routeOf(method: string, path: string): Route | "missing" | "method" {
  const known = Object.hasOwn(ROUTES, path) ? ROUTES[path] : numbered(path);
  return known ? (known[method] ?? "method") : "missing";
}

function numbered(path: string): Readonly<Record<string, Route>> | undefined {
  if (/^\/prints\/\d+$/.test(path)) return { GET: prints };
  if (/^\/pictures\/[a-z0-9-]+\.svg$/.test(path)) return { GET: picture };
  if (/^\/window\/[a-z0-9-]+\.svg$/.test(path)) return { GET: shopWindow };
  return undefined;
}

/** Whether the person has granted this scope at the sign-in. */
function isAllowed({ raw }: User, scope: "photos.read" | "photos.write"): boolean {
  const { scope: granted }: { scope?: unknown } = Object(raw);
  return Array.isArray(granted) && granted.includes(scope);
}

/** The last part of the path, without `.svg`. */
const nameIn = ({ pathname }: URL): string => /([^/]+)\.svg$/.exec(pathname)?.[1] ?? "";

/** What happened before, for the page to tell. `auth_error` is how the SDK says that the person said no. */
const noticeIn = ({ searchParams }: URL): string | null =>
  searchParams.get("notice") ?? searchParams.get("auth_error");

/**
 * Browsers tell the origin of every form. The cookie alone is not enough: for cookies, all ports of this computer are
 * one site.
 */
function isOwnForm(request: Request, origin: string): boolean {
  const site = request.headers.get("sec-fetch-site");
  return site === null ? request.headers.get("origin") === origin : site === "same-origin";
}
