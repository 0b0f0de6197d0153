/** Printly's requests to Snaps. The SDK adds the person's access token, and gets a new one when it is time. */
import { type Auth, AuthError } from "../../src/sdk/client/web/web.ts";

export interface SnapsClient {
  photos(visitor: Request): Promise<Photo[]>;
  /** The drawing itself. */
  picture(visitor: Request, id: string): Promise<string>;
  /** Writes on the back of a photo. */
  note(visitor: Request, id: string, text: string): Promise<void>;
}

/** A photo, as Snaps describes it. */
export interface Photo {
  readonly id: string;
  readonly title: string;
  readonly alt: string;
  readonly shape: "wide" | "tall" | "square";
  readonly width: number;
  readonly height: number;
  readonly taken: string;
  readonly notes: readonly string[];
}

/** Snaps did not do what was asked. */
export class SnapsError extends Error {
  override readonly name = "SnapsError";
  /** Null: there was no answer. */
  readonly status: number | null;
  constructor(status: number | null, options?: ErrorOptions) {
    super(status === null ? "Snaps does not answer" : `Snaps answered ${status}`, options);
    this.status = status;
  }
}

/** @param resource the name of Snaps's API: the token is for it, and opens nothing else */
export function snapsClient(auth: Auth, url: string, resource: string): SnapsClient {
  async function ask(visitor: Request, path: string, init: RequestInit = {}): Promise<Response> {
    const answer = await auth.fetch(visitor, url + path, { ...init, resource }).catch(unanswered);
    if (answer.ok) return answer;
    await answer.body?.cancel();
    throw new SnapsError(answer.status);
  }

  return {
    photos: async (visitor) => parsePhotos(await (await ask(visitor, "/photos")).json()),
    picture: async (visitor, id) => (await ask(visitor, `/photos/${id}.svg`)).text(),
    async note(visitor, id, text) {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ text });
      await ask(visitor, `/photos/${id}/notes`, { method: "POST", headers, body });
    },
  };
}

/** The SDK has words for trouble with the server; any other error is that of the request to Snaps. */
function unanswered(error: unknown): never {
  throw error instanceof AuthError ? error : new SnapsError(null, { cause: error });
}

/** Checks the response, which comes from another company. */
function parsePhotos(answer: unknown): Photo[] {
  const photos = isObject(answer) && Array.isArray(answer.photos) ? answer.photos : [];
  return photos.flatMap((each: unknown): Photo[] => {
    if (!isObject(each)) return [];
    const { id, title, alt, width, height, taken, notes } = each;
    if (typeof id !== "string" || !/^[a-z0-9-]+$/.test(id)) return [];
    if (typeof width !== "number" || typeof height !== "number") return [];
    const shape = width > height ? "wide" : width < height ? "tall" : "square";
    const said = Array.isArray(notes) ? notes.filter((note) => typeof note === "string") : [];
    const text = (value: unknown): string => (typeof value === "string" ? value : "");
    return [
      {
        ...{ id, shape, width, height, notes: said },
        ...{ title: text(title), alt: text(alt), taken: text(taken) },
      },
    ];
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
