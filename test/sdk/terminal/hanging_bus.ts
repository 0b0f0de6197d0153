/** A message bus that accepts connections and never answers: the keychain behind it hangs. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { stateHome } from "./scene.ts";

/** @returns what `DBUS_SESSION_BUS_ADDRESS` has to be */
export async function hangingBus(t: TestContext): Promise<string> {
  const path = join(stateHome(), "bus");
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {});
  });
  server.listen(path);
  await once(server, "listening");
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return `unix:path=${path}`;
}
