/** What stands before the server: it notes each request, carries out faults, and lets test people answer the pages. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { AuthorizationServer } from "../authorization_server.ts";
import { type Page, type Send, testBrowser } from "./browser.ts";
import type { Fate } from "./faults.ts";
import { answerPages, type Manner } from "./person.ts";

export interface Door {
  server: Pick<AuthorizationServer, "fetch" | "node" | "issuer">;
  requests: { method: string; path: string }[];
  fateOf(path: string): Fate;
  /** Resolves when the changes that a test has asked for are made. */
  settled(): Promise<void>;
  /** Null: no test person answers the pages. */
  manner: Manner | null;
}

export function listenerOf(door: Door): (request: IncomingMessage, out: ServerResponse) => void {
  return (request, out) => {
    answer(door, request, out).catch((error: unknown) => {
      // The app has given up: there is nobody to tell.
      if (out.destroyed) return;
      console.error(error);
      if (!out.headersSent) out.writeHead(500);
      out.end(String(error));
    });
  };
}

async function answer(door: Door, incoming: IncomingMessage, out: ServerResponse): Promise<void> {
  const { method = "GET", url = "/" } = incoming;
  const [path = "/"] = url.split("?");
  door.requests.push({ method, path });
  const { delay, status, lost } = door.fateOf(path);
  // An answer that nobody waits for any more keeps no test running.
  if (delay > 0) await pause(delay, undefined, { ref: false });
  await door.settled();
  if (status !== null) {
    out.writeHead(status, { "content-type": "text/plain" });
    out.end(`${status} ${STATUS_CODES[status] ?? ""}\n`);
    return;
  }
  const asks = door.manner !== null && ASKING.includes(path);
  if (!lost && !asks) return door.server.node(incoming, out);
  const request = await requestOf(incoming, door.server.issuer);
  const send: Send = (sent) => door.server.fetch(sent, { address: "127.0.0.1" });
  const answered = door.manner && asks ? await withPerson(request, send, door.manner) : null;
  if (lost) {
    if (!answered) await send(request);
    incoming.socket.destroy();
  } else if (answered) write(answered, out);
}

/** Requests that need a person. */
const ASKING = ["/authorize", "/device_authorization"];

interface Answer {
  page: Page;
  /** `Set-Cookie` lines. */
  cookies: string[];
}

async function withPerson(request: Request, send: Send, manner: Manner): Promise<Answer> {
  if (new URL(request.url).pathname === "/device_authorization") {
    const page = await testBrowser(send).request(request);
    const complete = page.status === 200 && JSON.parse(page.html).verification_uri_complete;
    const phone = testBrowser(send);
    if (complete) await answerPages(await phone.get(new URL(complete)), phone, manner);
    return { page, cookies: [] };
  }
  const browser = testBrowser(send, request.headers.get("cookie") ?? "");
  const page = await answerPages(await browser.request(request), browser, manner);
  return { page, cookies: [...browser.set.values()] };
}

async function requestOf(incoming: IncomingMessage, issuer: string): Promise<Request> {
  const { method = "GET", url = "/", headers } = incoming;
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers))
    if (!HOP_BY_HOP.has(name)) for (const each of [value ?? []].flat()) sent.append(name, each);
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const origin = `http://${headers.host ?? new URL(issuer).host}`;
  const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
  return new Request(new URL(url, origin), { method, headers: sent, ...body });
}

const HOP_BY_HOP = new Set(["connection", "host", "keep-alive", "transfer-encoding", "upgrade"]);

function write({ page, cookies }: Answer, out: ServerResponse): void {
  const headers = [...page.headers].filter(
    ([name]) => name !== "set-cookie" && name !== "content-length",
  );
  out.writeHead(page.status, [
    ...headers.flat(),
    ...cookies.flatMap((line) => ["set-cookie", line]),
  ]);
  out.end(page.html);
}
