/** Follows a page of docs/connect: a real server, the page's own commands, the page's own files. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { PASSWORD, type Workplace, workplace } from "../cli/cli.ts";
import { type DemoBrowser, demoBrowser, type Visited } from "../support/demo_browser.ts";
import { freePort } from "../support/postgres.ts";
import { readPage, wordsOf } from "./page.ts";

/** The address of the server in the pages. */
const ISSUER = "https://id.example.com";

/** Credentials in a file or command that does not read `.env`. */
const PLACEHOLDER = /\bCLIENT_(ID|SECRET)\b/g;

export interface Recipe {
  issuer: string;
  /** The origin of the app. */
  origin: string;
  client_id: string;
  folder: string;
  /** A text of the page, with the addresses and credentials of this run. */
  own(text: string): string;
  /** The block of commands of the page that has a line which begins like this. */
  commandOf(word: string): string;
  /** Starts that block, with more arguments at its end, and waits until `origin` answers. */
  start(word: string, more?: string): Promise<Program>;
  /** The log of the server so far: its refusals. */
  refusals(): { why: string; hint?: string }[];
  browser: DemoBrowser;
  /** Starts a program that the page does not start by a command, and waits until it answers. */
  launch(command: string, at?: string): Promise<Program>;
  /** Runs another command on the server's database, and parses what it prints. */
  valetkey(args: string[], input?: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export interface Program {
  said(): string;
  /** The exit code; null: it runs. */
  code(): number | null;
}

export interface Options {
  /** The port of the app in the page. */
  port?: number;
  /** Other words of the page, by what stands there. */
  words?: Record<string, string>;
  /** Holds the installed program; files of the page are written here. Left out: a new one. */
  folder?: string;
  /** More arguments of `valetkey start`. */
  start?: string[];
  env?: Record<string, string>;
  /** The environment of the server. */
  server_env?: Record<string, string>;
}

export async function follow(name: string, options: Options = {}): Promise<Recipe> {
  const place = workplace();
  const children: ChildProcess[] = [];
  // A test that takes too long is ended by this signal, and must leave nothing behind.
  process.once("SIGTERM", () => endAll(place, children).finally(() => process.exit(1)));
  try {
    return await followAt({ place, children }, name, options);
  } catch (error) {
    await endAll(place, children);
    throw error;
  }
}

/** The programs with all that they started, and the server. */
function endAll(place: Workplace, programs: readonly ChildProcess[]): Promise<void> {
  for (const { pid } of programs) if (pid !== undefined) endGroup(pid);
  return place.remove();
}

async function followAt(
  { place, children }: { place: Workplace; children: ChildProcess[] },
  name: string,
  options: Options,
): Promise<Recipe> {
  const { port: written = 3000, words = {}, start = [], server_env = {} } = options;
  const page = readPage(name);
  const port = String(await freePort());
  const here = (text: string): string => {
    let mine = text.replaceAll(new RegExp(`\\b${written}\\b`, "g"), port);
    for (const [word, other] of Object.entries(words)) mine = mine.replaceAll(word, other);
    return mine;
  };
  if (page.config) place.write("valetkey.config.json", here(JSON.stringify(page.config)));
  const config = page.config ? ["--config", "valetkey.config.json"] : [];
  const { issuer, said } = await place.start(["--port", "0", ...config, ...start], {
    env: server_env,
  });
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "valetkey-connect-"));
  const own = (text: string): string => here(text).replaceAll(ISSUER, issuer);

  const ada = ["--username", "ada", "--name", "Ada Lovelace", "--email", "ada@example.com"];
  await place.json(["user", "add", ...ada, "--password-stdin"], { input: PASSWORD });
  let env_file = "";
  for (const command of page.shell.flat().filter((each) => each.startsWith("valetkey "))) {
    const [, ...args] = wordsOf(own(command));
    const ran = await place.run(args, { env: { VALETKEY_ISSUER: issuer } });
    if (ran.code !== 0) raise(`${command} ended with ${ran.code}: ${ran.stderr}`);
    if (args[0] === "client") env_file = (ran.stdout.match(/^OIDC_.*$/gm) ?? []).join("\n");
  }
  writeFileSync(join(folder, ".env"), `${env_file}\n`);
  const [, client_id = ""] = /^OIDC_CLIENT_ID=(.*)$/m.exec(env_file) ?? [];
  const [, client_secret = ""] = /^OIDC_CLIENT_SECRET=(.*)$/m.exec(env_file) ?? [];
  const filled = (text: string): string =>
    own(text).replaceAll(PLACEHOLDER, (_, which) => (which === "ID" ? client_id : client_secret));
  for (const [file, text] of Object.entries(page.files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), filled(text));
  }
  const commandOf = (word: string): string =>
    page.shell.find((block) => block.some((line) => line.startsWith(word)))?.join("\n") ??
    raise(`${name}.md has no command ${word}`);

  const end = (): Promise<void> => endAll(place, children);
  const origin = `http://localhost:${port}`;
  const bins = [join(folder, "bin"), join(folder, "venv/bin"), dirname(process.execPath)];
  const env = {
    PATH: [...bins, process.env.PATH].join(delimiter),
    HOME: folder,
    ...options.env,
  };

  function run(command: string): Program {
    // A group of its own, so that what it starts ends with it.
    const child = spawn("sh", ["-e", "-c", filled(command)], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    children.push(child);
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text) => {
        said += text;
      });
    let code: number | null = null;
    child.on("close", (status) => {
      code = status ?? -1;
    });
    return { said: () => said, code: () => code };
  }

  async function launch(command: string, at = origin): Promise<Program> {
    const program = run(command);
    for (let tries = 0; tries < 1500 && program.code() === null; tries += 1) {
      if (await fetch(at, { redirect: "manual" }).catch(() => null)) return program;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${command} does not answer at ${at}:\n${program.said()}`);
  }

  return {
    ...{ issuer, origin, client_id, folder, own: filled },
    browser: demoBrowser(),
    commandOf,
    start: async (word, more = "") => launch(`${commandOf(word)} ${more}`),
    launch,
    refusals: () =>
      said.stdout
        .split("\n")
        .filter((line) => line.includes("refused"))
        .map((line) => JSON.parse(line)),
    valetkey: (args, input) => place.json(args, input === undefined ? {} : { input }),
    async close() {
      await end();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function raise(message: string): never {
  throw new Error(message);
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Signs ada in and allows what is asked. */
export async function signIn(browser: DemoBrowser, page: Visited): Promise<Visited> {
  if (!page.text.includes("Sign in")) throw new Error(`no sign-in page: ${page.url} ${page.text}`);
  const next = await browser.submit(page, "/sign-in", { username: "ada", password: PASSWORD });
  return browser.submit(next, "/consent", { decision: "allow" });
}
