/** The command-line tool of Snaps: `snaps ls` and `snaps upload FILE`. The person signs in when it is needed. */
import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import {
  openSession,
  type Session,
  signIn,
  type Ui,
} from "../../src/sdk/client/terminal/terminal.ts";
import { TOOL } from "../apps.ts";

export interface ToolOptions {
  /** Origins, without a slash at the end. */
  urls: { server: string; snaps: string };
  /** Shows the sign-in to the person; left out: the terminal. */
  ui?: Ui;
  /** Is told of each request, to the server and to Snaps. */
  onRequest?: (line: string) => void;
}

export const HELP = `snaps ls             your photos
snaps upload FILE    add one, as SVG
snaps login          sign in, also as somebody else
snaps logout         sign out

--requests           says what it asks the server and Snaps
--port NUMBER        that of the demo's server (4100)

Example: npm run -s snaps -- upload sunset.svg`;

/**
 * Runs a command.
 * @returns what it says
 * @throws AuthError when nobody signed in; Error with a message for people otherwise
 */
export async function runTool(
  args: readonly string[],
  { urls, ui, onRequest }: ToolOptions,
): Promise<string> {
  const options = {
    ...{ app: "snaps", issuer: urls.server, clientId: TOOL, resource: `${urls.snaps}/` },
    scope: "openid profile offline_access photos.read photos.write",
    ...(ui && { ui }),
    ...(onRequest && { fetch: telling(onRequest) }),
  };
  const photos = `${urls.snaps}/photos`;
  const [command, file] = args;
  if (command === "ls") return list(await signIn(options), photos);
  if (command === "upload" && file !== undefined) {
    const drawing = await readFile(file, "utf8");
    const title = basename(file, extname(file));
    return upload(await signIn(options), `${photos}?${new URLSearchParams({ title })}`, drawing);
  }
  if (command === "login")
    return `Hello ${(await signIn({ ...options, force: true })).user?.name ?? "there"}.`;
  if (command === "logout") {
    await (await openSession(options))?.signOut();
    return "Nobody is signed in now.";
  }
  if (command === undefined || command === "help") return HELP;
  throw new Error(
    command === "upload" ? `upload needs a file\n\n${HELP}` : `${command} is no command\n\n${HELP}`,
  );
}

const telling =
  (onRequest: (line: string) => void): typeof fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    onRequest(`${init?.method ?? "GET"} ${response.url} ${response.status}`);
    return response;
  };

async function list(session: Session, url: string): Promise<string> {
  const { photos } = await answered(await session.fetch(url));
  if (!Array.isArray(photos)) throw new Error("Snaps answered without photos");
  return photos.map(({ taken, title }) => `${taken}  ${title}`).join("\n");
}

async function upload(session: Session, url: string, body: string): Promise<string> {
  const headers = { "content-type": "image/svg+xml" };
  const { id, title } = await answered(await session.fetch(url, { method: "POST", headers, body }));
  return `Snaps has “${title}” now, as ${id}. Printly shows it too.`;
}

async function answered(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text();
  if (response.status === 413) throw new Error("Snaps takes photos of up to 128 kB");
  const answer: Record<string, unknown> = text.startsWith("{") ? JSON.parse(text) : {};
  if (!response.ok) throw new Error(`Snaps answered ${response.status}: ${answer.error ?? text}`);
  return answer;
}
