import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

const PROGRAM = `
  import { stopSignal } from ${JSON.stringify(new URL("./signal.ts", import.meta.url).href)};
  setInterval(() => {}, 1000);
  const stopping = stopSignal();
  console.log("waiting");
  console.log(await stopping);
`;

test("the first signal is passed to the program, a second one ends the process", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM]);
    assert.match(String(await once(child.stdout, "data")), /waiting/);
    child.kill(signal);
    assert.equal(String(await once(child.stdout, "data")), `${signal}\n`);
    const ended = once(child, "exit");
    child.kill(signal);
    assert.deepEqual(await ended, [1, null]);
  }
});
