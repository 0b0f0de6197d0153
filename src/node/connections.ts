/**
 * One process accepts connections and passes them to the others in turn. So a few long-lived connections are spread
 * evenly, and one on its way to a process that ended goes to another. (Neither holds for `node:cluster`.)
 */
import { createServer, type Socket } from "node:net";
import { type ListenAddress, type Listening, listenOn } from "./listen.ts";

/** A process that takes connections. */
export interface Taker {
  take(id: number, socket: Socket): void;
}

/** Connections on their way to one process. More mean that it is busy with something else. */
const MOST_ON_THE_WAY = 64;
/** Connections that wait while no process is ready; further ones are closed. */
const MOST_WAITING = 1000;

/** Bytes that are read here would be lost to the process that takes the connection. */
const UNREAD = { pauseOnConnect: true };

export interface Connections {
  /** @throws ListenError */
  listen(at: ListenAddress): Promise<Listening>;
  /** Passes connections to it from now on. */
  join(taker: Taker): void;
  /** It has taken this connection, and owns it from now on. */
  taken(taker: Taker, id: number): void;
  /** Passes the connections that it has not taken to others. */
  leave(taker: Taker): void;
  /** Takes no new connections. */
  close(): void;
}

export function acceptConnections(): Connections {
  const takers = new Map<Taker, Map<number, Socket>>();
  let waiting: Socket[] = [];
  let count = 0;
  let closed = false;
  let listening: Listening | null = null;
  const server = createServer(UNREAD, accept);

  function accept(socket: Socket): void {
    // The process that takes the connection notices if the client has gone meanwhile.
    socket.on("error", () => {});
    hand(socket);
  }

  function hand(socket: Socket): void {
    for (const [taker, under_way] of takers) {
      if (under_way.size >= MOST_ON_THE_WAY) continue;
      // It moves to the end of the queue.
      takers.delete(taker);
      takers.set(taker, under_way);
      count += 1;
      under_way.set(count, socket);
      taker.take(count, socket);
      return;
    }
    if (waiting.length < MOST_WAITING && !closed) waiting.push(socket);
    else socket.destroy();
  }

  function handWaiting(): void {
    const sockets = waiting;
    waiting = [];
    for (const socket of sockets) hand(socket);
  }

  return {
    async listen(at) {
      listening = await listenOn(server, at, UNREAD);
      return listening;
    },
    join(taker) {
      takers.set(taker, new Map());
      handWaiting();
    },
    taken(taker, id) {
      const under_way = takers.get(taker);
      // The other process keeps its end of the connection open.
      under_way?.get(id)?.destroy();
      under_way?.delete(id);
      if (waiting.length > 0) handWaiting();
    },
    leave(taker) {
      const under_way = takers.get(taker);
      takers.delete(taker);
      for (const socket of under_way?.values() ?? []) hand(socket);
    },
    close() {
      closed = true;
      listening?.stop();
      for (const socket of waiting) socket.destroy();
      waiting = [];
    },
  };
}
