/** `valetkey start --workers 2` with a person and apps, and a fetch that opens a new connection for each request. */
import { request as send } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { newClient } from "../../src/clients/new_client.ts";
import { parseClientMetadata } from "../../src/oauth/client_metadata.ts";
import { PASSWORD, type Running, type Workplace } from "../cli/cli.ts";
import type { Reachable } from "../support/browser.ts";
import { RULES } from "../support/client_rules.ts";
import type { TestClient } from "../support/server.ts";

export interface Supervisor extends Reachable {
  running: Running;
  web: TestClient;
  native: TestClient;
  pids(): number[];
  /** The log so far. */
  lines(): Line[];
}

export interface Line {
  event: string;
  worker?: number;
  pid?: number;
  path?: string;
}

export async function startSupervisor(place: Workplace, args: string[] = []): Promise<Supervisor> {
  const running = await place.start(["--port", "0", "--workers", "2", ...args]);
  const add = ["user", "add", "--username", "ada", "--password-stdin", ...databaseOf(args)];
  await place.json(add, { input: PASSWORD });
  const client = async (flags: string[]): Promise<TestClient> => {
    const added = await place.json(["client", "add", ...flags, ...databaseOf(args)]);
    const { client_id, client_secret, ...metadata } = added;
    const parsed = parseClientMetadata(metadata, RULES);
    const { client: record } = newClient(parsed, { now: 0, created_by: "operator" });
    return { client_id, client_secret, record: { ...record, client_id } };
  };
  return {
    running,
    issuer: running.issuer,
    fetch: anew,
    web: await client(["--name", "Printly", "--redirect-uri", "https://printly.test/callback"]),
    native: await client([
      "--name",
      "CLI",
      "--native",
      "--redirect-uri",
      "http://127.0.0.1/callback",
    ]),
    lines: () => linesOf(running),
    pids: () => pidsOf(running),
  };
}

export const linesOf = ({ said }: Running): Line[] =>
  said.stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));

/** Process ids of the workers, in the order in which they were ready. */
export const pidsOf = (running: Running): number[] =>
  linesOf(running).flatMap(({ event, pid }) => (event === "worker ready" && pid) || []);

const databaseOf = (args: string[]): string[] => {
  const at = args.indexOf("--database");
  return at < 0 ? [] : args.slice(at, at + 2);
};

/** Like `fetch`, on a connection of its own. */
export async function anew(request: Request): Promise<Response> {
  const body = Buffer.from(await request.arrayBuffer());
  const { method, url } = request;
  const headers = { ...Object.fromEntries(request.headers), "content-length": body.length };
  return new Promise((resolve, reject) => {
    const sent = send(url, { method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const heard = new Headers();
        for (const [name, values] of Object.entries(answer.headersDistinct))
          for (const value of values ?? []) heard.append(name, value);
        const status = answer.statusCode ?? 0;
        const empty = status === 204 || status === 304;
        resolve(new Response(empty ? null : Buffer.concat(chunks), { status, headers: heard }));
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

export const times = <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)));

/** Signal 0 checks whether the process exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function eventually(holds: () => boolean, what: string, ms = 5000): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await pause(20);
  }
}
