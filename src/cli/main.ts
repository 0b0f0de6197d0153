#!/usr/bin/env node
/** The `valetkey` command. It checks the version of node before it loads anything. */
const OLDEST_NODE = 24;
if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  process.stderr.write(
    `error: valetkey needs Node ${OLDEST_NODE} or newer, and this is ${process.version}\n` +
      "hint: get it from https://nodejs.org, or let npm bring it: npx -p node@26 -p valetkey valetkey\n",
  );
  process.exit(1);
}

const { prepareRuntime } = await import("./runtime.ts");
prepareRuntime();

const { run } = await import("./program.ts");
process.exitCode = await run(process.argv.slice(2));

export {};
