/** `valetkey demo` */
import type { Command } from "commander";
import { PORTS } from "../../demo/ports.ts";
import { type CommonFlags, complete, parsePort } from "./command.ts";
import { print, printJson, warn } from "./output.ts";
import { stopSignal } from "./signal.ts";

interface DemoFlags extends CommonFlags {
  port: number;
  reset?: boolean;
}

export function declareDemo(command: Command): void {
  command
    .description(
      "Run a server, Snaps (an API with a person's photos) and Printly (a shop that prints them).\n" +
        "The server keeps its data in the folder .valetkey (.valetkey-PORT on other ports), also after a restart.",
    )
    .option(
      "--port <number>",
      "of the server; Snaps and Printly take the next two",
      parsePort,
      PORTS.server,
    )
    .option("--reset", "forget what was before");
  complete<DemoFlags>(command, ["valetkey demo", "valetkey demo --reset --port 5000"], demo);
}

async function demo({ port, reset = false, json = false, database, config }: DemoFlags) {
  if (database ?? config) warn("the demo has a database and settings of its own, in .valetkey");
  const stopping = stopSignal();
  const { runDemo } = await import("../../demo/demo.ts");
  const ports = { server: port, snaps: port && port + 1, printly: port && port + 2 };
  const running = await runDemo({
    ports,
    reset,
    colour: process.stdout.isTTY,
    ...(!json && { log: print }),
  });
  const { urls, account } = running;
  if (json) printJson({ urls, account });
  await stopping;
  await running.close();
}
