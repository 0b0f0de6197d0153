/** A TLS proxy in front of a server, which can be told to make one mistake. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type IncomingMessage, request as requestPlain } from "node:http";
import { createServer } from "node:https";
import { text } from "node:stream/consumers";

export type Certificate = "good" | "expired" | "other" | "alone" | "self-signed";

export interface Passed {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** The mistake of the proxy; none at first. */
export interface Mistake {
  certificate?: Certificate;
  /** Changes the headers of requests to the server. */
  sends?: (headers: Passed["headers"], asked: IncomingMessage) => void;
  /** Changes the server's responses. */
  answers?: (answer: Passed, asked: IncomingMessage) => void;
}

export interface TestProxy {
  issuer: string;
  /** Sets the port that later requests go to. */
  leadTo(port: number): void;
  make(mistake: Mistake): void;
  close(): Promise<void>;
}

const NAMES = "test/vectors/tls/names";
/** The certificate authority that the tests trust. */
export const AUTHORITY = `${NAMES}/ca.crt`;

function pairOf(certificate: Certificate) {
  const [cert, key] =
    certificate === "self-signed"
      ? ["test/vectors/tls/one.crt", "test/vectors/tls/one.key"]
      : [`${NAMES}/${certificate}.crt`, `${NAMES}/leaf.key`];
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

export async function startProxy(): Promise<TestProxy> {
  let to = 0;
  let mistake: Mistake = {};
  const server = createServer(pairOf("good"), async (asked, answer) => {
    try {
      const { status, headers, body } = await pass(asked);
      answer.writeHead(status, withoutNothing(headers)).end(body);
    } catch {
      answer.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad Gateway</h1>");
    }
  });

  async function pass(asked: IncomingMessage): Promise<Passed> {
    const { headers, method, url, socket } = asked;
    const sent: Passed["headers"] = {
      ...headers,
      "x-forwarded-proto": "https",
      "x-forwarded-host": headers.host,
      "x-forwarded-for": [headers["x-forwarded-for"], socket.remoteAddress]
        .filter(Boolean)
        .join(", "),
    };
    mistake.sends?.(sent, asked);
    const options = { port: to, method, path: url, headers: withoutNothing(sent) };
    const forwarded = requestPlain(options).end(await text(asked));
    const [response]: IncomingMessage[] = await once(forwarded, "response");
    if (!response) throw new Error("no response");
    const passed: Passed = {
      status: response.statusCode ?? 0,
      headers: { ...response.headers, "content-length": undefined },
      body: await text(response),
    };
    mistake.answers?.(passed, asked);
    return passed;
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    issuer: `https://127.0.0.1:${port}`,
    leadTo(port) {
      to = port;
    },
    make(next) {
      mistake = next;
      server.setSecureContext(pairOf(next.certificate ?? "good"));
      server.closeIdleConnections();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const withoutNothing = (headers: Passed["headers"]): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(headers).filter(
      (each): each is [string, string | string[]] => each[1] !== undefined,
    ),
  );
