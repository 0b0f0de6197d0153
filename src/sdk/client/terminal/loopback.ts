/** The address on this machine that the browser comes back to (RFC 8252 §7.3). */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AuthError } from "../../errors.ts";
import { HEADERS, htmlOf, type Page } from "./page.ts";

export interface Answer {
  page: Page;
  /** Called when the browser has it. */
  sent(): void;
}

export interface Loopback {
  redirectUri: string;
  close(): void;
}

const HOST = "127.0.0.1";
const PATH = "/callback";

/**
 * Listens until it is closed.
 * @param ports the first free one is used; 0: any
 * @param answer null: the callback belongs to another sign-in
 * @throws AuthError `no_way` when none of the ports is free
 */
export async function listen(
  ports: readonly number[],
  answer: (callback: URL) => Promise<Answer | null>,
): Promise<Loopback> {
  const server = createServer((request, response) => {
    respond(request, { response, origin, answer }).catch(() => response.destroy());
  });
  const port = await bind(server, ports);
  const origin = `http://${HOST}:${port}`;
  return {
    redirectUri: `${origin}${PATH}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function bind(server: Server, ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    try {
      server.listen(port, HOST);
      await once(server, "listening");
      return (server.address() as AddressInfo).port;
    } catch {
      // Taken, or not allowed: the next one may be free.
    }
  }
  throw new AuthError(
    "no_way",
    `the port ${ports.join(", ")} is taken, and the browser needs one`,
    {
      hint: "end the program that uses it, or add another port that the provider knows",
      retryable: true,
    },
  );
}

interface Answering {
  response: ServerResponse;
  origin: string;
  answer: (callback: URL) => Promise<Answer | null>;
}

/** Other pages and programs may ask, too: what is not the callback of this sign-in changes nothing. */
async function respond(
  request: IncomingMessage,
  { response, origin, answer }: Answering,
): Promise<void> {
  const url = URL.parse(request.url ?? "", origin);
  const refuse = (status: number, text: string) =>
    send(response, status, { title: "Nothing is here", text });
  // A page of another site reaches this address under its own name (DNS rebinding).
  if (request.headers.host !== new URL(origin).host || url?.origin !== origin)
    return refuse(421, "This address belongs to another program.");
  if (url.pathname !== PATH) return refuse(404, "The sign-in waits at another address.");
  if (request.method !== "GET") return refuse(405, "The sign-in ends with a GET.");
  const answered = await answer(url);
  if (answered) return send(response, 200, answered.page).finally(answered.sent);
  return refuse(
    400,
    "This is not the sign-in that the terminal waits for. Open its address again.",
  );
}

/** Waits until it was sent: the process may end afterwards. */
function send(response: ServerResponse, status: number, page: Page): Promise<void> {
  response.writeHead(status, HEADERS);
  return new Promise((resolve) => {
    response.on("close", resolve);
    response.end(htmlOf(page), () => resolve());
  });
}
