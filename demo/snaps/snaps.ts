/** Snaps: a photo service. Its front page is public; a person's photos need an access token. */
import { protect } from "../../src/sdk/resource_server/protect.ts";
import { samples as entries } from "../pictures/catalogue.ts";
import { type Picture, pictureOf, svgOf } from "../pictures/pictures.ts";
import { drawing, type Handler, json, plain } from "../site.ts";
import { homePage, missingPage } from "./home.ts";
import { addNote, library, type Photo, parseDrawing } from "./library.ts";

export interface SnapsOptions {
  /** Snaps's origin, without a slash at the end. */
  origin: string;
  /** The server that Snaps trusts. */
  issuer: string;
  /** The name of the API: tokens have to be for it. */
  resource: string;
  printly_url: string;
  /** Sends the requests; the demo records them. */
  fetch?: typeof fetch;
}

const samples = entries.map(pictureOf);

export function snaps(options: SnapsOptions): Handler {
  const { origin, issuer, resource, fetch } = options;
  const guard = protect({ issuer, audience: resource, name: "Snaps", ...(fetch && { fetch }) });
  const { photosOf, find, upload } = library();

  async function list(request: Request): Promise<Response> {
    const access = await guard(request, { scopes: ["photos.read"] });
    if (access instanceof Response) return access;
    return json({ photos: photosOf(access.sub).map((photo) => describe(photo, origin)) });
  }

  async function add(request: Request): Promise<Response> {
    const access = await guard(request, { scopes: ["photos.write"] });
    if (access instanceof Response) return access;
    const title = new URL(request.url).searchParams.get("title");
    const drawn = parseDrawing(title, await request.text());
    if (!drawn) return json({ error: "a photo is an SVG with a viewBox, and has a title" }, 400);
    const photo = upload(access.sub, drawn);
    if (!photo) return json({ error: "this demo keeps no more uploads of one person" }, 409);
    return json(describe(photo, origin), 201);
  }

  async function show(request: Request, id: string): Promise<Response> {
    const access = await guard(request, { scopes: ["photos.read"] });
    if (access instanceof Response) return access;
    const photo = find(access.sub, id);
    return photo
      ? drawing(photo.svg ?? (await svgOf(photo.picture)), "private, no-store")
      : missing();
  }

  async function note(request: Request, id: string): Promise<Response> {
    const access = await guard(request, { scopes: ["photos.write"] });
    if (access instanceof Response) return access;
    const photo = find(access.sub, id);
    if (!photo) return missing();
    if (!addNote(photo, await textOf(request)))
      return json({ error: 'a note is JSON: { "text": up to 140 characters }' }, 400);
    return json(describe(photo, origin), 201);
  }

  async function photos(request: Request, pathname: string): Promise<Response> {
    const { method } = request;
    if (pathname === "/photos") {
      if (method === "GET") return list(request);
      return method === "POST" ? add(request) : notAllowed("GET, POST");
    }
    const [, id = "", kind] = /^\/photos\/([a-z0-9-]+)(\.svg|\/notes)$/.exec(pathname) ?? [];
    if (kind === ".svg") return method === "GET" ? show(request, id) : notAllowed("GET");
    if (kind === "/notes") return method === "POST" ? note(request, id) : notAllowed("POST");
    return missing();
  }

  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/photos" || pathname.startsWith("/photos/")) return photos(request, pathname);
    if (request.method !== "GET") return notAllowed("GET");
    if (pathname === "/") return homePage({ ...options, samples });
    return guard.metadata(request) ?? (await sample(pathname)) ?? missingPage(options);
  };
}

async function sample(pathname: string): Promise<Response | null> {
  const [, id] = /^\/samples\/([a-z0-9-]+)\.svg$/.exec(pathname) ?? [];
  const picture = samples.find((each) => each.id === id);
  return picture ? drawing(await svgOf(picture), "public, max-age=86400") : null;
}

async function textOf(request: Request): Promise<unknown> {
  const value: unknown = await request.json().catch(() => null);
  return typeof value === "object" && value !== null && "text" in value ? value.text : null;
}

function describe({ picture, notes }: Photo, origin: string): Record<string, unknown> {
  const { id, title, alt, shape, width, height, taken }: Picture = picture;
  return {
    ...{ id, title, alt, shape, width, height, taken, notes },
    picture: `${origin}/photos/${id}.svg`,
  };
}

const missing = (): Response => json({ error: "there is no such photo" }, 404);
const notAllowed = (allow: string): Response => plain("That can't be done here.\n", 405, { allow });
