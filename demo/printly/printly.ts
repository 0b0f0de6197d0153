/** Printly: a web app of another company, which prints the photos that a person keeps at Snaps. */
import { svgOf } from "../pictures/pictures.ts";
import { drawing, type Handler, plain, seeOther } from "../site.ts";
import { walkthroughPage } from "../walkthrough/page.ts";
import { type Connector, connector } from "./connector.ts";
import type { Places } from "./pages/frame.ts";
import { frontPage, windowPicture } from "./pages/front.ts";
import { photosPage } from "./pages/photos.ts";
import { printsPage } from "./pages/prints.ts";
import { blankPage, troublePage } from "./pages/trouble.ts";
import { type Session, type Sessions, sessions } from "./session.ts";
import { backOf, chosen, readWish } from "./shop.ts";
import { type SnapsClient, snapsClient } from "./snaps_client.ts";
import { Trouble } from "./trouble.ts";

export interface PrintlyOptions extends Places {
  /** Printly's origin, without a slash at the end. */
  origin: string;
  /** The resource identifier of the API. */
  resource: string;
  credentials: { client_id: string; client_secret: string };
}

export interface Printly {
  handler: Handler;
  /** Finds the visitor's story with this trace, to add the messages of other sites to it. */
  traced: Sessions["traced"];
}

/** The person's name, and their photos: to see, and to write on the back. */
const SCOPE = "openid profile photos.read photos.write";

export function printly(options: PrintlyOptions): Printly {
  const oauth = connector({ ...options, redirect_uri: `${options.origin}/callback` });
  const known = sessions();
  const parts: Parts = {
    options,
    oauth,
    known,
    snaps: snapsClient(options.snaps_url, oauth),
  };
  return {
    traced: known.traced,
    async handler(request) {
      const url = new URL(request.url);
      const route = routeOf(request.method, url.pathname);
      const { connection = null } = known.find(request) ?? {};
      if (route === "missing") return blankPage({ places: options, connection, kind: "missing" });
      if (route === "method") return blankPage({ places: options, connection, kind: "method" });
      if (request.method === "POST" && !isOwnForm(request, options.origin))
        return blankPage({ places: options, connection, kind: "foreign_form" });
      return route({ ...parts, request, url });
    },
  };
}

interface Parts {
  readonly options: PrintlyOptions;
  readonly oauth: Connector;
  readonly snaps: SnapsClient;
  readonly known: Sessions;
}
interface Visit extends Parts {
  readonly request: Request;
  readonly url: URL;
}
type Route = (visit: Visit) => Promise<Response>;

function routeOf(method: string, path: string): Route | "missing" | "method" {
  const routes: Record<string, Record<string, Route>> = {
    "/": { GET: front },
    "/connect": { POST: connect },
    "/callback": { GET: callback },
    "/photos": { GET: photos },
    "/orders": { POST: order },
    "/renew": { POST: renew },
    "/disconnect": { POST: disconnect },
    "/walkthrough": { GET: walkthrough },
  };
  const found = routes[path] ?? (/^\/prints\/\d+$/.test(path) && { GET: prints }) ?? undefined;
  const known = found || pictureRoutes(path);
  return known ? (known[method] ?? "method") : "missing";
}

function pictureRoutes(path: string): Record<string, Route> | null {
  if (/^\/pictures\/[a-z0-9-]+\.svg$/.test(path)) return { GET: picture };
  if (/^\/window\/[a-z0-9-]+\.svg$/.test(path)) return { GET: shopWindow };
  return null;
}

/**
 * Browsers tell the origin of every form. The cookie alone is not enough: for cookies, all ports of this computer are
 * one site.
 */
function isOwnForm(request: Request, origin: string): boolean {
  const site = request.headers.get("sec-fetch-site");
  return site === null ? request.headers.get("origin") === origin : site === "same-origin";
}

async function front({ request, options, known }: Visit): Promise<Response> {
  const session = known.find(request);
  const notice = session?.notice ?? null;
  if (session) session.notice = null;
  return frontPage({ places: options, session, notice });
}

async function connect({ request, options, oauth, known }: Visit): Promise<Response> {
  const form = new URLSearchParams(await request.text());
  const { session, cookie } = known.open(request);
  const headers: Record<string, string> = cookie === null ? {} : { "set-cookie": cookie };
  try {
    const url = await oauth.begin(session, SCOPE, form.get("again") === "yes");
    return seeOther(url.href, headers);
  } catch (error) {
    return inTrouble(error, session, options);
  }
}

