/** Every command of package.json that takes arguments tells them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync("package.json", "utf8"),
);
/** They take no arguments. */
const BARE = new Set(["build", "format", "prepack", "check", "test:large"]);

for (const [name, command] of Object.entries(scripts)) {
  if (command.startsWith("node tools/setup") || BARE.has(name)) continue;
  test(`npm run ${name} -- --help has an example`, () => {
    const [program, ...args] = command.split(" ");
    assert.equal(program, "node");
    const help = execFileSync(process.execPath, [...args, "--help"], {
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: "--conditions=valetkey-source" },
    });
    assert.match(help, /^ *Examples?:/m);
  });
}
