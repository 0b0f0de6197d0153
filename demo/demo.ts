/** The demo: an authorization server, an API and a web app, three origins in one process. */
import { createAuthorizationServer } from "../src/authorization_server.ts";
import type { Config } from "../src/config.ts";
import type { Log } from "../src/context.ts";
import { randomText } from "../src/crypto/hash.ts";
import type { ListenAddress } from "../src/node/listen.ts";
import { greeting } from "./greeting.ts";
import { PORTS } from "./ports.ts";
import { printedMail } from "./printed_mail.ts";
import { logo } from "./printly/pages/style.ts";
import { printly } from "./printly/printly.ts";
import { ACCOUNT, openState, plant, type State } from "./seed.ts";
import { listener, openPort, type Port } from "./site.ts";
import { snaps } from "./snaps/snaps.ts";
import { walkthroughPage } from "./walkthrough/page.ts";
import { storiesOf } from "./walkthrough/stories.ts";

export interface DemoOptions {
  /** Left out: `PORTS`. 0: any free port. */
  ports?: { server?: number; snaps?: number; printly?: number };
  /** The folder of the demo's state, with which it goes on later. */
  folder?: string;
  /** Left out: the key file in the folder. */
  secret?: string;
  /** Forget the state of earlier runs. */
  reset?: boolean;
  /** Lifetime of access tokens in seconds: short, so that visitors see one being renewed. */
  access_token?: number;
  /** Takes the greeting, a few lines of text. */
  log?: (text: string) => void;
  /** Whether the greeting may have colours. */
  colour?: boolean;
  /** The server's own log; silent if left out. */
  server_log?: Log;
}

export interface Demo {
  /** Origins, without a slash at the end. */
  readonly urls: { server: string; snaps: string; printly: string };
  /** `password`: null when the person has changed it since. */
  readonly account: { username: string; password: string | null };
  close(): Promise<void>;
}

/**
 * Starts the three sites.
 * @throws ListenError when a port is in use, DatabaseError or BadSecret when the state in the folder can't be used
 */
export async function runDemo(options: DemoOptions = {}): Promise<Demo> {
  const { log = () => {}, colour = false } = options;
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of closers.splice(0).reverse()) await each();
  };
  try {
    const demo = await assemble(options, (closer) => closers.push(closer));
    log(greeting({ ...demo, colour }));
    return { ...demo, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function assemble(
  options: DemoOptions,
  onClose: (closer: () => Promise<void>) => void,
): Promise<Omit<Demo, "close">> {
  // The ports come first: if one is taken, nothing is created, and the state of a running demo is not reset.
  const ports = await openPorts(options, onClose);
  // A cookie belongs to a host and is sent to all of its ports. So the server, which keeps sessions, has the name
  // `localhost` for itself (passkeys need a name, too). Printly and Snaps share the only other address that every
  // machine has and that http redirect URIs may use. Snaps neither sets nor reads cookies. A browser that opens its
  // front page sends it Printly's session cookie, which is of no use there.
  const urls = {
    server: `http://localhost:${ports.server.port}`,
    snaps: `http://127.0.0.1:${ports.snaps.port}`,
    printly: `http://127.0.0.1:${ports.printly.port}`,
  };
  const resource = `${urls.snaps}/`;
  const folder = options.folder ?? folderFor(ports.server.port);
  const state = openState(folder, options.reset ?? false);
  const server = createAuthorizationServer(configOf(urls, resource, state, options), {
    // Empty: the key file in the folder counts, and not the environment, which may hold the secret of another server.
    secret: options.secret ?? "",
    previous_secrets: [],
    test_account: ACCOUNT,
    ...(options.server_log && { log: options.server_log }),
  });
  onClose(() => server.close());
  await server.ready;
  const { password_is_known } = await plant(server, state, { printly_url: urls.printly, logo });

  const report = (site: string) => (error: unknown) =>
    options.server_log?.error(`${site} failed`, { why: String(error) });
  const stories = storiesOf(urls);
  const places = { issuer: urls.server, snaps_url: urls.snaps, resource };
  const shop = printly({
    ...{ ...places, origin: urls.printly, credentials: state.printly, secret: randomText(32) },
    fetch: stories.printly.fetch,
    walkthrough: (request, user) =>
      walkthroughPage({
        ...{ places, user, chapters: stories.chapters(request) },
        tool: stories.toolChapters(user?.id ?? null),
      }),
    report: report("Printly"),
  });
  const photos = snaps({
    ...{ ...places, origin: urls.snaps, printly_url: urls.printly },
    fetch: stories.snaps.fetch,
  });
  ports.server.answer(server.node);
  ports.snaps.answer(listener(stories.snaps.around(photos), urls.snaps, report("Snaps")));
  ports.printly.answer(listener(stories.printly.around(shop), urls.printly, report("Printly")));
  const password = password_is_known ? ACCOUNT.password : null;
  return { urls, account: { username: ACCOUNT.username, password } };
}

async function openPorts(
  { ports = {} }: DemoOptions,
  onClose: (closer: () => Promise<void>) => void,
): Promise<{ server: Port; snaps: Port; printly: Port }> {
  const open = async (name: string, at: ListenAddress): Promise<Port> => {
    const opened = await openPort(name, at);
    onClose(() => opened.close());
    return opened;
  };
  return {
    server: await open("the server", { host: "localhost", port: ports.server ?? PORTS.server }),
    snaps: await open("Snaps", { host: "127.0.0.1", port: ports.snaps ?? PORTS.snaps }),
    printly: await open("Printly", { host: "127.0.0.1", port: ports.printly ?? PORTS.printly }),
  };
}

function configOf(
  urls: Demo["urls"],
  resource: string,
  { database }: State,
  { access_token = 120, log = () => {} }: DemoOptions,
): Config {
  return {
    issuer: urls.server,
    database,
    mail: { from: "demo@localhost.example", sender: printedMail(log) },
    scopes: { "photos.read": "See your photos", "photos.write": "Add and change your photos" },
    resources: { [resource]: { name: "Snaps", scopes: ["photos.read", "photos.write"] } },
    lifetimes: { access_token },
    sign_up: true,
    your_apps: "everyone",
  };
}

/** A demo on other ports has a folder of its own, so that it does not change the apps of the first one. */
const folderFor = (port: number): string =>
  port === PORTS.server ? ".valetkey" : `.valetkey-${port}`;
