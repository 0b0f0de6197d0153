/** `/metrics`, on a port of its own, since its content, such as the use of each app, is not public. */
import { createServer, type RequestListener } from "node:http";
import { HTTP_CONNECTIONS, type ListenAddress, listenOn } from "./listen.ts";
import { boundedPipelines, endUnread } from "./pipelining.ts";

export interface MetricsListener {
  /** Such as `http://127.0.0.1:9464/metrics`. */
  readonly address: string;
  close(): void;
}

/**
 * @param render returns the response, in the text format of Prometheus
 * @throws ListenError
 */
export async function listenForMetrics(
  at: ListenAddress,
  render: () => Promise<{ type: string; text: string }>,
): Promise<MetricsListener> {
  const listener: RequestListener = (request, response) => {
    const answer = (status: number, type: string, body: string): void => {
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
      response.end(body);
    };
    const wanted = request.method === "GET" && request.url?.split("?")[0] === "/metrics";
    if (!wanted) return answer(404, "text/plain", "only GET /metrics is here\n");
    render().then(
      ({ type, text }) => answer(200, type, text),
      () => answer(500, "text/plain", "could not be counted\n"),
    );
  };
  // Rendering takes milliseconds, and no scraper sends two requests at once.
  const server = createServer(boundedPipelines(listener, 0));
  endUnread(server);
  const { authority, stop } = await listenOn(server, at, HTTP_CONNECTIONS);
  return {
    address: `http://${authority}/metrics`,
    close() {
      stop();
      server.closeAllConnections();
    },
  };
}
