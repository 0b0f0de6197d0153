/** A network before a database: it counts what is asked, and can delay, change, lose or cut it. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface PostgresProxy extends AsyncDisposable {
  /** The address of the database, by way of the proxy. */
  url: string;
  /** Pieces that came from clients since `asked` was last set. */
  asked: number;
  /** Milliseconds that each answer is late. */
  delay: number;
  /** Everything is lost from now on, and connections stay open. */
  silence(): void;
  answer(): void;
  /** Milliseconds after which a connection that asked into the silence is cut; null: never. */
  cut_after: number | null;
  /** Called with each piece from a client; the returned text replaces it. */
  change: (piece: string) => string;
  /** Cuts the connection when the next answer with this text arrives, which is lost. */
  cutAt(text: string): void;
}

export async function postgresProxy(url: string): Promise<PostgresProxy> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let is_silent = false;
  let cut_at: string | null = null;
  const join = (from: Socket, to: Socket): void => {
    from.setNoDelay(true);
    from.on("error", () => {});
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
    sockets.add(from);
  };
  const ask = (bytes: Buffer, upstream: Socket): void => {
    proxy.asked += 1;
    const text = bytes.toString("latin1");
    if (is_silent && proxy.cut_after !== null)
      setTimeout(() => upstream.destroy(), proxy.cut_after);
    if (!is_silent) upstream.write(Buffer.from(proxy.change(text), "latin1"));
  };
  const answer = async (bytes: Buffer, client: Socket): Promise<void> => {
    if (cut_at !== null && bytes.includes(cut_at)) {
      cut_at = null;
      client.destroy();
    }
    if (proxy.delay > 0) await sleep(proxy.delay);
    if (!is_silent) client.write(bytes);
  };
  const server: Server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    join(client, upstream);
    join(upstream, client);
    client.on("data", (bytes: Buffer) => ask(bytes, upstream));
    upstream.on("data", (bytes: Buffer) => void answer(bytes, client));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const own = String(typeof address === "object" ? address?.port : "");
  const proxy: PostgresProxy = {
    url: Object.assign(new URL(url), { port: own }).href,
    asked: 0,
    delay: 0,
    silence() {
      is_silent = true;
    },
    answer() {
      is_silent = false;
    },
    cut_after: null,
    change: (piece) => piece,
    cutAt(text) {
      cut_at = text;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  return proxy;
}
