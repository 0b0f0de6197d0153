/**
 * Bounds pipelining: requests that a client sends before it has read earlier responses. Node answers all of them at
 * once and buffers unread responses, so that one connection could make it hold thousands of pages.
 */
import type { RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Responses that may wait behind another one on a connection. Hardly any client uses pipelining. */
const MOST_WAITING = 16;
/** Milliseconds without a byte in either direction: longer than a request may take, which ends with 408. */
const UNREAD_TIMEOUT = 65_000;

/** Cuts connections with too many pipelined requests. */
export function boundedPipelines(
  listener: RequestListener,
  most_waiting: number = MOST_WAITING,
): RequestListener {
  const waiting = new WeakMap<Socket, number>();

  function mayWait(socket: Socket, response: ServerResponse): boolean {
    const count = (waiting.get(socket) ?? 0) + 1;
    if (socket.destroyed || count > most_waiting) {
      socket.destroy();
      return false;
    }
    waiting.set(socket, count);
    response.once("close", () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    return true;
  }

  return (request, response) => {
    // A response gets its connection when the one before it is done: almost always at once.
    if (response.socket !== null || mayWait(request.socket, response)) listener(request, response);
  };
}

/** Cuts off a client that reads nothing for a minute: TCP itself would wait for ever. */
export function endUnread(server: Server): void {
  server.timeout = UNREAD_TIMEOUT;
}
