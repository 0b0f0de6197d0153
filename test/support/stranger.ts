/** Another company's web server: it publishes what a test says, and counts who asks. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { Outbound } from "../../src/context.ts";
import { createOutbound, type OutboundOptions } from "../../src/http/outbound.ts";

export interface Stranger extends AsyncDisposable {
  /** Such as `http://127.0.0.1:4711`. */
  origin: string;
  /** The path of every request. */
  asked: string[];
  /** Publishes JSON, or a text as it is. @returns its address */
  publish(path: string, body: unknown, headers?: Record<string, string>): string;
  /** @returns its address */
  answer(path: string, listener: RequestListener): string;
  close(): Promise<void>;
}

export async function stranger(): Promise<Stranger> {
  const asked: string[] = [];
  const answers = new Map<string, RequestListener>();
  const http = createServer((request, response) => {
    asked.push(request.url ?? "");
    const answer = answers.get(request.url ?? "");
    if (answer) answer(request, response);
    else response.writeHead(404).end("nothing here");
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const answer: Stranger["answer"] = (path, listener) => {
    answers.set(path, listener);
    return origin + path;
  };
  async function close(): Promise<void> {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  }
  return {
    origin,
    asked,
    answer,
    publish: (path, body, headers = {}) =>
      answer(path, (_, response) => {
        const text = typeof body === "string" ? body : JSON.stringify(body);
        response.writeHead(200, { "content-type": "application/json", ...headers }).end(text);
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Real requests, to this computer too, without a budget: its clock runs ahead. */
export function looseOutbound(options: Partial<OutboundOptions> = {}): Outbound {
  let ms = 0;
  const now = () => {
    ms += 60_000;
    return ms;
  };
  return createOutbound({ allow_private_fetch: true, timeout: 1000, now, ...options });
}
