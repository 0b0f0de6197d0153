/** A process that refreshes a session again and again: one of several that share it. */

import type { TerminalOptions } from "../../../src/sdk/client/terminal/options.ts";
import { openSession } from "../../../src/sdk/client/terminal/terminal.ts";
import { AuthError } from "../../../src/sdk/errors.ts";

const { times, ...options }: TerminalOptions & { times: number } = JSON.parse(
  process.argv[2] ?? "{}",
);
let refreshed = 0;
try {
  // As often as commands are run: each reads the file anew.
  for (; refreshed < times; refreshed += 1) {
    const session = await openSession(options);
    if (!session) throw new Error("there is no session");
    await session.token({ minimumLife: 100_000 });
  }
  console.log(JSON.stringify({ refreshed }));
} catch (error) {
  console.log(
    JSON.stringify({ refreshed, error: String(error), is_ours: error instanceof AuthError }),
  );
  process.exitCode = 1;
}
