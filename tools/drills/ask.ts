/** Plain requests of an app. An unanswered request is an error with its reason. */
import { Agent, type IncomingHttpHeaders, request } from "node:http";

export interface Ask {
  path: string;
  form?: Record<string, string>;
  authorization?: string;
  cookie?: string;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  ms: number;
}

/** No answer, or not a complete one: it is unknown whether the request had an effect. */
export class Unanswered extends Error {
  override readonly name = "Unanswered";
}

export interface Wire {
  ask(ask: Ask): Promise<Answer>;
  close(): void;
}

/** Milliseconds after which a request counts as hanging. */
const TIMEOUT = 30_000;

export function wire(origin: string, { keep_alive = true, timeout = TIMEOUT } = {}): Wire {
  const agent = new Agent({ keepAlive: keep_alive, maxSockets: 256 });
  return {
    ask: (one) => send(origin, one, { agent, timeout }),
    close: () => agent.destroy(),
  };
}

function send(
  origin: string,
  { path, form, authorization, cookie }: Ask,
  { agent, timeout }: { agent: Agent; timeout: number },
): Promise<Answer> {
  const body = form === undefined ? "" : new URLSearchParams(form).toString();
  const headers = {
    ...(form && { "content-type": "application/x-www-form-urlencoded" }),
    ...(form && { "content-length": Buffer.byteLength(body) }),
    ...(authorization !== undefined && { authorization }),
    ...(cookie !== undefined && { cookie }),
  };
  const method = form ? "POST" : "GET";
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => reject(new Unanswered(cause.message, { cause }));
    const sent = request(origin + path, { method, headers, agent }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (text += chunk));
      response.on("error", fail);
      response.on("end", () => {
        clearTimeout(late);
        const { statusCode: status = 0 } = response;
        resolve({ status, headers: response.headers, body: text, ms: performance.now() - began });
      });
    });
    const late = setTimeout(() => sent.destroy(new Error("timed out")), timeout);
    sent.on("error", (error) => {
      clearTimeout(late);
      fail(error);
    });
    sent.end(body);
  });
}
