/**
 * Sends one HTTP request, as a stranger would. It follows no redirect. A wrong certificate is a finding of its own
 * (`inspect_tls.ts`) and does not stop other checks, since no request carries a secret.
 */
import { Agent, type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestTls, Agent as TlsAgent } from "node:https";

export interface Answer {
  readonly status: number;
  /** Names in lower case; a header that came twice has two values. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
  readonly body: string;
  /** The time halfway between request and response, by the clock of this computer; milliseconds since the epoch. */
  readonly at: number;
  /** The duration in milliseconds. */
  readonly ms: number;
}
export interface Silence {
  /** Why there was no answer, in a few words. */
  readonly silence: string;
}
export type Reply = Answer | Silence;

export interface Question {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}
export type Ask = (url: string, question?: Question) => Promise<Reply>;

/** Milliseconds for request and response together. */
const PATIENCE = 10_000;
/** Bytes of a response: those of Valetkey are shorter, and others have to be bounded. */
const LONGEST = 1_000_000;
/** Concurrent requests: several for speed, but too few for limits on connections. */
const AT_ONCE = 4;

export const isAnswer = (reply: Reply): reply is Answer => "status" in reply;

/** Whether the endpoint itself answers, with any result, and not a server that does not know the path. */
export const isThere = (reply: Reply): boolean =>
  isAnswer(reply) && reply.status < 500 && ![403, 404, 405].includes(reply.status);

/** Null when the header is absent. Repeated ones are joined, as browsers do. */
export const headerOf = ({ headers }: Answer, name: string): string | null =>
  headers[name]?.join(", ") ?? null;

/** The reply in words: `404 with text/html`, or why there was none. */
export function describeReply(reply: Reply): string {
  if (!isAnswer(reply)) return reply.silence;
  const [type] = (headerOf(reply, "content-type") ?? "").split(";");
  return type ? `${reply.status} with ${type}` : String(reply.status);
}

export function asker(patience = PATIENCE): { ask: Ask; close(): void } {
  const options = { keepAlive: true, maxSockets: AT_ONCE };
  const plain = new Agent(options);
  const tls = new TlsAgent({ ...options, rejectUnauthorized: false });
  return {
    async ask(url, question = {}) {
      const agent = url.startsWith("https:") ? tls : plain;
      const began = Date.now();
      const signal = AbortSignal.timeout(patience);
      try {
        const message = await send(url, question, { agent, signal });
        const body = await readBody(message);
        const ms = Date.now() - began;
        const { statusCode: status = 0, headersDistinct: headers } = message;
        return { status, headers, body, at: began + ms / 2, ms };
      } catch (error) {
        // In the middle of a response, a time-out shows as a connection that was cut.
        return { silence: explainSilence(signal.aborted ? signal.reason : error, patience) };
      }
    },
    close() {
      plain.destroy();
      tls.destroy();
    },
  };
}

function send(
  url: string,
  { method = "GET", headers = {}, body = "" }: Question,
  how: { agent: Agent; signal: AbortSignal },
): Promise<IncomingMessage> {
  const start = url.startsWith("https:") ? requestTls : requestPlain;
  const length = method === "GET" ? {} : { "content-length": String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    start(url, { ...how, method, headers: { ...headers, ...length } }, resolve)
      .on("error", reject)
      .end(body);
  });
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > LONGEST) throw new Error("the answer does not end");
  }
  return Buffer.concat(chunks).toString("utf8");
}

const SILENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there (connection refused)",
  ENOTFOUND: "the name is not known (DNS)",
  EAI_AGAIN: "the name could not be looked up (DNS)",
  ECONNRESET: "the connection was cut",
  EHOSTUNREACH: "it can't be reached (host unreachable)",
  ENETUNREACH: "it can't be reached (network unreachable)",
  EPROTO: "it does not speak TLS there",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS there",
  HPE_INVALID_CONSTANT: "it does not speak HTTP there",
};

/** If a name has several addresses, the error code may be in one of several errors. */
export function explainSilence(error: unknown, patience: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError" || error.name === "AbortError")
    return `no answer within ${patience / 1000} s`;
  const code = "code" in error ? String(error.code) : "";
  return SILENCES[code] ?? (error.message || code);
}
