/** Printly's requests to Snaps: sends the access token, and gets a new one when it has expired. */
import * as oauth from "oauth4webapi";
import type { Connector } from "./connector.ts";
import type { Access, Connection, Photo, Session } from "./session.ts";
import { reach, Trouble } from "./trouble.ts";

export interface SnapsClient {
  photos(session: Session): Promise<Photo[]>;
  /** The drawing itself. */
  picture(session: Session, id: string): Promise<string>;
  /** Writes on the back of a photo. */
  note(session: Session, id: string, text: string): Promise<void>;
}

/** Seconds. A token must not expire on its way. */
const MARGIN = 5;

export function snapsClient(url: string, connector: Connector): SnapsClient {
  async function send(session: Session, method: string, path: string, body: string | null = null) {
    const connection = connectionOf(session);
    const { access } = connection;
    const fresh = access !== null && access.expires_at - MARGIN > Date.now() / 1000;
    const ask = ({ token }: Access) => request(session, token, { method, path, body });
    const first = await ask(fresh ? access : await connector.renew(session, connection));
    if (first !== "invalid_token") return first;
    // The token was refused before its expiry: the permission may still yield a new one, or it has ended.
    const second = await ask(await connector.renew(session, connection));
    if (second === "invalid_token") throw new Trouble("withdrawn", "refused twice");
    return second;
  }

  async function request(
    { recorder }: Session,
    token: string,
    { method, path, body }: { method: string; path: string; body: string | null },
  ): Promise<Response | "invalid_token"> {
    const headers = new Headers({
      traceparent: `00-${recorder.trace}-${"1".padStart(16, "0")}-01`,
    });
    if (body !== null) headers.set("content-type", "application/json");
    try {
      return await reach("snaps_down", () =>
        oauth.protectedResourceRequest(token, method, new URL(url + path), headers, body, {
          [oauth.allowInsecureRequests]: true,
          [oauth.customFetch]: recorder.fetch("printly", "snaps"),
        }),
      );
    } catch (error) {
      if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
      const [challenge] = error.cause;
      const { error: reason } = challenge?.parameters ?? {};
      if (reason === "invalid_token") return reason;
      const kind = reason === "insufficient_scope" ? "not_allowed" : "refused";
      throw new Trouble(kind, reason ?? `status ${error.status}`);
    }
  }

  return {
    async photos(session) {
      const response = await send(session, "GET", "/photos");
      const answer: unknown = await response.json();
      return parsePhotos(answer);
    },
    async picture(session, id) {
      const known = session.pictures.get(id);
      if (known !== undefined) return known;
      const response = await send(session, "GET", `/photos/${id}.svg`);
      if (!response.ok) throw new Trouble("refused", `status ${response.status}`);
      const svg = await response.text();
      session.pictures.set(id, svg);
      return svg;
    },
    async note(session, id, text) {
      await send(session, "POST", `/photos/${id}/notes`, JSON.stringify({ text }));
    },
  };
}

function connectionOf({ connection }: Session): Connection {
  if (!connection) throw new Trouble("stale", "not connected");
  return connection;
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
        id,
        title: text(title),
        alt: text(alt),
        shape,
        width,
        height,
        taken: text(taken),
        notes: said,
      },
    ];
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
