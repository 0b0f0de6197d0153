/** `/metrics`, on a port of its own, since its content, such as the use of each app, is not public. */
import { createServer, type RequestListener } from "node:http";
import { isIP } from "node:net";
import { HTTP_CONNECTIONS, type ListenAddress, listenOn } from "./listen.ts";
import { boundedPipelines, endUnread } from "./pipelining.ts";

export interface MetricsListener {
  /** Such as `http://127.0.0.1:9464/metrics`. */
  readonly address: string;
  close(): void;
}

/**
 * Browsers on this machine reach a loopback address too. A page whose own name is made to lead there (DNS rebinding) would
 * be allowed to read the answer; it can't send another name than its own.
 */
function isNamedLocally(host: string | undefined): boolean {
  // Browsers always send it.
  if (host === undefined) return true;
  const { hostname = "" } = URL.parse(`http://${host}`) ?? {};
  return hostname === "localhost" || isIP(hostname.replace(/^\[(.*)\]$/, "$1")) !== 0;
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);

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
    if (isLoopback(at.host) && !isNamedLocally(request.headers.host))
      return answer(421, "text/plain", "ask under an IP address or localhost\n");
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
