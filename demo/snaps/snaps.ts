/** Snaps: a photo service. Its front page is public; a person's photos need an access token. */
import { samples as entries } from "../pictures/catalogue.ts";
import { type Picture, pictureOf, svgOf } from "../pictures/pictures.ts";
import { drawing, type Handler, json, plain } from "../site.ts";
import { type Access, type AccessOptions, access } from "./access.ts";
import { homePage, missingPage } from "./home.ts";
import { addNote, library, type Photo } from "./library.ts";

export interface SnapsOptions extends Omit<AccessOptions, "metadata_url"> {
  /** Snaps's origin, without a slash at the end. */
  origin: string;
  printly_url: string;
}

const METADATA = "/.well-known/oauth-protected-resource";
const samples = entries.map(pictureOf);

export function snaps(options: SnapsOptions): Handler {
  const { origin } = options;
  const guard = access({ ...options, metadata_url: origin + METADATA });
  const photos = photoApi(origin, guard);

  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/photos" || pathname.startsWith("/photos/")) return photos(request, pathname);
    if (request.method !== "GET") return notAllowed("GET");
    if (pathname === "/") return homePage({ ...options, samples });
    if (pathname === METADATA) return metadata(options);
    return (await sample(pathname)) ?? missingPage(options);
  };
}

/** RFC 9728: the authorization server of the API, and its scopes. */
function metadata({ resource, issuer, origin }: SnapsOptions): Response {
  const document = {
    resource,
    authorization_servers: [issuer],
    scopes_supported: ["photos.read", "photos.write"],
    bearer_methods_supported: ["header"],
    resource_name: "Snaps",
    resource_documentation: `${origin}/#api`,
  };
  return json(document, 200, {
    "cache-control": "max-age=300",
    "access-control-allow-origin": "*",
  });
}

async function sample(pathname: string): Promise<Response | null> {
  const [, id] = /^\/samples\/([a-z0-9-]+)\.svg$/.exec(pathname) ?? [];
  const picture = samples.find((each) => each.id === id);
  return picture ? drawing(await svgOf(picture), "public, max-age=86400") : null;
}

function photoApi(
  origin: string,
  guard: Access,
): (request: Request, pathname: string) => Promise<Response> {
  const { photosOf, find } = library();

  async function list(request: Request): Promise<Response> {
    const verdict = await guard.check(request, "photos.read", { ask_server: true });
    if ("refusal" in verdict) return verdict.refusal;
    return json({ photos: photosOf(verdict.sub).map((photo) => describe(photo, origin)) });
  }

  async function show(request: Request, id: string): Promise<Response> {
    const verdict = await guard.check(request, "photos.read");
    if ("refusal" in verdict) return verdict.refusal;
    const photo = find(verdict.sub, id);
    return photo ? drawing(await svgOf(photo.picture), "private, no-store") : missing();
  }

  async function note(request: Request, id: string): Promise<Response> {
    const verdict = await guard.check(request, "photos.write", { ask_server: true });
    if ("refusal" in verdict) return verdict.refusal;
    const photo = find(verdict.sub, id);
    if (!photo) return missing();
    if (!addNote(photo, await textOf(request)))
      return json({ error: 'a note is JSON: { "text": up to 140 characters }' }, 400);
    return json(describe(photo, origin), 201);
  }

  return async (request, pathname) => {
    const { method } = request;
    if (pathname === "/photos") return method === "GET" ? list(request) : notAllowed("GET");
    const [, id = "", kind] = /^\/photos\/([a-z0-9-]+)(\.svg|\/notes)$/.exec(pathname) ?? [];
    if (kind === ".svg") return method === "GET" ? show(request, id) : notAllowed("GET");
    if (kind === "/notes") return method === "POST" ? note(request, id) : notAllowed("POST");
    return missing();
  };
}

async function textOf(request: Request): Promise<unknown> {
  const value: unknown = await request.json().catch(() => null);
  return typeof value === "object" && value !== null && "text" in value ? value.text : null;
}

function describe({ picture, notes }: Photo, origin: string): Record<string, unknown> {
  const { id, title, alt, shape, width, height, taken }: Picture = picture;
  return {
    id,
    title,
    alt,
    shape,
    width,
    height,
    taken,
    notes,
    picture: `${origin}/photos/${id}.svg`,
  };
}

const missing = (): Response => json({ error: "there is no such photo" }, 404);
const notAllowed = (allow: string): Response => plain("That can't be done here.\n", 405, { allow });
