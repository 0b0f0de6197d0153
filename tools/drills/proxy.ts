/**
 * A TCP proxy between two processes that can delay, stall, cut or inspect connections, or distribute them over several
 * targets.
 */
import { connect, createServer, type Socket } from "node:net";

export interface Wiretap {
  readonly port: number;
  /** Milliseconds of delay in each direction. */
  delay_ms: number;
  /** Connections stay open, and no data passes. */
  stalled: boolean;
  /** Inspects data from the target. False: neither this nor later data is passed on. */
  tap: ((chunk: Buffer) => boolean) | null;
  /** Connections that no target accepted. */
  refused: number;
  cut(): void;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** Ports to try for a new connection, in this order. */
  targets(): readonly number[];
  /** 0: any. */
  port?: number;
}

export async function startProxy({ targets, port = 0 }: ProxyOptions): Promise<Wiretap> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    keep(client);
    reach(targets(), keep).then(
      (upstream) => {
        client.on("close", () => upstream.destroy());
        upstream.on("close", () => client.end());
        pass({ from: client, to: upstream, proxy });
        pass({ from: upstream, to: client, proxy, tapped: true });
      },
      () => {
        proxy.refused += 1;
        client.destroy();
      },
    );
  });
  function keep(socket: Socket): void {
    sockets.add(socket);
    // Broken connections are the purpose of this proxy.
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  }
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const proxy: Wiretap = {
    port: typeof address === "object" && address ? address.port : 0,
    delay_ms: 0,
    stalled: false,
    tap: null,
    refused: 0,
    cut,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
  return proxy;
}

async function reach(ports: readonly number[], keep: (socket: Socket) => void): Promise<Socket> {
  for (const port of ports) {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    keep(socket);
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    if (isOpen) return socket;
  }
  throw new Error("nobody is there");
}

interface Direction {
  from: Socket;
  to: Socket;
  proxy: Wiretap;
  tapped?: boolean;
}

function pass({ from, to, proxy, tapped = false }: Direction): void {
  let due = 0;
  let ended = false;
  from.on("data", (chunk: Buffer) => {
    if (ended || proxy.stalled) return;
    if (tapped && proxy.tap && !proxy.tap(chunk)) {
      ended = true;
      return;
    }
    const now = performance.now();
    // In order, even when the delay has just been shortened.
    due = Math.max(due, now + proxy.delay_ms);
    if (due <= now) to.write(chunk);
    else setTimeout(() => !to.destroyed && to.write(chunk), due - now);
  });
}