async function callback({ request, url, options, oauth, known }: Visit): Promise<Response> {
  const { session } = known.open(request);
  try {
    await oauth.finish(session, url);
  } catch (error) {
    const cookie = known.rename(request, session);
    const answer = inTrouble(error, session, options);
    answer.headers.append("set-cookie", cookie);
    return answer;
  }
  return seeOther("/photos", { "set-cookie": known.rename(request, session) });
}

async function photos({ request, options, snaps, known }: Visit): Promise<Response> {
  const session = known.find(request);
  if (!session?.connection) return seeOther("/");
  const { connection, notice } = session;
  session.notice = null;
  session.recorder.chapter("Fetching your photos");
  try {
    const list = await snaps.photos(session);
    return photosPage({ places: options, connection, photos: list, notice });
  } catch (error) {
    if (error instanceof Trouble && error.kind === "not_allowed")
      return photosPage({ places: options, connection, photos: null, notice });
    return inTrouble(error, session, options);
  }
}

async function picture({ request, url, snaps, known }: Visit): Promise<Response> {
  const session = known.find(request);
  if (!session?.connection) return plain("Nobody is connected.\n", 404);
  const [, id = ""] = /^\/pictures\/(.+)\.svg$/.exec(url.pathname) ?? [];
  try {
    return drawing(await snaps.picture(session, id), "private, no-store");
  } catch (error) {
    if (error instanceof Trouble) return plain("Snaps did not give this picture.\n", 404);
    throw error;
  }
}

async function shopWindow({ url }: Visit): Promise<Response> {
  const [, id = ""] = /^\/window\/(.+)\.svg$/.exec(url.pathname) ?? [];
  const picture = windowPicture(id);
  if (picture === null) return plain("No such picture.\n", 404);
  return drawing(await svgOf(picture), "public, max-age=86400");
}

async function order({ request, options, snaps, known }: Visit): Promise<Response> {
  const session = known.find(request);
  if (!session?.connection) return seeOther("/");
  const { connection, orders, recorder } = session;
  const wish = readWish(new URLSearchParams(await request.text()));
  recorder.chapter("Printing");
  try {
    const list = chosen(await snaps.photos(session), wish);
    if (list.length === 0) {
      session.notice = { kind: "nothing_chosen" };
      return seeOther("/photos");
    }
    const placed_at = new Date();
    const noted = connection.access?.scope.includes("photos.write") ?? false;
    const back = backOf({ placed_at, size: wish.size });
    if (noted) for (const { id } of list) await snaps.note(session, id, back);
    const number = orders.length + 1;
    orders.push({ ...wish, number, placed_at, photos: list, noted });
    return seeOther(`/prints/${number}`);
  } catch (error) {
    return inTrouble(error, session, options);
  }
}

async function prints({ request, url, options, known }: Visit): Promise<Response> {
  const session = known.find(request);
  const number = Number(url.pathname.split("/").at(-1));
  const found = session?.orders.find((each) => each.number === number);
  if (!session?.connection || !found) return seeOther(session?.connection ? "/photos" : "/");
  return printsPage({ places: options, connection: session.connection, order: found });
}

async function renew({ request, options, oauth, known }: Visit): Promise<Response> {
  const session = known.find(request);
  if (!session?.connection) return seeOther("/walkthrough");
  session.recorder.chapter("Renewing the access token");
  try {
    await oauth.renew(session, session.connection);
    return seeOther("/walkthrough#latest");
  } catch (error) {
    return inTrouble(error, session, options);
  }
}

async function disconnect({ request, options, oauth, known }: Visit): Promise<Response> {
  const session = known.find(request);
  if (!session?.connection) return seeOther("/");
  session.recorder.chapter("Giving the permission back");
  try {
    await oauth.disconnect(session);
  } catch (error) {
    return inTrouble(error, session, options);
  }
  session.notice = { kind: "disconnected" };
  session.orders.length = 0;
  return seeOther("/");
}

async function walkthrough({ request, options, known }: Visit): Promise<Response> {
  const session = known.find(request);
  return walkthroughPage({
    places: options,
    connection: session?.connection ?? null,
    chapters: session?.recorder.chapters() ?? [],
  });
}

/** Problems that a new start solves are shown on the front page; other ones have a page of their own. */
function inTrouble(error: unknown, session: Session, places: Places): Response {
  if (!(error instanceof Trouble)) throw error;
  const { kind, message } = error;
  if (kind === "server_down" || kind === "snaps_down")
    return troublePage({ places, connection: session.connection, kind });
  if (kind === "withdrawn") forget(session);
  session.notice = { kind, detail: message };
  return seeOther(kind === "not_allowed" ? "/photos" : "/");
}

function forget(session: Session): void {
  session.connection = null;
  session.pictures.clear();
  session.orders.length = 0;
}
