/** Two workers on one SQLite file and the process that writes for both; they exchange text, as real workers do. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProcessRole } from "../../src/authorization_server.ts";
import type { Config } from "../../src/config.ts";
import { openForPrimary, openForWorker } from "../../src/store/open_shared.ts";
import type { SqlDriver } from "../../src/store/sql/driver.ts";
import { remoteWriter, writerFor } from "../../src/store/sqlite/writer_channel.ts";
import { START, type TestServer, testServer } from "./server.ts";

/**
 * All in one process, so that tests set the clock. The pair's own additions and changes go through a worker.
 * @param asks is told each database operation and the process that asks for it
 */
export async function twoWorkers(
  asks: (who: "primary" | "worker", operation: string) => void = () => {},
  config: Config = {},
): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-workers-"));
  const database = `sqlite:${join(folder, "valetkey.sqlite")}`;
  let time = START;
  const clock = () => time * 1000;
  const watchOf = (who: "primary" | "worker") => (operation: string) => {
    asks(who, operation);
    return null;
  };
  const writes = Promise.withResolvers<SqlDriver["writeAll"]>();
  const primary = await testServer(
    { ...config, database },
    {
      clock,
      store_watches: [watchOf("primary")],
      role: {
        keeps_house: true,
        workers: 2,
        open(full, given) {
          const { writeAll, ...opened } = openForPrimary(full, given);
          writes.resolve(writeAll);
          return opened;
        },
      },
    },
  );
  const role = workerRole(await writes.promise);
  const workers = await Promise.all(
    [1, 2].map(() =>
      testServer(
        { ...config, database },
        { clock, role: role(), store_watches: [watchOf("worker")] },
      ),
    ),
  );
  const [first = primary] = workers;
  let turn = 0;
  const close = async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await primary.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    ...first,
    advance(seconds) {
      time += seconds;
    },
    fetch(request, peer) {
      turn = (turn + 1) % workers.length;
      return (workers[turn] ?? first).fetch(request, peer);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const workerRole = (writeAll: SqlDriver["writeAll"]) => (): ProcessRole => {
  const sent = <T>(message: T, to: (message: T) => void): void => {
    const text = JSON.stringify(message);
    setImmediate(() => to(JSON.parse(text)));
  };
  const write = writerFor(writeAll, (message) => sent(message, writer.heard));
  const writer = remoteWriter((message) => sent(message, write));
  return {
    keeps_house: false,
    workers: 2,
    open: (config, given) => openForWorker(config, given, { writer, workers: 2 }),
  };
};
