/** One connection to a server, kept open, with one request on it at a time. */
import { once } from "node:events";
import { connect } from "node:net";

export interface Connection {
  /** @returns the whole answer, head and body */
  exchange(request: string): Promise<string>;
  close(): void;
}

/** @param from the loopback address that it comes from; Linux has a whole network of them */
export async function openConnection(port: number, from = "127.0.0.1"): Promise<Connection> {
  const to = { port, host: "127.0.0.1", localAddress: from, noDelay: true };
  const socket = connect(to).setEncoding("latin1");
  let text = "";
  let pending = Promise.withResolvers<string>();
  // It may break while idle: the next request then fails.
  pending.promise.catch(() => {});
  socket.on("error", (error) => pending.reject(error));
  socket.on("end", () => pending.reject(new Error("the server closed the connection")));
  socket.on("data", (chunk) => {
    text += chunk;
    if (isComplete(text)) pending.resolve(text);
  });
  await once(socket, "connect");
  return {
    exchange(request) {
      text = "";
      pending = Promise.withResolvers<string>();
      socket.write(request, "latin1");
      return pending.promise;
    },
    close: () => socket.destroy(),
  };
}

function isComplete(text: string): boolean {
  const head = text.indexOf("\r\n\r\n");
  if (head < 0) return false;
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(text) ?? [];
  if (length !== undefined) return text.length >= head + 4 + Number(length);
  // Every server here sends Content-Length, except for responses without a body.
  if (/\r\ntransfer-encoding:/i.test(text)) throw new Error("an answer without a length");
  return true;
}
