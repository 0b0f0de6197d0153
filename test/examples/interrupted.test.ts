/** `npm run example`, ended before the example runs. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

const folder = mkdtempSync(join(tmpdir(), "valetkey-interrupted-"));
after(() => rmSync(folder, { recursive: true }));
const projects = () => readdirSync(folder).filter((name) => name.startsWith("valetkey-project-"));

test("Ctrl-C during the installation leaves no folder behind", async () => {
  const child = spawn(process.execPath, ["tools/example.ts", "api"], {
    ...{ detached: true, stdio: ["ignore", "pipe", "inherit"] },
    env: { ...process.env, TMPDIR: folder },
  });
  let output = "";
  child.stdout.on("data", (text) => (output += text));
  while (projects().length === 0) await sleep(20);
  // npm has begun by now, and takes seconds.
  await sleep(500);
  assert.ok(child.pid);
  // As a terminal does, to npm too.
  process.kill(-child.pid, "SIGINT");
  const [code] = await once(child, "exit");
  assert.equal(code, 130);
  assert.deepEqual(projects(), []);
  assert.doesNotMatch(output, /Runs in/);
});
