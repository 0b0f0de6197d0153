/** Peers that hang: they connect, and then misbehave in one way for ever. */
import { connect, type Socket } from "node:net";

export type Fault = "silent" | "half_head" | "slow_body" | "never_reads" | "sends_ahead";

export interface Hanging {
  destroy(): void;
}

const HEAD = "POST /token HTTP/1.1\r\nhost: drill\r\n";
const FORM = "content-type: application/x-www-form-urlencoded\r\ncontent-length: 60000\r\n\r\n";
/** Requests that are sent in one piece: a few, and far too many. */
const ASKED = { never_reads: 10, sends_ahead: 2000 };

export function hang(port: number, fault: Fault, path = "/jwks"): Hanging {
  const socket = connect({ port, host: "127.0.0.1" });
  let timer: NodeJS.Timeout | null = null;
  socket.on("error", () => {});
  socket.on("close", () => {
    if (timer) clearInterval(timer);
  });
  // A peer that reads nothing does not see the end of its connection either.
  const reads = fault !== "never_reads" && fault !== "sends_ahead";
  if (reads) socket.resume();
  socket.on("connect", () => {
    timer = misbehave(socket, fault, path);
  });
  return { destroy: () => socket.destroy() };
}

function misbehave(socket: Socket, fault: Fault, path: string): NodeJS.Timeout | null {
  switch (fault) {
    case "silent":
      return null;
    case "half_head":
      socket.write(HEAD);
      return null;
    case "slow_body":
      socket.write(HEAD + FORM);
      return setInterval(() => socket.write("a"), 1000);
    case "never_reads":
    case "sends_ahead":
      socket.write(`GET ${path} HTTP/1.1\r\nhost: drill\r\n\r\n`.repeat(ASKED[fault]));
      return null;
  }
}
