/** A message bus that accepts connections and never answers: the keychain behind it hangs. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { stateHome } from "./scene.ts";

export interface HangingBus {
  /** What `DBUS_SESSION_BUS_ADDRESS` has to be. */
  address: string;
  /** How often it was asked. */
  connections(): number;
}

export async function hangingBus(t: TestContext): Promise<HangingBus> {
  const path = join(stateHome(), "bus");
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    open.add(socket);
    socket.on("error", () => {});
  });
  server.listen(path);
  await once(server, "listening");
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { address: `unix:path=${path}`, connections: () => connections };
}
