/** A message bus that accepts connections and never answers: the keychain behind it hangs. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { stateHome, until } from "./scene.ts";

export interface HangingBus {
  /** What `DBUS_SESSION_BUS_ADDRESS` has to be. */
  address: string;
  /** How often it was asked. */
  connections(): number;
  /** Waits until somebody asks, or until nobody waits for an answer any more. */
  isAsked(): Promise<void>;
  isLeft(): Promise<void>;
  /** Ends all connections. */
  hangUp(): void;
}

export async function hangingBus(t: TestContext): Promise<HangingBus> {
  const path = join(stateHome(), "bus");
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
    // Otherwise its end would not be seen.
    socket.resume();
  });
  server.listen(path);
  await once(server, "listening");
  const hangUp = (): void => {
    for (const socket of open) socket.destroy();
  };
  t.after(() => {
    hangUp();
    server.close();
  });
  return {
    ...{ address: `unix:path=${path}`, connections: () => connections, hangUp },
    isAsked: () => until(() => open.size > 0, "nobody asks the keychain"),
    isLeft: () => until(() => open.size === 0, "somebody still asks the keychain"),
  };
}
