/** An app behind a real socket, on a port of its own. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { sendAnswer, webRequest } from "../../../src/sdk/client/web/node_message.ts";

export interface Listening extends AsyncDisposable {
  /** http://127.0.0.1 with its port. */
  origin: string;
  /** From now on, this answers. */
  serve(app: RequestListener | ((request: Request) => Promise<Response>)): void;
}

export async function listening(): Promise<Listening> {
  const http = createServer();
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    serve(app) {
      http.removeAllListeners("request");
      http.on(
        "request",
        app.length >= 2 ? app : web(app as (request: Request) => Promise<Response>),
      );
    },
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

const web =
  (app: (request: Request) => Promise<Response>): RequestListener =>
  (incoming, outgoing) => {
    app(webRequest(incoming)).then(
      (answer) => sendAnswer(answer, outgoing),
      (error) => outgoing.writeHead(500).end(String(error)),
    );
  };
