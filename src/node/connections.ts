/**
 * Connections are accepted in one process and handed to the others in turn: a few that stay open are spread evenly, and
 * one that was on its way to a process that ended goes to another. (Neither holds for `node:cluster`.)
 */
import { createServer, type Socket } from "node:net";
import { type ListenAddress, type Listening, listenOn } from "./listen.ts";

/** A process that can be handed a connection. */
export interface Taker {
  take(id: number, socket: Socket): void;
}

/** More that are on their way to one process mean that it is busy with something else. */
const MOST_ON_THE_WAY = 64;
/** So many connections wait while no process is ready; the next ones are closed. */
const MOST_WAITING = 1000;

/** Bytes that are read here would be lost to the process that is handed the connection. */
const UNREAD = { pauseOnConnect: true };

export interface Connections {
  /** @throws ListenError */
  listen(at: ListenAddress): Promise<Listening>;
  /** From now on it is handed connections. */
  join(taker: Taker): void;
  /** It has taken this one, which is its own from now on. */
  taken(taker: Taker, id: number): void;
  /** Connections that it has not taken go to others. */
  leave(taker: Taker): void;
  /** No new ones. */
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
    // The process that takes it notices a visitor who has gone meanwhile.
    socket.on("error", () => {});
    hand(socket);
  }

  function hand(socket: Socket): void {
    for (const [taker, under_way] of takers) {
      if (under_way.size >= MOST_ON_THE_WAY) continue;
      // To the end of the row.
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
      // Its end of the connection stays open.
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
