/** Where the stories of libraries written by others run: a server behind a real connection, on any database. */
import { after, before, test } from "node:test";
import type { Config } from "../../../src/config.ts";
import { CONFIG, SNAPS } from "../server.ts";
import { type Stranger, stranger } from "../stranger.ts";
import type { WebServer } from "../web.ts";

/** A server with a database of its own. */
export type Open = (config: Config) => Promise<WebServer>;

export interface Place {
  /** Configured with `EVERYTHING`, and shared by all stories. */
  server: WebServer;
  /** The web server of a relying party. */
  site: Stranger;
  /** For stories of other configurations. */
  open: Open;
}

export type Stories = Readonly<Record<string, (place: Place) => Promise<void>>>;

/** One configuration for all stories, as certification asks for. */
export const EVERYTHING = {
  legacy_grants: true,
  sign_up: true,
  allow_private_fetch: true,
  rate_limits: { changes: 0 },
  resources: {
    ...CONFIG.resources,
    [SNAPS]: { name: "Snaps", scopes: ["photos.read", "photos.write"], open: true },
  },
  registration: { mode: "open", allowed_redirect_hosts: ["app.test"], per_address_hour: 1000 },
} satisfies Config;

/** Runs the stories as tests of the file that calls it. */
export function tell(stories: Stories, open: Open): void {
  let place: Place;
  before(async () => {
    place = { server: await open(EVERYTHING), site: await stranger(), open };
  });
  after(async () => {
    await place.server.close();
    await place.site.close();
  });
  for (const [sentence, story] of Object.entries(stories)) test(sentence, () => story(place));
}

let people = 0;
/** A person whom no other story knows. */
export async function newPerson(
  server: WebServer,
  claims: object = { name: "Ada Lovelace" },
): Promise<{ username: string; sub: string }> {
  people += 1;
  const username = `stranger-${people}`;
  return { username, sub: await server.addUser(username, { claims }) };
}
