/**
 * Requests that are sent ahead, before the answers before them were read. Node answers all that arrive at once, and
 * keeps what nobody reads: one connection could make it hold thousands of pages.
 */
import type { RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Answers that may wait on one connection behind another one: hardly any client sends ahead at all. */
const MOST_WAITING = 16;
/** Milliseconds without a byte in either direction: longer than a request may take, which is told apart by 408. */
const UNREAD_TIMEOUT = 65_000;

/** A connection that sends too much ahead is cut. */
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
    // A response gets its connection when the one before it is done: almost always, that is now.
    if (response.socket !== null || mayWait(request.socket, response)) listener(request, response);
  };
}

/** A client that reads nothing for a minute is cut off: TCP by itself would wait for ever. */
export function endUnread(server: Server): void {
  server.timeout = UNREAD_TIMEOUT;
}
