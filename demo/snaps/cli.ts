/** `npm run -s snaps -- ls`: the command-line tool of Snaps, at the demo that runs here. */
import { parseArgs } from "node:util";
import { AuthError } from "../../src/sdk/client/terminal/terminal.ts";
import { PORTS } from "../ports.ts";
import { HELP, runTool } from "./tool.ts";

try {
  const { values, positionals } = parseArgs({
    options: {
      port: { type: "string", default: String(PORTS.server) },
      requests: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
    allowPositionals: true,
  });
  const port = Number(values.port);
  const urls = { server: `http://localhost:${port}`, snaps: `http://127.0.0.1:${port + 1}` };
  const watching = values.requests ? { onRequest: (line: string) => console.error(line) } : {};
  console.log(values.help ? HELP : await runTool(positionals, { urls, ...watching }));
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const isUsage = error instanceof TypeError && "code" in error;
  // Without a connection, fetch throws a TypeError with a cause.
  const isDown =
    (error instanceof AuthError && error.code === "issuer_unreachable") ||
    (error instanceof TypeError && error.cause !== undefined);
  const more = isUsage ? `\n\n${HELP}` : isDown ? "\nIs the demo running? npm start" : "";
  console.error(`${error.message}${more}`);
  process.exitCode = error instanceof AuthError && error.code === "cancelled" ? 130 : 1;
}
